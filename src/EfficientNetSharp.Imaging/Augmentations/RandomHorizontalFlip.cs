using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Imaging.Augmentations;

/// <summary>Mirrors left and right with some probability.</summary>
public sealed class RandomHorizontalFlip : IAugmentation
{
    private readonly double _probability;

    /// <summary>Mirrors with a probability of 0 to 1; at 0 nothing is drawn.</summary>
    public RandomHorizontalFlip(double probability)
    {
        if (!(probability is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(probability), probability, "A probability is 0 to 1.");
        _probability = probability;
    }

    /// <inheritdoc />
    public void Apply(Picture picture, ref SeededRandom random)
    {
        if (_probability > 0 && random.NextDouble() < _probability) Flip(picture);
    }

    /// <summary>Mirrors left and right in place.</summary>
    public static void Flip(Picture picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        var words = picture.Words;
        for (int y = 0; y < picture.Height; y++) words.Slice(y * picture.Width, picture.Width).Reverse();
    }
}
