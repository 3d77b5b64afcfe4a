using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Data.Mixing;

/// <summary>
/// Mixes the images of a batch, or of a part of it, in place. Image i is mixed with image N − 1 − i, as timm has it; an image in the
/// middle stays as it is. The target of image i is share · first label + (1 − share) · second label.
/// </summary>
/// <remarks>
/// Draws follow from the numbers given alone. A batch that several processes share is mixed by each within its part, with the part's
/// number; one process that mixes the same parts with the same numbers gives the same images.
/// </remarks>
public sealed class BatchMixer
{
    /// <summary>Sets these streams apart from those of images, which have the fourth number 0. Any other number would do.</summary>
    private const ulong Streams = 0x4D49585F00000000;

    private readonly MixingOptions _options;

    /// <summary>Takes the options.</summary>
    /// <exception cref="InvalidInputException">A value is out of its range; the message names it.</exception>
    public BatchMixer(MixingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        _options = options;
    }

    /// <summary>Mixes images.</summary>
    /// <param name="images">The images [N,C,H,W], changed in place.</param>
    /// <param name="shape">The shape of one, [C,H,W].</param>
    /// <param name="labels">Their classes [N].</param>
    /// <param name="secondLabels">Receives the classes of those they are mixed with [N].</param>
    /// <param name="firstShares">Receives the share of the first class [N], 0 to 1; 1 where an image is as it was.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="epoch">The epoch.</param>
    /// <param name="batch">The batch's number in the epoch.</param>
    /// <param name="part">The part of the batch, where several are mixed apart; 0 for the whole.</param>
    /// <exception cref="ArgumentException">The lengths do not fit together.</exception>
    public void Mix(
        Span<float> images, TensorShape shape, ReadOnlySpan<int> labels, Span<int> secondLabels, Span<float> firstShares, ulong seed,
        int epoch, int batch, int part = 0)
    {
        int count = labels.Length;
        if (images.Length != count * shape.Count || secondLabels.Length != count || firstShares.Length != count)
        {
            throw new ArgumentException(
                $"{count} labels go with as many images of {shape}, second labels and shares, not with {images.Length} values, " +
                $"{secondLabels.Length} and {firstShares.Length}.", nameof(images));
        }

        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        ArgumentOutOfRangeException.ThrowIfNegative(batch);
        ArgumentOutOfRangeException.ThrowIfNegative(part);
        for (int i = 0; i < count; i++) secondLabels[i] = labels[count - 1 - i];
        firstShares.Fill(1);
        if (!_options.IsOn) return;

        var random = new SeededRandom(seed, (ulong)epoch, (ulong)batch, Streams + (ulong)part);
        var mixes = Draw(count, shape, ref random);
        for (int i = 0; i < count; i++) firstShares[i] = mixes[i].Share;
        Apply(images, shape, mixes);
    }

    /// <summary>Draws how each image is mixed.</summary>
    internal MixParameters[] Draw(int count, TensorShape shape, ref SeededRandom random)
    {
        var mixes = new MixParameters[count];
        Array.Fill(mixes, MixParameters.None);
        var all = _options.Mode == MixingMode.Batch ? MixParameters.Draw(_options, shape, ref random) : MixParameters.None;
        for (int i = 0; i < count / 2; i++)
        {
            mixes[i] = _options.Mode == MixingMode.Batch ? all : MixParameters.Draw(_options, shape, ref random);
            mixes[count - 1 - i] = _options.Mode == MixingMode.Element ? MixParameters.Draw(_options, shape, ref random) : mixes[i];
        }

        return mixes;
    }

    /// <summary>Carries out what was drawn.</summary>
    internal static void Apply(Span<float> images, TensorShape shape, ReadOnlySpan<MixParameters> mixes)
    {
        int length = (int)shape.Count;
        // The second of a pair takes from the first as it was.
        float[] buffer = ArrayPool<float>.Shared.Rent(length);
        var before = buffer.AsSpan(0, length);
        for (int i = 0; i < mixes.Length / 2; i++)
        {
            int j = mixes.Length - 1 - i;
            Span<float> one = images.Slice(i * length, length), other = images.Slice(j * length, length);
            one.CopyTo(before);
            Take(one, other, mixes[i], shape);
            Take(other, before, mixes[j], shape);
        }

        ArrayPool<float>.Shared.Return(buffer);
    }

    private static void Take(Span<float> image, ReadOnlySpan<float> other, MixParameters mix, TensorShape shape)
    {
        if (mix.Share == 1) return;
        if (mix.Box is { } box) Cut(image, other, box, shape);
        else Add(image, other, mix.Share);
    }

    private static void Cut(Span<float> image, ReadOnlySpan<float> other, MixingBox box, TensorShape shape)
    {
        for (int channel = 0; channel < shape.Channels; channel++)
        {
            for (int y = box.Top; y < box.Bottom; y++)
            {
                int start = (((channel * shape.Height) + y) * shape.Width) + box.Left;
                other.Slice(start, box.Right - box.Left).CopyTo(image[start..]);
            }
        }
    }

    private static void Add(Span<float> image, ReadOnlySpan<float> other, float share)
    {
        float rest = 1 - share;
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(image);
        var others = MemoryMarshal.Cast<float, Vector<float>>(other);
        for (int i = 0; i < vectors.Length; i++) vectors[i] = (vectors[i] * share) + (others[i] * rest);
        for (int i = vectors.Length * Vector<float>.Count; i < image.Length; i++) image[i] = (image[i] * share) + (other[i] * rest);
    }
}
