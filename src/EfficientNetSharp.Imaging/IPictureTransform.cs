using EfficientNetSharp.Graphs;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Imaging;

/// <summary>
/// The way of one picture from the bytes of its file to the network's input. Implementations are safe to call from many
/// threads at once.
/// </summary>
public interface IPictureTransform
{
    /// <summary>The shape of the result, [C,H,W].</summary>
    TensorShape OutputShape { get; }

    /// <summary>Decodes, transforms and normalises one picture.</summary>
    /// <param name="encoded">The bytes of a picture file (JPEG, PNG, WebP, BMP, GIF).</param>
    /// <param name="name">What to call the picture in errors, usually its path.</param>
    /// <param name="random">The picture's own stream of random numbers; transforms without chance do not draw from it.</param>
    /// <param name="destination">Receives the values [C,H,W], row-major.</param>
    /// <exception cref="InvalidInputException">The picture is broken, empty or of a kind that is refused; the message names it.</exception>
    void Apply(ReadOnlySpan<byte> encoded, string name, ref SeededRandom random, Span<float> destination);
}
