using System.Runtime.CompilerServices;
using EfficientNetSharp.Inference.Layout;
using EfficientNetSharp.Inference.Memory;
using EfficientNetSharp.Inference.Steps;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>A depthwise convolution of a map in integers.</summary>
internal sealed unsafe class IntegerDepthwiseStep<TSimd, TInt, TShort> : PlanStep
    where TSimd : struct, IIntegerSimd<TInt, TShort>
    where TInt : struct
    where TShort : struct
{
    private const int MinRowsPerItem = 4;

    private readonly Window _window;
    private readonly Slot _x, _y;
    private readonly AlignedBuffer<short> _zeros;
    private readonly IntegerDepthwise<TSimd, TInt, TShort> _depthwise;

    /// <summary>Makes the step.</summary>
    /// <param name="name">The node's name.</param>
    /// <param name="window">The window.</param>
    /// <param name="x">The map.</param>
    /// <param name="y">The result, of as many channels.</param>
    /// <param name="depthwise">The weights and what follows the sums.</param>
    public IntegerDepthwiseStep(string name, Window window, Slot x, Slot y, IntegerDepthwise<TSimd, TInt, TShort> depthwise)
        : base(name, PlanStepKind.Depthwise, (long)y.Positions * y.Channels * window.Taps, [x], [y])
    {
        (_window, _x, _y, _depthwise) = (window, x, y, depthwise);
        _zeros = new AlignedBuffer<short>(x.PaddedChannels);
    }

    /// <inheritdoc />
    public override long ScratchBytes => IntegerDepthwise<TSimd, TInt, TShort>.ScratchBytes;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Parts(int threads) =>
        threads == 1 ? 1 : Math.Min(ItemsPerThread * threads, (_y.Height + MinRowsPerItem - 1) / MinRowsPerItem);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override int WorkItems(int images, int threads) => images * Parts(threads);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(in Frame frame, int item)
    {
        int parts = Parts(frame.Threads), part = item % parts, image = item / parts;
        short* x = frame.At<short>(_x, image), y = frame.At<short>(_y, image);
        IntegerTap* taps = stackalloc IntegerTap[_window.Taps + 1];
        var (firstWhole, endWhole) = _window.WholeColumns();
        for (int row = Part(_y.Height, parts, part); row < Part(_y.Height, parts, part + 1); row++)
        {
            short* to = y + ((nint)row * _y.Width * _y.Stride);
            for (int column = 0, end; column < _y.Width; column = end)
            {
                // One pixel at a time where the window leaves the map to the sides.
                end = column == firstWhole && firstWhole < endWhole ? endWhole : column + 1;
                PointAt(x, row, column, taps);
                short* pixel = to + (column * (nint)_y.Stride);
                for (int channel = 0; channel < _y.PaddedChannels; channel += 2 * TSimd.Lanes)
                    _depthwise.Run(taps, channel, end - column, channel, pixel + channel, _y.Stride, frame.Scratch<int>());
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void PointAt(short* x, int row, int column, IntegerTap* taps)
    {
        var (top, firstRow, endRow) = _window.RowsAt(row);
        var (left, firstColumn, endColumn) = _window.ColumnsAt(column);
        nint step = (nint)_window.Stride * _x.Stride;
        for (int kh = 0; kh < _window.KernelHeight; kh++)
        for (int kw = 0; kw < _window.KernelWidth; kw++)
        {
            bool isOnMap = kh >= firstRow && kh < endRow && kw >= firstColumn && kw < endColumn;
            *taps++ = isOnMap
                ? new IntegerTap { X = x + (((((nint)top + kh) * _window.Width) + left + kw) * _x.Stride), Step = step }
                : new IntegerTap { X = _zeros.Pointer };
        }

        *taps = new IntegerTap { X = _zeros.Pointer };
    }
}
