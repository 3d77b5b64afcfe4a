using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Imaging.Transforms;

/// <summary>
/// Pixels to network input: planar [C,H,W], each value (v / 255 − mean) / standard deviation in single precision, bit for bit what
/// torchvision's <c>ToTensor</c> and <c>Normalize</c> give.
/// </summary>
internal sealed class Normalizer
{
    private readonly float[] _mean;
    private readonly float[] _deviation;
    private readonly int[] _sourceChannels;

    /// <summary>Prepares for the settings of a model.</summary>
    /// <exception cref="InvalidInputException">The settings do not fit together; the message says which.</exception>
    public Normalizer(Preprocessing preprocessing)
    {
        PreprocessingChecks.Check(preprocessing);
        OutputShape = TensorShape.Map(preprocessing.Mean.Length, preprocessing.Height, preprocessing.Width);
        _mean = [.. preprocessing.Mean];
        _deviation = [.. preprocessing.StandardDeviation];
        // A network with one channel sees images whose channels are all the luma.
        _sourceChannels = _mean.Length == 1 ? [0] : preprocessing.Channels == ChannelOrder.Bgr ? [2, 1, 0] : [0, 1, 2];
    }

    /// <summary>The shape of the result, [C,H,W].</summary>
    public TensorShape OutputShape { get; }

    /// <summary>Normalises an image of the network's size. For networks with one channel, the red channel is taken: give luma.</summary>
    /// <param name="image">The image.</param>
    /// <param name="destination">Receives [C,H,W].</param>
    /// <exception cref="ArgumentException">The image or the destination is not of the network's size.</exception>
    public void Apply(Image image, Span<float> destination)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (image.Width != OutputShape.Width || image.Height != OutputShape.Height)
            throw new ArgumentException(
                $"The network takes {OutputShape.Width}×{OutputShape.Height}, the image is {image.Size}.", nameof(image));
        CheckDestination(destination);

        ReadOnlySpan<uint> words = image.PackedPixels;
        for (int c = 0; c < _mean.Length; c++)
            ApplyChannel(words, _sourceChannels[c], _mean[c], _deviation[c], destination.Slice(c * words.Length, words.Length));
    }

    internal void CheckDestination(Span<float> destination)
    {
        if (destination.Length != OutputShape.Count)
            throw new ArgumentException(
                $"{OutputShape} = {OutputShape.Count} values are expected, there is room for {destination.Length}.", nameof(destination));
    }

    private static void ApplyChannel(ReadOnlySpan<uint> words, int channel, float mean, float deviation, Span<float> plane)
    {
        int shift = Luma.ShiftOf(channel);
        ref uint source = ref MemoryMarshal.GetReference(words);
        ref float target = ref MemoryMarshal.GetReference(plane);
        int i = 0;
        // Eight pixels per step. Divisions, not multiplications by inverses: those would differ in the last bit.
        for (; i + Vector256<uint>.Count <= words.Length; i += Vector256<uint>.Count)
        {
            var bytes = (Vector256.LoadUnsafe(ref source, (nuint)i) >>> shift) & Vector256.Create(0xFFu);
            var unit = Vector256.ConvertToSingle(bytes.AsInt32()) / Vector256.Create(255f);
            ((unit - Vector256.Create(mean)) / Vector256.Create(deviation)).StoreUnsafe(ref target, (nuint)i);
        }

        for (; i < words.Length; i++) plane[i] = ((((words[i] >> shift) & 0xFF) / 255f) - mean) / deviation;
    }
}
