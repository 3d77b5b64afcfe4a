namespace EfficientNetSharp.Architectures.Scaling;

/// <summary>How far a search goes along a ray.</summary>
internal static class ScalingRange
{
    /// <summary>
    /// The first and last whole number of steps at which no multiplier is over the most or under its inverse, and the input is not
    /// smaller than the network's stride: below, the last map is one pixel of mostly padding.
    /// </summary>
    /// <exception cref="InvalidInputException">The bases are all 1.</exception>
    public static (int Least, int Most) Of(Architecture baseline, CompoundScaling scaling, double step, double mostMultiplier)
    {
        double largestBase = Math.Max(scaling.Alpha, Math.Max(scaling.Beta, scaling.Gamma));
        // Under this a doubling would take hundreds of φ.
        if (largestBase < 1.001)
            throw new InvalidInputException("One of α, β and γ is expected to be over 1, found none: nothing would grow; raise one.");
        double most = Math.Log(mostMultiplier) / Math.Log(largestBase), least = -most;
        if (scaling.Gamma > 1)
        {
            double smallest = Math.Min(StrideOf(baseline), baseline.Resolution);
            // Rounding to whole pixels lets the side pass half a pixel before it drops below.
            least = Math.Max(least, Math.Log(smallest / baseline.Resolution) / Math.Log(scaling.Gamma));
        }

        return ((int)Math.Ceiling(least / step), (int)Math.Floor(most / step));
    }

    private static int StrideOf(Architecture baseline)
    {
        long stride = baseline.Stem.Stride * (baseline.Stem.MaxPool ? 2 : 1);
        foreach (var stage in baseline.Stages) stride = Math.Min(stride * stage.Stride, 1 << 16);
        return (int)stride;
    }
}
