using System.Collections.Immutable;

namespace EfficientNetSharp.Evaluation.Reports.Scaling;

/// <summary>
/// The logarithm of the top-1 error as a polynomial of the logarithms of width and resolution, fitted by least squares to networks that
/// were trained, and the multiply-adds likewise. It tells accuracies between them, and which split of a budget is best.
/// </summary>
public sealed class ErrorSurface
{
    // How finely widths are tried for a budget: well below what rounding to multiples of eight channels leaves.
    private const int Splits = 400;

    private readonly double[] _error, _macs;
    private readonly (double Min, double Max) _widths;
    private readonly (int Min, int Max) _resolutions;

    private ErrorSurface(ImmutableArray<ScaledPoint> points, int baseline, bool isCurved)
    {
        (Points, Baseline, IsCurved) = (points, baseline, isCurved);
        _error = LeastSquares.Fit([.. points.Select(point => Terms(point.Width, point.Resolution))], [.. points.Select(point => Math.Log(100 - point.Top1))]);
        _macs = LeastSquares.Fit(
            [.. points.Select(point => Plane(point.Width, point.Resolution))], [.. points.Select(point => Math.Log(point.Macs))]);
        _widths = (points.Min(point => point.Width), points.Max(point => point.Width));
        _resolutions = (points.Min(point => point.Resolution), points.Max(point => point.Resolution));
        double[] misses = [.. points.Select(point => Math.Abs(Top1At(point.Width, point.Resolution) - point.Top1))];
        (MeanMiss, LargestMiss) = (misses.Average(), misses.Max());
    }

    /// <summary>The networks that it was fitted to.</summary>
    public ImmutableArray<ScaledPoint> Points { get; }

    /// <summary>Side of the input in pixels at which the logarithm of the resolution is 0.</summary>
    public int Baseline { get; }

    /// <summary>Whether the polynomial has squares and the product beside the linear terms.</summary>
    public bool IsCurved { get; }

    /// <summary>The mean distance of the networks from the surface, in points of top-1.</summary>
    public double MeanMiss { get; }

    /// <summary>The largest distance of a network from the surface, in points of top-1.</summary>
    public double LargestMiss { get; }

    /// <summary>
    /// Coefficients of the logarithm of the error in per cent: constant, width, resolution; curved also their squares and their product.
    /// </summary>
    public ImmutableArray<double> Coefficients => [.. _error];

    /// <summary>Fits a surface.</summary>
    /// <param name="points">Networks; at least as many widths and resolutions as the polynomial tells apart.</param>
    /// <param name="baseline">Side of the baseline's input in pixels; its width is 1.</param>
    /// <param name="isCurved">Whether squares and the product belong to the polynomial.</param>
    /// <exception cref="InvalidInputException">The points do not determine the surface, or a number of theirs is out of range.</exception>
    public static ErrorSurface Fit(IEnumerable<ScaledPoint> points, int baseline, bool isCurved)
    {
        ArgumentNullException.ThrowIfNull(points);
        ArgumentOutOfRangeException.ThrowIfLessThan(baseline, 1);
        ImmutableArray<ScaledPoint> all = [.. points];
        foreach (var point in all)
        {
            if (!(point is { Width: > 0, Resolution: > 0, Top1: >= 0 and < 100, Macs: > 0 } && double.IsFinite(point.Width) && double.IsFinite(point.Macs)))
                throw new InvalidInputException($"A scaled network is expected to have a positive width, resolution and count and a top-1 from 0 below 100, found {point}.");
        }

        int each = isCurved ? 3 : 2;
        int widths = all.Select(point => point.Width).Distinct().Count(), sides = all.Select(point => point.Resolution).Distinct().Count();
        return widths >= each && sides >= each
            ? new ErrorSurface(all, baseline, isCurved)
            : throw new InvalidInputException($"At least {each} widths and {each} resolutions are expected to fit a surface, found {widths} and {sides}; add networks.");
    }

    /// <summary>The top-1 accuracy that the surface says, in per cent.</summary>
    public double Top1At(double width, double resolution) => 100 - Math.Exp(Sum(_error, Terms(width, resolution)));

    /// <summary>The multiply-adds that the fit says.</summary>
    public double MacsAt(double width, double resolution) => Math.Exp(Sum(_macs, Plane(width, resolution)));

    /// <summary>
    /// The width and the resolution that make most of so many multiply-adds, within the range of the networks; <see langword="null"/> where
    /// none of them costs as much.
    /// </summary>
    public ScaledPoint? BestAt(double macs)
    {
        ScaledPoint? best = null;
        for (int i = 0; i <= Splits; i++)
        {
            double width = _widths.Min * Math.Pow(_widths.Max / _widths.Min, (double)i / Splits);
            double resolution = Baseline * Math.Exp((Math.Log(macs) - _macs[0] - (_macs[1] * Math.Log(width))) / _macs[2]);
            if (!(resolution >= _resolutions.Min && resolution <= _resolutions.Max)) continue;
            var point = new ScaledPoint(width, (int)Math.Round(resolution), Top1At(width, resolution), macs);
            if (best is null || point.Top1 > best.Top1) best = point;
        }

        return best;
    }

    private double[] Plane(double width, double resolution) => [1, Math.Log(width), Math.Log(resolution / Baseline)];

    private double[] Terms(double width, double resolution)
    {
        double[] plane = Plane(width, resolution);
        return IsCurved ? [.. plane, plane[1] * plane[1], plane[2] * plane[2], plane[1] * plane[2]] : plane;
    }

    private static double Sum(double[] coefficients, double[] terms) => coefficients.Zip(terms, (a, b) => a * b).Sum();
}
