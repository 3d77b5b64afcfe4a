using EfficientNetSharp.Graphs;
using EfficientNetSharp.Imaging.Transforms;
using EfficientNetSharp.Models;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Training.Probing;

/// <summary>
/// Views of an image, one after the other: as the network will see it in use and, where images may be mirrored, the same mirrored. Each
/// view is an input of the network.
/// </summary>
/// <param name="input">What is done to an image in use.</param>
/// <param name="mirrors">Whether there is a mirrored view.</param>
internal sealed class ViewsTransform(Preprocessing input, bool mirrors) : IImageTransform
{
    private readonly EvaluationTransform _whole = new(input);

    /// <summary>Views of an image.</summary>
    public int Views => mirrors ? 2 : 1;

    /// <inheritdoc />
    public TensorShape OutputShape
    {
        get
        {
            var view = _whole.OutputShape;
            return TensorShape.Map(Views * view.Channels, view.Height, view.Width);
        }
    }

    /// <inheritdoc />
    public void Apply(ReadOnlySpan<byte> encoded, string name, ref SeededRandom random, Span<float> destination)
    {
        int length = destination.Length / Views;
        _whole.Apply(encoded, name, destination[..length]);
        if (!mirrors) return;
        var mirrored = destination[length..];
        destination[..length].CopyTo(mirrored);
        int width = OutputShape.Width;
        for (int start = 0; start < length; start += width) mirrored.Slice(start, width).Reverse();
    }
}
