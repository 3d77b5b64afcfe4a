namespace EfficientNetSharp.Architectures;

/// <summary>The rounding rules of compound scaling (tensorflow/tpu <c>efficientnet_model.py</c>).</summary>
internal static class Rounding
{
    /// <summary>Channels come in multiples of eight.</summary>
    public const int ChannelDivisor = 8;

    /// <summary>
    /// Channels times a width multiplier, to the nearest multiple of <paramref name="divisor"/>, at least one divisor, and one
    /// divisor more where rounding took over a tenth away, or over <paramref name="roundingLimit"/>.
    /// </summary>
    public static int Channels(double channels, double width = 1, int divisor = ChannelDivisor, double roundingLimit = 0.1)
    {
        if (width == 1 && channels == Math.Floor(channels) && (int)channels % divisor == 0) return (int)channels;
        double target = channels * width;
        int rounded = Math.Max(divisor, (int)(target + (divisor / 2.0)) / divisor * divisor);
        return rounded < (1 - roundingLimit) * target ? rounded + divisor : rounded;
    }

    /// <summary>Repeats times a depth multiplier, rounded up.</summary>
    public static int Repeats(int repeats, double depth = 1) => (int)Math.Ceiling(depth * repeats);
}
