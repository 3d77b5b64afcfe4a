using System.Runtime.CompilerServices;
using EfficientNetSharp.Inference.Layout;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>Copies the pixels under a window side by side, [row, column, input], so that a convolution is a product of rows.</summary>
internal sealed unsafe class PixelGatherer
{
    // Channels that are copied for nothing, where the pixels of a row can be copied at once for it.
    private const int MaxFilling = 4;

    private readonly Window _window;
    private readonly int _stride;

    /// <summary>Looks at a map.</summary>
    /// <param name="window">The window.</param>
    /// <param name="x">The map.</param>
    public PixelGatherer(Window window, Slot x)
    {
        (_window, _stride) = (window, x.Stride);
        Channels = x.Stride - x.Channels < MaxFilling ? x.Stride : x.Channels;
        RowLength = Slot.RoundUp(Channels * window.Taps, 2);
    }

    /// <summary>
    /// Integers that are taken of each pixel: its channels, and what fills them up to the next pixel's where that is little.
    /// </summary>
    public int Channels { get; }

    /// <summary>Integers of one pixel of the output, whole pairs.</summary>
    public int RowLength { get; }

    /// <summary>Copies what some pixels of the output see, zeros where windows leave the map.</summary>
    /// <param name="x">The map.</param>
    /// <param name="first">The first pixel of the output.</param>
    /// <param name="count">Pixels.</param>
    /// <param name="to">Receives <see cref="RowLength"/> integers for each.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Gather(short* x, int first, int count, short* to)
    {
        int kernelRow = _window.KernelWidth * Channels;
        for (int pixel = first; pixel < first + count; pixel++, to += RowLength)
        {
            var (top, firstRow, endRow) = _window.RowsAt(pixel / _window.OutputWidth);
            var (left, firstColumn, endColumn) = _window.ColumnsAt(pixel % _window.OutputWidth);
            int columns = endColumn - firstColumn;
            if ((endRow - firstRow) * columns != _window.Taps || kernelRow % 2 != 0) new Span<short>(to, RowLength).Clear();
            for (int kh = firstRow; kh < endRow; kh++)
            {
                short* from = x + (((((nint)top + kh) * _window.Width) + left + firstColumn) * _stride);
                short* at = to + (kh * kernelRow) + (firstColumn * Channels);
                if (Channels == _stride)
                {
                    CopyRow(from, at, columns * Channels);
                    continue;
                }

                for (int column = 0; column < columns; column++, from += _stride, at += Channels)
                    new ReadOnlySpan<short>(from, Channels).CopyTo(new Span<short>(at, Channels));
            }
        }
    }

    // Rows of a few pixels of an image are shorter than a call for them takes.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopyRow(short* from, short* to, int length)
    {
        const int word = sizeof(long) / sizeof(short), longest = 16 * word;
        if (length % word != 0 || length > longest)
        {
            new ReadOnlySpan<short>(from, length).CopyTo(new Span<short>(to, length));
            return;
        }

        for (int i = 0; i < length; i += word) *(long*)(to + i) = *(long*)(from + i);
    }
}
