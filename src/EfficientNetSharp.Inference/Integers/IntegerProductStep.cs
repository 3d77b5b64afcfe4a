using System.Runtime.CompilerServices;
using EfficientNetSharp.Inference.Layout;
using EfficientNetSharp.Inference.Steps;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>A convolution that is not in groups, or a linear layer, in integers: a product of the pixels under its windows with its weights.</summary>
internal sealed unsafe class IntegerProductStep<TSimd, TInt, TShort> : PlanStep
    where TSimd : struct, IIntegerSimd<TInt, TShort>
    where TInt : struct
    where TShort : struct
{
    private readonly Window _window;
    private readonly Slot _x, _y;
    private readonly IntegerProduct<TSimd, TInt, TShort> _product;
    private readonly int _blockRows, _channels;

    public IntegerProductStep(string name, Window window, Slot x, Slot y, IntegerProduct<TSimd, TInt, TShort> product)
        : base(name, KindOf(window, y), (long)y.Positions * y.Channels * product.Matrix.Inputs, [x], [y])
    {
        (_window, _x, _y, _product, _channels) = (window, x, y, product, GatheredChannels(x));
        int tile = TSimd.TileRows;
        long rowBytes = (long)GatheredLength * sizeof(short);
        _blockRows = (int)Math.Clamp(BlockBytes / Math.Max(rowBytes, 1) / tile * tile, tile, Slot.RoundUp(y.Positions, tile));
    }

    /// <summary>
    /// Integers that are taken of each pixel under a window: its channels, and what fills them up to the next pixel's where that is little,
    /// so that the pixels of a row are copied at once.
    /// </summary>
    public static int GatheredChannels(Slot x) => x.Stride - x.Channels < MaxFilling ? x.Stride : x.Channels;

    private const int MaxFilling = 4;

    private static PlanStepKind KindOf(Window window, Slot y) => y.Positions == 1 && window.SeesWholeMap ? PlanStepKind.Linear
        : window.IsPointwise ? PlanStepKind.Pointwise : PlanStepKind.Convolution;

    // Inputs of one pixel of the output: copied from under its window, or where they lie.
    private bool IsGathered => !_window.IsPointwise;

    private int GatheredLength => 2 * _product.Matrix.Pairs;

    private int Blocks => _product.Matrix.Blocks;

    /// <inheritdoc />
    public override long ScratchBytes =>
        _product.ScratchBytes + (IsGathered ? (long)_blockRows * GatheredLength * sizeof(short) : 0);

    // A layer on one pixel is cut into blocks of outputs, another into rows of pixels.
    private bool IsCutByOutputs => _y.Positions == 1;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Parts(int threads) =>
        Math.Min(ItemsFor(Macs, threads), IsCutByOutputs ? Blocks : (_y.Positions + TSimd.TileRows - 1) / TSimd.TileRows);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override int WorkItems(int images, int threads) => images * Parts(threads);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(in Frame frame, int item)
    {
        int parts = Parts(frame.Threads), part = item % parts, image = item / parts;
        int units = IsCutByOutputs ? Blocks : _y.Positions;
        int first = Part(units, parts, part), end = Part(units, parts, part + 1);
        if (IsCutByOutputs) Run(frame, image, 0, 1, first, end);
        else Run(frame, image, first, end, 0, Blocks);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Run(in Frame frame, int image, int first, int end, int firstBlock, int endBlock)
    {
        byte* scratch = frame.Scratch<byte>();
        short* x = frame.At<short>(_x, image), y = frame.At<short>(_y, image), gathered = (short*)(scratch + _product.ScratchBytes);
        nint stride = IsGathered ? GatheredLength : _x.Stride;
        for (int row = first; row < end; row += _blockRows)
        {
            int rows = Math.Min(_blockRows, end - row);
            short* from = IsGathered ? gathered : x + (row * stride);
            if (IsGathered) Gather(x, row, rows, gathered);
            for (int block = firstBlock; block < endBlock; block++)
                _product.Run(from, stride, rows, block, y + ((nint)row * _y.Stride) + (block * _product.Matrix.Block), _y.Stride, scratch);
        }
    }

    // The pixels under the windows of some pixels of the output, zeros where they leave the map.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Gather(short* x, int first, int rows, short* to)
    {
        int channels = _channels, rowLength = _window.KernelWidth * channels;
        bool isWhole = channels == _x.Stride;
        for (int pixel = first; pixel < first + rows; pixel++, to += GatheredLength)
        {
            var (top, firstRow, endRow) = _window.RowsAt(pixel / _window.OutputWidth);
            var (left, firstColumn, endColumn) = _window.ColumnsAt(pixel % _window.OutputWidth);
            bool isInside = endRow - firstRow == _window.KernelHeight && endColumn - firstColumn == _window.KernelWidth;
            if (!isInside) new Span<short>(to, GatheredLength).Clear();
            for (int kh = firstRow; kh < endRow; kh++)
            {
                short* from = x + (((((nint)top + kh) * _window.Width) + left + firstColumn) * _x.Stride);
                short* at = to + (kh * rowLength) + (firstColumn * channels);
                int columns = endColumn - firstColumn;
                if (isWhole)
                {
                    new ReadOnlySpan<short>(from, columns * channels).CopyTo(new Span<short>(at, columns * channels));
                    continue;
                }

                for (; columns > 0; columns--, from += _x.Stride, at += channels)
                    new ReadOnlySpan<short>(from, channels).CopyTo(new Span<short>(at, channels));
            }
        }
    }
}
