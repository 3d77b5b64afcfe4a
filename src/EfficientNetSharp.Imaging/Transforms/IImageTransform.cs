using EfficientNetSharp.Graphs;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Imaging.Transforms;

/// <summary>
/// The way of one image from the bytes of its file to the network's input. Implementations are safe to call from many
/// threads at once.
/// </summary>
public interface IImageTransform
{
    /// <summary>The shape of the result, [C,H,W].</summary>
    TensorShape OutputShape { get; }

    /// <summary>Decodes, transforms and normalises one image.</summary>
    /// <param name="encoded">The bytes of an image file (JPEG, PNG, WebP, BMP, GIF).</param>
    /// <param name="name">What to call the image in errors, usually its path.</param>
    /// <param name="random">The image's own stream of random numbers; transforms without chance do not draw from it.</param>
    /// <param name="destination">Receives the values [C,H,W], row-major.</param>
    /// <exception cref="InvalidInputException">The image is broken, empty or of a kind that is refused; the message names it.</exception>
    void Apply(ReadOnlySpan<byte> encoded, string name, ref SeededRandom random, Span<float> destination);
}
