namespace EfficientNetSharp.Weights.Formats;

/// <summary>Messages about foreign files that cannot be used.</summary>
internal static class WeightFault
{
    /// <summary>The file is not as its format says.</summary>
    public static InvalidInputException Damaged(string path, string what, Exception? inner = null) =>
        Unusable(path, what, "fetch or make it again", inner);

    /// <summary>The file cannot be used, with what to do instead.</summary>
    public static InvalidInputException Unusable(string path, string what, string advice, Exception? inner = null)
    {
        string message = $"'{path}' is not a usable weight file: {what}; {advice}.";
        return inner is null ? new InvalidInputException(message) : new InvalidInputException(message, inner);
    }
}
