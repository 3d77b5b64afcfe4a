using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Imaging.Augmentations;

/// <summary>
/// All three channels become the luma: torchvision's <c>to_grayscale(…, 3)</c>, Pillow's <c>convert("L")</c> and back. A part of it is
/// <see cref="Saturation"/> with a factor below 1.
/// </summary>
internal static class Grayscale
{
    /// <summary>Changes the image in place.</summary>
    /// <param name="image">The image.</param>
    public static void Apply(Image image)
    {
        ArgumentNullException.ThrowIfNull(image);
        Blend.FromLuma(image, 0);
    }
}

/// <summary><see cref="Grayscale"/>, which draws nothing.</summary>
internal sealed class RandomGrayscale : IAugmentation
{
    /// <inheritdoc />
    public void Apply(Image image, ref SeededRandom random) => Grayscale.Apply(image);
}
