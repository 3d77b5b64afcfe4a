using EfficientNetSharp.Models;

namespace EfficientNetSharp.Imaging.Resampling;

/// <summary>The filters as functions of the distance from the centre, in output pixels when shrinking. All are even or nearly so.</summary>
internal static class ResampleFilter
{
    /// <summary>Distance beyond which the filter is zero.</summary>
    internal static double Support(Interpolation filter) => filter switch
    {
        Interpolation.Box => 0.5,
        Interpolation.Bilinear => 1,
        Interpolation.Bicubic => 2,
        Interpolation.Lanczos => 3,
        _ => throw new ArgumentOutOfRangeException(nameof(filter), filter, "No such filter."),
    };

    /// <summary>The filter's value.</summary>
    internal static double Weight(Interpolation filter, double x) => filter switch
    {
        // Half-open, so that a pixel on the border between two outputs counts for one of them.
        Interpolation.Box => x is > -0.5 and <= 0.5 ? 1 : 0,
        Interpolation.Bilinear => Math.Max(0, 1 - Math.Abs(x)),
        Interpolation.Bicubic => Cubic(Math.Abs(x)),
        Interpolation.Lanczos => x is >= -3 and < 3 ? Sinc(x) * Sinc(x / 3) : 0,
        _ => throw new ArgumentOutOfRangeException(nameof(filter), filter, "No such filter."),
    };

    /// <summary>The cubic convolution kernel of Keys (1981) with a = −0.5. The order of the operations decides the last bit.</summary>
    private static double Cubic(double x)
    {
        const double A = -0.5;
        if (x < 1) return (((((A + 2) * x) - (A + 3)) * x) * x) + 1;
        return x < 2 ? (((((x - 5) * x) + 8) * x) - 4) * A : 0;
    }

    private static double Sinc(double x)
    {
        if (x == 0) return 1;
        x *= Math.PI;
        return Math.Sin(x) / x;
    }
}
