using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Imaging.Augmentations;

/// <summary>Mirrors left and right with some probability.</summary>
internal sealed class RandomHorizontalFlip : IAugmentation
{
    private readonly double _probability;

    /// <summary>Mirrors with a probability of 0 to 1; at 0 nothing is drawn.</summary>
    public RandomHorizontalFlip(double probability)
    {
        if (!(probability is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(probability), probability, "A probability is 0 to 1.");
        _probability = probability;
    }

    /// <inheritdoc />
    public void Apply(Image image, ref SeededRandom random)
    {
        if (_probability > 0 && random.NextDouble() < _probability) Flip(image);
    }

    /// <summary>Mirrors left and right in place.</summary>
    public static void Flip(Image image)
    {
        ArgumentNullException.ThrowIfNull(image);
        var words = image.PackedPixels;
        for (int y = 0; y < image.Height; y++) words.Slice(y * image.Width, image.Width).Reverse();
    }
}
