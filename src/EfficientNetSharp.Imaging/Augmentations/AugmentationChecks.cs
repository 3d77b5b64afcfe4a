namespace EfficientNetSharp.Imaging.Augmentations;

/// <summary>Ranges of augmentations' numbers; they come out of recipes that people write.</summary>
internal static class AugmentationChecks
{
    internal static void Range(double value, string name, double minimum, double maximum)
    {
        // Written so that NaN fails.
        if (!(value >= minimum && value <= maximum))
            throw new InvalidInputException(FormattableString.Invariant(
                $"Expected {name} between {minimum:0.####} and {maximum:0.####}, found {value}; change the augmentation."));
    }
}
