using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Imaging.Augmentations;

/// <summary>Another augmentation with some probability.</summary>
internal sealed class RandomApply : IAugmentation
{
    private readonly double _probability;
    private readonly IAugmentation _augmentation;

    /// <summary>Wraps an augmentation.</summary>
    /// <param name="probability">How often it is applied, 0 to 1; at 0 and 1 nothing is drawn for it.</param>
    /// <param name="augmentation">What is applied.</param>
    public RandomApply(double probability, IAugmentation augmentation)
    {
        ArgumentNullException.ThrowIfNull(augmentation);
        if (!(probability is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(probability), probability, "A probability is 0 to 1.");
        (_probability, _augmentation) = (probability, augmentation);
    }

    /// <inheritdoc />
    public void Apply(Image image, ref SeededRandom random)
    {
        if (_probability == 0 || (_probability < 1 && random.NextDouble() >= _probability)) return;
        _augmentation.Apply(image, ref random);
    }
}
