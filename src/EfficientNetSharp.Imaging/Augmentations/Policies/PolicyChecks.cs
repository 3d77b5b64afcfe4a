namespace EfficientNetSharp.Imaging.Augmentations.Policies;

/// <summary>Ranges of policies' numbers; they come out of recipes and texts that people write.</summary>
internal static class PolicyChecks
{
    /// <summary>Far beyond any range of levels, so that noise of this deviation is as good as two extremes.</summary>
    internal const double MaxDeviation = 100;

    internal static void Range(string what, double value, double minimum, double maximum)
    {
        new NumberRange(minimum, maximum).Require(value, $"The augmentation policy's {what}");
    }
}
