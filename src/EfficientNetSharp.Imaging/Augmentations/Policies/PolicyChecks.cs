namespace EfficientNetSharp.Imaging.Augmentations.Policies;

/// <summary>Ranges of policies' numbers; they come out of recipes and texts that people write.</summary>
internal static class PolicyChecks
{
    /// <summary>Far beyond any range of levels, so that noise of this deviation is as good as two extremes.</summary>
    internal const double MaxDeviation = 100;

    internal static void Range(string what, double value, double minimum, double maximum)
    {
        // Written so that NaN fails.
        if (!(value >= minimum && value <= maximum))
            throw new InvalidInputException(FormattableString.Invariant(
                $"Expected a {what} of {minimum:0.####} to {maximum:0.####} in the augmentation policy, found {value}; change it."));
    }
}
