using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Imaging.Augmentations;

/// <summary>Covers one square of fixed size around a random point (DeVries and Taylor 2017), in every image.</summary>
internal sealed class RandomCutout : IAugmentation
{
    private readonly int _side;
    private readonly PixelColor _fill;

    /// <summary>Takes size and colour.</summary>
    /// <param name="side">The square's side in pixels, rounded down to an even number; at 0 nothing is drawn.</param>
    /// <param name="fill">The colour; the paper takes the mean of all images.</param>
    public RandomCutout(int side, PixelColor fill)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(side);
        (_side, _fill) = (side, fill);
    }

    /// <inheritdoc />
    public void Apply(Image image, ref SeededRandom random)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (_side == 0) return;
        int column = random.NextInt(image.Width), row = random.NextInt(image.Height);
        Cutout.Apply(image, column, row, _side / 2, _fill);
    }
}
