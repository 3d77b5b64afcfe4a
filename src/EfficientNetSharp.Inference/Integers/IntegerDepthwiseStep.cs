using System.Runtime.CompilerServices;
using EfficientNetSharp.Inference.Layout;
using EfficientNetSharp.Inference.Memory;
using EfficientNetSharp.Inference.Steps;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>
/// A depthwise convolution in integers: pixels under the window are interleaved two by two, so that the products of a pair of taps are
/// summed at once.
/// </summary>
internal sealed unsafe class IntegerDepthwiseStep<TSimd, TInt, TShort> : PlanStep
    where TSimd : struct, IIntegerSimd<TInt, TShort>
    where TInt : struct
    where TShort : struct
{
    private const int MinRowsPerItem = 4;

    private readonly Window _window;
    private readonly Slot _x, _y;
    private readonly AlignedBuffer<short> _weights, _zeros;
    private readonly IntegerEpilogue _epilogue;

    /// <summary>Makes the step.</summary>
    /// <param name="name">The node's name.</param>
    /// <param name="window">The window.</param>
    /// <param name="x">The map.</param>
    /// <param name="y">The result, of as many channels.</param>
    /// <param name="weights">
    /// For each block of channels and each pair of taps, two vectors of pairs in interleaved order (<see cref="PackWeights"/>).
    /// </param>
    /// <param name="epilogue">What becomes of the sums.</param>
    public IntegerDepthwiseStep(string name, Window window, Slot x, Slot y, AlignedBuffer<short> weights, IntegerEpilogue epilogue)
        : base(name, PlanStepKind.Depthwise, (long)y.Positions * y.Channels * window.Taps, [x], [y])
    {
        (_window, _x, _y, _weights, _epilogue) = (window, x, y, weights, epilogue);
        _zeros = new AlignedBuffer<short>(x.PaddedChannels);
    }

    /// <summary>Packs weights [channels, taps].</summary>
    public static AlignedBuffer<short> PackWeights(Func<int, int, long> weightOf, int channels, int taps)
    {
        int block = 2 * TSimd.Lanes, pairs = (taps + 1) / 2, blocks = (channels + block - 1) / block;
        var packed = new AlignedBuffer<short>((long)blocks * pairs * 2 * block);
        for (int position = 0; position < blocks * block; position++)
        {
            int channel = (position / block * block) + IntegerOrder.ChannelAt(TSimd.Lanes, position % block);
            if (channel >= channels) continue;
            for (int tap = 0; tap < taps; tap++)
            {
                int at = ((((position / block * pairs) + (tap / 2)) * block) + (position % block)) * 2;
                packed.Span[at + (tap % 2)] = checked((short)weightOf(channel, tap));
            }
        }

        return packed;
    }

    private int Parts(int threads) =>
        threads == 1 ? 1 : Math.Min(ItemsPerThread * threads, (_y.Height + MinRowsPerItem - 1) / MinRowsPerItem);

    /// <inheritdoc />
    public override int WorkItems(int images, int threads) => images * Parts(threads);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(in Frame frame, int item)
    {
        int parts = Parts(frame.Threads), part = item % parts, image = item / parts;
        short* x = frame.At<short>(_x, image), y = frame.At<short>(_y, image);
        short** taps = stackalloc short*[_window.Taps + 1];
        for (int row = Part(_y.Height, parts, part); row < Part(_y.Height, parts, part + 1); row++)
        {
            for (int column = 0; column < _y.Width; column++)
            {
                PointAt(x, row, column, taps);
                RunPixel(taps, y + ((((nint)row * _y.Width) + column) * _y.Stride));
            }
        }
    }

    private void PointAt(short* x, int row, int column, short** taps)
    {
        var (top, firstRow, endRow) = _window.RowsAt(row);
        var (left, firstColumn, endColumn) = _window.ColumnsAt(column);
        for (int kh = 0; kh < _window.KernelHeight; kh++)
        for (int kw = 0; kw < _window.KernelWidth; kw++)
        {
            bool isOnMap = kh >= firstRow && kh < endRow && kw >= firstColumn && kw < endColumn;
            *taps++ = isOnMap ? x + (((((nint)top + kh) * _window.Width) + left + kw) * _x.Stride) : _zeros.Pointer;
        }

        *taps = _zeros.Pointer;
    }

    private void RunPixel(short** taps, short* y)
    {
        int block = 2 * TSimd.Lanes, pairs = (_window.Taps + 1) / 2;
        short* weights = _weights.Pointer;
        for (int channel = 0; channel < _y.PaddedChannels; channel += block)
        {
            TInt low = default, high = default;
            for (int pair = 0; pair < pairs; pair++, weights += 2 * block)
            {
                TShort a = TSimd.Load(taps[2 * pair] + channel), b = TSimd.Load(taps[(2 * pair) + 1] + channel);
                low = TSimd.Dot(low, TSimd.InterleaveLow(a, b), TSimd.Load(weights));
                high = TSimd.Dot(high, TSimd.InterleaveHigh(a, b), TSimd.Load(weights + block));
            }

            _epilogue.Finish<TSimd, TInt, TShort>(low, high, channel, y + channel);
        }
    }
}
