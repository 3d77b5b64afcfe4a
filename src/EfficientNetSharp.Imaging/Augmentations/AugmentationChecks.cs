namespace EfficientNetSharp.Imaging.Augmentations;

/// <summary>Ranges of augmentations' numbers; they come out of recipes that people write.</summary>
internal static class AugmentationChecks
{
    internal static void Range(double value, string name, double minimum, double maximum) =>
        Range(value, name, new NumberRange(minimum, maximum));

    internal static void Range(double value, string name, NumberRange range) => range.Require(value, $"The augmentation's {name}");
}
