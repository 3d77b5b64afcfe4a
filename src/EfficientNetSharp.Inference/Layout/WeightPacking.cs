using EfficientNetSharp.Inference.Kernels;
using EfficientNetSharp.Inference.Memory;

namespace EfficientNetSharp.Inference.Layout;

/// <summary>
/// Rearranges weights once, when a plan is made, into the order in which the kernels read them; into memory full of zeros.
/// </summary>
internal static class WeightPacking
{
    /// <summary>Values of packed kernels: each input's outputs, padded to whole vectors.</summary>
    public static long MatrixLength(int outputs, int depth, int lanes) => (long)Slot.RoundUp(outputs, lanes) * depth;

    /// <summary>
    /// [out, in, kh, kw] → panels of two vectors of outputs, [panel, depth, 2 · lanes], the last of one vector where they are odd in
    /// number. The depth runs as the inputs are gathered: over (kh, kw, in), or over (kh, in, kw) from planes.
    /// </summary>
    public static void PackMatrix<T>(ReadOnlySpan<T> kernel, int outputs, int inputs, Window window, bool planar, int lanes, Span<T> packed)
        where T : unmanaged
    {
        int taps = window.Taps, width = window.KernelWidth, depth = inputs * taps, vectors = (outputs + lanes - 1) / lanes;
        for (int o = 0; o < outputs; o++)
        {
            int firstVector = o / lanes / 2 * 2, columns = Math.Min(2, vectors - firstVector) * lanes, column = o - (firstVector * lanes);
            long panel = (long)firstVector * lanes * depth;
            for (int i = 0; i < inputs; i++)
            {
                for (int tap = 0; tap < taps; tap++)
                {
                    int k = planar ? (tap / width * inputs * width) + (i * width) + (tap % width) : (tap * inputs) + i;
                    packed[checked((int)(panel + ((long)k * columns) + column))] = kernel[((o * inputs) + i) * taps + tap];
                }
            }
        }
    }

    /// <summary>
    /// [out, in, 3, 3] → for each panel of two vectors of outputs its part of the matrix of each place of the transformed kernels, as
    /// <see cref="PackMatrix"/> has it: the order in which they are read.
    /// </summary>
    public static void PackWinograd(ReadOnlySpan<float> kernel, int outputs, int inputs, int lanes, Span<float> packed)
    {
        var transformed = new float[checked(Winograd.Places * outputs * inputs)];
        for (int pair = 0; pair < outputs * inputs; pair++)
            Winograd.TransformKernel(kernel.Slice(Winograd.Taps * pair, Winograd.Taps), transformed.AsSpan(pair), outputs * inputs);

        var pointwise = new Window(1, 1, 1, 1, 1, default);
        int at = 0;
        for (int first = 0; first < outputs; first += 2 * lanes)
        {
            int count = Math.Min(2 * lanes, outputs - first), length = checked((int)MatrixLength(count, inputs, lanes));
            for (int place = 0; place < Winograd.Places; place++, at += length)
            {
                var matrix = transformed.AsSpan(((place * outputs) + first) * inputs, count * inputs);
                PackMatrix<float>(matrix, count, inputs, pointwise, planar: false, lanes, packed.Slice(at, length));
            }
        }
    }

    /// <summary>[C, 1, kh, kw] → [vector of channels, kh, kw, lane], zeros in the padding.</summary>
    public static void PackDepthwise<T>(ReadOnlySpan<T> kernel, int channels, int taps, int lanes, Span<T> packed)
        where T : unmanaged
    {
        for (int c = 0; c < channels; c++)
        {
            for (int tap = 0; tap < taps; tap++) packed[((((c / lanes) * taps) + tap) * lanes) + (c % lanes)] = kernel[(c * taps) + tap];
        }
    }

    /// <summary>A value for each channel, zeros in the padding and in place of <see langword="null"/>.</summary>
    public static AlignedBuffer<float> PackChannels(float[]? values, int channels, int lanes) => new(values, Slot.RoundUp(channels, lanes));
}
