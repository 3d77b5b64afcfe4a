using System.Runtime.CompilerServices;
using EfficientNetSharp.Inference.Layout;
using EfficientNetSharp.Inference.Steps;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>
/// A convolution that is not in groups, or a linear layer, in integers: a product of the pixels under its windows with its weights.
/// </summary>
internal sealed unsafe class IntegerProductStep<TSimd, TInt, TShort> : PlanStep
    where TSimd : struct, IIntegerSimd<TInt, TShort>
    where TInt : struct
    where TShort : struct
{
    private readonly Slot _x, _y;
    private readonly IntegerProduct<TSimd, TInt, TShort> _product;
    private readonly PixelGatherer? _gatherer;
    private readonly int _blockRows;

    /// <summary>Makes the step.</summary>
    /// <param name="name">The node's name.</param>
    /// <param name="window">The window.</param>
    /// <param name="x">The map.</param>
    /// <param name="y">The result.</param>
    /// <param name="gatherer">
    /// How pixels are copied from under the window; <see langword="null"/> where they lie as they are needed.
    /// </param>
    /// <param name="product">The weights, and what follows the sums.</param>
    public IntegerProductStep(
        string name, Window window, Slot x, Slot y, PixelGatherer? gatherer, IntegerProduct<TSimd, TInt, TShort> product)
        : base(name, KindOf(window, y), (long)y.Positions * y.Channels * x.Channels * window.Taps, [x], [y])
    {
        (_x, _y, _product, _gatherer) = (x, y, product, gatherer);
        int tile = TSimd.TileRows;
        long rowBytes = 2L * product.Matrix.Pairs * sizeof(short);
        _blockRows = (int)Math.Clamp(BlockBytes / Math.Max(rowBytes, 1) / tile * tile, tile, Slot.RoundUp(y.Positions, tile));
    }

    private static PlanStepKind KindOf(Window window, Slot y) => y.Positions == 1 && window.SeesWholeMap ? PlanStepKind.Linear
        : window.IsPointwise ? PlanStepKind.Pointwise : PlanStepKind.Convolution;

    private int Blocks => _product.Matrix.Blocks;

    /// <inheritdoc />
    public override long ScratchBytes =>
        _product.ScratchBytes + GatheredBytes + _product.PackedBytes(_blockRows);

    private long GatheredBytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _gatherer is null ? 0 : (((long)_blockRows * _gatherer.RowLength) + ByteRows.Slack) * sizeof(short);
    }

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
        short* x = frame.At<short>(_x, image), y = frame.At<short>(_y, image);
        for (int row = first; row < end; row += _blockRows)
        {
            int count = Math.Min(_blockRows, end - row);
            var rows = new IntegerRows
            {
                X = (byte*)(x + ((nint)row * _x.Stride)), RowBytes = (nint)_x.Stride * sizeof(short), Count = count, PassRows = count,
                YStride = _y.Stride, Scratch = scratch,
            };
            if (_gatherer is not null)
            {
                short* gathered = (short*)(scratch + _product.ScratchBytes);
                _gatherer.Gather(x, row, count, gathered);
                rows.X = (byte*)gathered;
                rows.RowBytes = (nint)_gatherer.RowLength * sizeof(short);
            }

            _product.Pack(ref rows, scratch + _product.ScratchBytes + GatheredBytes);
            for (int block = firstBlock; block < endBlock; block++)
            {
                rows.Y = y + ((nint)row * _y.Stride) + (block * _product.Matrix.Block);
                _product.Run(rows, block);
            }
        }
    }
}
