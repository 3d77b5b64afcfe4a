namespace EfficientNetSharp.Architectures.Scaling;

/// <summary>
/// The multipliers of TinyNet-A to E, with depth and resolution read off between them by the logarithm of the cost d·w²·r², and the width
/// that the cost leaves.
/// </summary>
internal static class TinyNetRule
{
    private const double Side = 224;

    // B0, then A to E: depth, width, pixels.
    private static readonly (double Depth, double Width, double Pixels)[] Rows =
        [(1, 1, Side), (1.2, 1, 192), (1.1, 0.75, 188), (0.85, 0.54, 184), (0.695, 0.54, 152), (0.6, 0.51, 106)];

    /// <summary>E's φ, the least.</summary>
    public static double MinPhi => PhiOf(Rows[^1]);

    public static ScalingCoefficients Coefficients(double phi)
    {
        int row = 1;
        while (row < Rows.Length - 1 && PhiOf(Rows[row]) > phi) row++;
        var (above, below) = (Rows[row - 1], Rows[row]);
        double share = (phi - PhiOf(above)) / (PhiOf(below) - PhiOf(above));
        double depth = Between(above.Depth, below.Depth, share), resolution = Between(above.Pixels, below.Pixels, share) / Side;
        return new ScalingCoefficients(depth, Math.Sqrt(Math.Pow(2, phi) / depth) / resolution, resolution);
    }

    private static double Between(double a, double b, double share) => a * Math.Pow(b / a, share);

    private static double PhiOf((double Depth, double Width, double Pixels) row) =>
        Math.Log2(row.Depth * row.Width * row.Width * row.Pixels * row.Pixels / (Side * Side));
}
