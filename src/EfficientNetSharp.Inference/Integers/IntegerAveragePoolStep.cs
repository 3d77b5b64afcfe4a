using System.Runtime.CompilerServices;
using EfficientNetSharp.Inference.Layout;
using EfficientNetSharp.Inference.Steps;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>The mean under a window.</summary>
/// <param name="name">The node's name.</param>
/// <param name="window">The window.</param>
/// <param name="x">The map, without its zero point.</param>
/// <param name="y">Receives the means, without theirs.</param>
/// <param name="means">From sums to means, by how many pixels of the map a window sees.</param>
internal sealed unsafe class IntegerAveragePoolStep<TSimd, TInt, TShort>(
    string name, Window window, Slot x, Slot y, IntegerMeans<TSimd, TInt, TShort>?[] means)
    : PartedStep(name, PlanStepKind.Pooling, 0, y.Height, [x], [y])
    where TSimd : struct, IIntegerSimd<TInt, TShort>
    where TInt : struct
    where TShort : struct
{
    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void Run(in Frame frame, int image, int first, int end)
    {
        short* map = frame.At<short>(x, image);
        for (int row = first; row < end; row++)
        {
            short* to = frame.At<short>(y, image) + ((nint)row * y.Width * y.Stride);
            var (top, firstRow, endRow) = window.RowsAt(row);
            for (int column = 0; column < y.Width; column++, to += y.Stride)
            {
                var (left, firstColumn, endColumn) = window.ColumnsAt(column);
                int rows = endRow - firstRow, columns = endColumn - firstColumn;
                short* from = map + ((((nint)(top + firstRow) * window.Width) + left + firstColumn) * x.Stride);
                var mean = means[rows * columns]!;
                if (mean.HasVectors) RunPixel(from, rows, columns, mean, to);
                else RunOneByOne(from, rows, columns, mean, to);
            }
        }
    }

    // A pixel and the next one are summed as pairs, with 1 as their factors; an odd one has zeros beside it.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunPixel(short* from, int rows, int columns, IntegerMeans<TSimd, TInt, TShort> mean, short* to)
    {
        TShort one = TSimd.Broadcast((short)1), zero = default;
        for (int c = 0; c < x.PaddedChannels; c += 2 * TSimd.Lanes)
        {
            TInt low = default, high = default;
            for (int row = 0; row < rows; row++)
            {
                short* at = from + c + ((nint)row * window.Width * x.Stride);
                int column = 0;
                for (; column + 2 <= columns; column += 2, at += 2 * x.Stride)
                    TSimd.AddProducts(ref low, ref high, TSimd.Load(at), TSimd.Load(at + x.Stride), one, one);
                if (column < columns) TSimd.AddProducts(ref low, ref high, TSimd.Load(at), zero, one, one);
            }

            mean.Store(low, high, to + c);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunOneByOne(short* from, int rows, int columns, IntegerMeans<TSimd, TInt, TShort> mean, short* to)
    {
        for (int c = 0; c < x.Channels; c++)
        {
            long sum = 0;
            for (int row = 0; row < rows; row++)
            for (int column = 0; column < columns; column++)
                sum += from[((((nint)row * window.Width) + column) * x.Stride) + c];
            to[c] = mean.Of(sum);
        }
    }
}
