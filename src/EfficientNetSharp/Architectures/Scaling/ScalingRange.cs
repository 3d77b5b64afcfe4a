namespace EfficientNetSharp.Architectures.Scaling;

/// <summary>How far a search goes along a ray.</summary>
internal static class ScalingRange
{
    /// <summary>
    /// The first and last whole number of steps at which no multiplier is over the most or under its inverse, and the input is not
    /// smaller than the network's stride: below, the last map is one pixel of mostly padding.
    /// </summary>
    /// <exception cref="InvalidInputException">The bases are all 1.</exception>
    public static (int Min, int Max) Of(Architecture baseline, CompoundScaling scaling, double step, double maxMultiplier)
    {
        double largestBase = Math.Max(scaling.Alpha, Math.Max(scaling.Beta, scaling.Gamma));
        // Under this a doubling would take hundreds of φ.
        if (largestBase < 1.001)
            throw new InvalidInputException("One of α, β and γ is expected to be over 1, found none: nothing would grow; raise one.");
        double max = Math.Log(maxMultiplier) / Math.Log(largestBase), min = -max;
        if (scaling.Gamma > 1)
        {
            double smallest = Math.Min(StrideOf(baseline), baseline.Resolution);
            // Rounding to whole pixels lets the side pass half a pixel before it drops below.
            min = Math.Max(min, Math.Log(smallest / baseline.Resolution) / Math.Log(scaling.Gamma));
        }

        return ((int)Math.Ceiling(min / step), (int)Math.Floor(max / step));
    }

    private static int StrideOf(Architecture baseline)
    {
        long stride = baseline.Stem.Stride * (baseline.Stem.MaxPool ? 2 : 1);
        foreach (var stage in baseline.Stages) stride = Math.Min(stride * stage.Stride, 1 << 16);
        return (int)stride;
    }
}
