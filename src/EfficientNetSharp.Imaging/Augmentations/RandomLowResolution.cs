using EfficientNetSharp.Imaging.Resampling;
using EfficientNetSharp.Models;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Imaging.Augmentations;

/// <summary>
/// An image as a poor camera, or one far away, would have seen it: made smaller, and as large again, each by a drawn filter (AdaFace, Kim et
/// al. 2022, whose code draws sides of 0.2 to 1).
/// </summary>
internal sealed class RandomLowResolution : IAugmentation
{
    private const double MinSide = 0.2;

    private static readonly Interpolation[] Filters = Enum.GetValues<Interpolation>();

    /// <inheritdoc />
    public void Apply(Image image, ref SeededRandom random)
    {
        ArgumentNullException.ThrowIfNull(image);
        double side = random.NextDouble(MinSide, 1);
        Interpolation down = Filters[random.NextInt(Filters.Length)], up = Filters[random.NextInt(Filters.Length)];
        Apply(image, side, down, up);
    }

    /// <summary>Changes the image in place.</summary>
    /// <param name="image">The image.</param>
    /// <param name="side">Sides of the smaller image as a share of its own; they have a pixel at least.</param>
    /// <param name="down">What makes it smaller.</param>
    /// <param name="up">What makes it larger again.</param>
    public static void Apply(Image image, double side, Interpolation down, Interpolation up)
    {
        using var small = Resampler.Resize(
            image, Math.Max(1, (int)(image.Width * side)), Math.Max(1, (int)(image.Height * side)), down);
        using var again = Resampler.Resize(small, image.Width, image.Height, up);
        image.Exchange(again);
    }
}
