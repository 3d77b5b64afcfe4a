namespace EfficientNetSharp.Architectures;

/// <summary>The rounding rules of compound scaling (tensorflow/tpu <c>efficientnet_model.py</c>).</summary>
public static class Rounding
{
    /// <summary>Channels come in multiples of eight.</summary>
    public const int ChannelDivisor = 8;

    /// <summary>
    /// Channels times a width multiplier, to the nearest multiple of <paramref name="divisor"/>, at least one divisor, and one
    /// divisor more where rounding took over 10 % away.
    /// </summary>
    public static int Channels(double channels, double width = 1, int divisor = ChannelDivisor)
    {
        if (width == 1 && channels == Math.Floor(channels) && (int)channels % divisor == 0) return (int)channels;
        double target = channels * width;
        int rounded = Math.Max(divisor, (int)(target + (divisor / 2.0)) / divisor * divisor);
        return rounded < 0.9 * target ? rounded + divisor : rounded;
    }

    /// <summary>Repeats times a depth multiplier, rounded up.</summary>
    public static int Repeats(int repeats, double depth = 1) => (int)Math.Ceiling(depth * repeats);
}
