namespace EfficientNetSharp.Cli.Support;

/// <summary>A bar of the line of progress.</summary>
internal static class ProgressBar
{
    private const int Max = 30;

    /// <summary>The bar and the share in per cent, such as <c>[####....]  50 %</c>.</summary>
    /// <param name="done">How much is done.</param>
    /// <param name="total">Of how much; above 0.</param>
    /// <param name="width">Characters of the bar; at most 30 are taken.</param>
    public static string Of(long done, long total, int width = Max)
    {
        double share = total <= 0 ? 1 : Math.Clamp((double)done / total, 0, 1);
        width = Math.Clamp(width, 1, Max);
        int filled = (int)(width * share);
        return $"[{new string('#', filled)}{new string('.', width - filled)}] {(int)(100 * share),3} %";
    }
}
