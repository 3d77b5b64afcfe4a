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
    private readonly IntegerMatrix _matrix;
    private readonly IntegerEpilogue _epilogue;
    private readonly int _blockRows;

    public IntegerProductStep(string name, PlanStepKind kind, Window window, Slot x, Slot y, IntegerMatrix matrix, IntegerEpilogue epilogue)
        : base(name, kind, (long)y.Positions * y.Channels * matrix.Inputs, [x], [y])
    {
        (_window, _x, _y, _matrix, _epilogue) = (window, x, y, matrix, epilogue);
        const int tile = IntegerTile<TSimd, TInt, TShort>.Rows;
        long rowBytes = (long)GatheredLength * sizeof(short);
        _blockRows = (int)Math.Clamp(BlockBytes / Math.Max(rowBytes, 1) / tile * tile, tile, Slot.RoundUp(y.Positions, tile));
    }

    // Inputs of one pixel of the output: copied from under its window, or where they lie.
    private bool IsGathered => !_window.IsPointwise;

    private int GatheredLength => 2 * _matrix.Pairs;

    /// <inheritdoc />
    public override long ScratchBytes => IsGathered ? (long)_blockRows * GatheredLength * sizeof(short) : 0;

    // A layer on one pixel is cut into blocks of outputs, another into rows of pixels.
    private bool IsCutByOutputs => _y.Positions == 1;

    private int Parts(int threads) =>
        Math.Min(ItemsFor(Macs, threads), IsCutByOutputs ? _matrix.Blocks : (_y.Positions + _blockRows - 1) / _blockRows * 4);

    /// <inheritdoc />
    public override int WorkItems(int images, int threads) => images * Parts(threads);

    /// <inheritdoc />
    public override void Run(in Frame frame, int item)
    {
        int parts = Parts(frame.Threads), part = item % parts, image = item / parts;
        int units = IsCutByOutputs ? _matrix.Blocks : _y.Positions;
        int first = Part(units, parts, part), end = Part(units, parts, part + 1);
        if (IsCutByOutputs) Run(frame, image, 0, 1, first, end);
        else Run(frame, image, first, end, 0, _matrix.Blocks);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Run(in Frame frame, int image, int first, int end, int firstBlock, int endBlock)
    {
        short* x = frame.At<short>(_x, image), y = frame.At<short>(_y, image), gathered = frame.Scratch<short>();
        nint stride = IsGathered ? GatheredLength : _x.Stride;
        for (int block = first; block < end; block += _blockRows)
        {
            int rows = Math.Min(_blockRows, end - block);
            short* from = IsGathered ? gathered : x + (block * stride);
            if (IsGathered) Gather(x, block, rows, gathered);
            for (int outputs = firstBlock; outputs < endBlock; outputs++)
                RunBlock(from, stride, rows, outputs, y + ((nint)block * _y.Stride) + (outputs * _matrix.Block));
        }
    }

    private void RunBlock(short* x, nint stride, int rows, int block, short* y)
    {
        const int tile = IntegerTile<TSimd, TInt, TShort>.Rows;
        int lanes = TSimd.Lanes, channel = block * _matrix.Block;
        short* weights = _matrix.Weights.Pointer + (block * _matrix.BlockLength);
        bool isWide = _matrix.IsWide;
        int* sums = stackalloc int[tile * 2 * lanes];
        long* wide = stackalloc long[isWide ? tile * 2 * lanes : 1];
        for (int row = 0; row < rows; row += tile)
        {
            int count = Math.Min(tile, rows - row);
            if (isWide)
            {
                RunWide(x + (row * stride), stride, count, weights, channel, sums, wide, y + ((nint)row * _y.Stride));
                continue;
            }

            IntegerTile<TSimd, TInt, TShort>.Run(x + (row * stride), stride, count, weights, _matrix.Pairs, sums);
            for (int r = 0; r < count; r++)
            {
                int* at = sums + (r * 2 * lanes);
                _epilogue.Finish<TSimd, TInt, TShort>(TSimd.Load(at), TSimd.Load(at + lanes), channel, y + ((nint)(row + r) * _y.Stride));
            }
        }
    }

    // As many pairs at a time as 32 bits are sure to hold, added up in 64.
    private void RunWide(short* x, nint stride, int rows, short* weights, int channel, int* sums, long* wide, short* y)
    {
        int length = rows * 2 * TSimd.Lanes;
        new Span<long>(wide, length).Clear();
        for (int pair = 0; pair < _matrix.Pairs; pair += _matrix.SafePairs)
        {
            int pairs = Math.Min(_matrix.SafePairs, _matrix.Pairs - pair);
            IntegerTile<TSimd, TInt, TShort>.Run(x + (2 * pair), stride, rows, weights + ((nint)pair * 2 * _matrix.Block), pairs, sums);
            for (int i = 0; i < length; i++) wide[i] += sums[i];
        }

        for (int i = 0; i < length; i++)
        {
            int row = i / (2 * TSimd.Lanes), position = i % (2 * TSimd.Lanes);
            y[((nint)row * _y.Stride) + IntegerOrder.ChannelAt(TSimd.Lanes, position)] = _epilogue.Finish(wide[i], channel + position);
        }
    }

    // The pixels under the windows of some pixels of the output, zeros where they leave the map.
    private void Gather(short* x, int first, int rows, short* to)
    {
        int channels = _x.Channels;
        for (int pixel = first; pixel < first + rows; pixel++, to += GatheredLength)
        {
            var (top, firstRow, endRow) = _window.RowsAt(pixel / _window.OutputWidth);
            var (left, firstColumn, endColumn) = _window.ColumnsAt(pixel % _window.OutputWidth);
            new Span<short>(to, GatheredLength).Clear();
            for (int kh = firstRow; kh < endRow; kh++)
            for (int kw = firstColumn; kw < endColumn; kw++)
            {
                short* from = x + (((((nint)top + kh) * _window.Width) + left + kw) * _x.Stride);
                new ReadOnlySpan<short>(from, channels).CopyTo(new Span<short>(to + (((kh * _window.KernelWidth) + kw) * channels), channels));
            }
        }
    }
}
