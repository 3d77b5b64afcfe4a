using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
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
        var (firstWhole, endWhole) = _window.WholeColumns();
        int width = _window.OutputWidth;
        for (int pixel = first, end = first + count; pixel < end;)
        {
            int row = pixel / width, column = pixel - (row * width), endColumn = Math.Min(width, column + end - pixel);
            var rows = _window.RowsAt(row);
            bool isWhole = rows.End - rows.First == _window.KernelHeight && Channels == _stride;
            pixel += endColumn - column;
            while (column < endColumn)
            {
                int next = isWhole && column >= firstWhole && column < endWhole ? Math.Min(endColumn, endWhole) : column;
                if (next > column)
                {
                    int left = (column * _window.Stride) - _window.Pads.Left;
                    GatherWhole(x + ((((nint)rows.Top * _window.Width) + left) * _stride), next - column, to);
                }
                else
                {
                    GatherOne(x, rows, column, to);
                    next++;
                }

                to += (nint)RowLength * (next - column);
                column = next;
            }
        }
    }

    // Pixels side by side whose windows lie on the map in whole, and whose rows under a window are one stretch of memory each.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void GatherWhole(short* from, int count, short* to)
    {
        int kernelRow = _window.KernelWidth * Channels;
        nint row = (nint)_window.Width * _stride, step = (nint)_window.Stride * _stride;
        for (; count > 0; count--, from += step, to += RowLength)
        {
            to[RowLength - 1] = 0;
            short* source = from, at = to;
            for (int kh = _window.KernelHeight; kh > 0; kh--, source += row, at += kernelRow) CopyRow(source, at, kernelRow);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void GatherOne(short* x, (int Top, int First, int End) rows, int pixelColumn, short* to)
    {
        int kernelRow = _window.KernelWidth * Channels;
        var (left, firstColumn, endColumn) = _window.ColumnsAt(pixelColumn);
        int columns = endColumn - firstColumn;
        new Span<short>(to, RowLength).Clear();
        for (int kh = rows.First; kh < rows.End; kh++)
        {
            short* from = x + (((((nint)rows.Top + kh) * _window.Width) + left + firstColumn) * _stride);
            short* at = to + (kh * kernelRow) + (firstColumn * Channels);
            if (Channels == _stride)
            {
                new ReadOnlySpan<short>(from, columns * Channels).CopyTo(new Span<short>(at, columns * Channels));
                continue;
            }

            for (int column = 0; column < columns; column++, from += _stride, at += Channels)
                new ReadOnlySpan<short>(from, Channels).CopyTo(new Span<short>(at, Channels));
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

        int i = 0;
        for (; i + (2 * word) <= length; i += 2 * word) Vector128.Load(from + i).Store(to + i);
        if (i < length) *(long*)(to + i) = *(long*)(from + i);
    }
}
