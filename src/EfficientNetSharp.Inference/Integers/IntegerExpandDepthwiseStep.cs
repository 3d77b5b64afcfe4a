using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using EfficientNetSharp.Inference.Layout;
using EfficientNetSharp.Inference.Memory;
using EfficientNetSharp.Inference.Steps;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>
/// A convolution and the depthwise one that alone takes its value, in integers: for one block of channels after the other, a ring holds
/// just the rows of the map between them that the window covers (as <see cref="ExpandDepthwiseStep{TSimd,TVector}"/> does with floats).
/// </summary>
internal sealed unsafe class IntegerExpandDepthwiseStep<TSimd, TInt, TShort> : PlanStep
    where TSimd : struct, IIntegerSimd<TInt, TShort>
    where TInt : struct
    where TShort : struct
{
    // Threads share a map by its rows where it has this many; lower maps are shared by channels.
    private const int MinRowsToCut = 28;

    // Pixels that are expanded at once: enough for whole tiles also where the map has short rows.
    private const int MinPixelsAtOnce = 28;

    // What a ring may take of the first-level cache without need.
    private const int RingBytes = 16 * 1024;

    private readonly Slot _x, _y;
    private readonly Window _window;
    private readonly PixelGatherer? _gatherer;
    private readonly IntegerProduct<TSimd, TInt, TShort> _expand;
    private readonly IntegerDepthwise<TSimd, TInt, TShort> _depthwise;
    private readonly AlignedBuffer<short> _zeros;
    private readonly int _rowsAtOnce, _ringRows;

    /// <summary>Makes the step.</summary>
    /// <param name="name">The depthwise node's name.</param>
    /// <param name="expandWindow">The first convolution's geometry.</param>
    /// <param name="window">The depthwise convolution's geometry.</param>
    /// <param name="x">The input map.</param>
    /// <param name="y">The output map.</param>
    /// <param name="gatherer">How pixels are copied from under the first's window; <see langword="null"/> where it is 1×1.</param>
    /// <param name="expand">The first convolution's weights and what follows its sums.</param>
    /// <param name="depthwise">The depthwise convolution's.</param>
    public IntegerExpandDepthwiseStep(
        string name, Window expandWindow, Window window, Slot x, Slot y, PixelGatherer? gatherer,
        IntegerProduct<TSimd, TInt, TShort> expand, IntegerDepthwise<TSimd, TInt, TShort> depthwise)
        : base(
            name,
            PlanStepKind.ExpandDepthwise,
            ((long)window.Height * window.Width * y.Channels * x.Channels * expandWindow.Taps)
                + ((long)y.Positions * y.Channels * window.Taps),
            [x],
            [y])
    {
        (_x, _y, _window, _gatherer, _expand, _depthwise) = (x, y, window, gatherer, expand, depthwise);
        _zeros = new AlignedBuffer<short>(Block);
        int rowsForTiles = (MinPixelsAtOnce + window.Width - 1) / window.Width;
        int rowsInCache = (int)Math.Min(window.Height, RingBytes / sizeof(short) / RingStride) - window.KernelHeight + 1;
        _rowsAtOnce = Math.Min(window.Height, Math.Max(rowsForTiles, rowsInCache));
        _ringRows = window.KernelHeight + _rowsAtOnce - 1;
    }

    private static int Block => 2 * TSimd.Lanes;

    // The sums and the gathered pixels lie behind the ring.
    /// <inheritdoc />
    public override long ScratchBytes => RingBytesOf + SumsBytes + GatheredBytes + _expand.PackedBytes(PackedPixels);

    // The map is packed once for all blocks, pixels from under a window for each.
    private long PackedPixels
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (long)(_gatherer is null ? _window.Height : _rowsAtOnce) * _window.Width;
    }

    private long RingBytesOf
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _ringRows * RingStride * sizeof(short);
    }

    private long SumsBytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Math.Max(_expand.ScratchBytes, IntegerDepthwise<TSimd, TInt, TShort>.ScratchBytes);
    }

    private long GatheredBytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _gatherer is null ? 0 : (((long)_rowsAtOnce * _window.Width * _gatherer.RowLength) + ByteRows.Slack) * sizeof(short);
    }

    private long RingStride
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ((long)_window.Width + _window.Pads.Left + _window.Pads.Right) * Block;
    }

    private int Blocks
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _expand.Matrix.Blocks;
    }

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override int WorkItems(int images, int threads)
    {
        var (rowParts, blockParts) = Cut(threads);
        return images * rowParts * blockParts;
    }

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(in Frame frame, int item)
    {
        var (rowParts, blockParts) = Cut(frame.Threads);
        int blockPart = item % blockParts, rowPart = item / blockParts % rowParts, image = item / blockParts / rowParts;
        int firstRow = Part(_window.OutputHeight, rowParts, rowPart), endRow = Part(_window.OutputHeight, rowParts, rowPart + 1);

        // The ring's padding stays as it is for all blocks.
        NativeMemory.Clear(frame.Scratch<byte>(), (nuint)RingBytesOf);
        IntegerTap* taps = stackalloc IntegerTap[_depthwise.Taps + 1];
        taps[_depthwise.Taps] = new IntegerTap { X = _zeros.Pointer };
        int firstInput = Math.Max(0, _window.RowsAt(firstRow).Top), endInput = EndOfInputs(endRow - 1);
        var rows = new IntegerRows
        {
            X = (byte*)(frame.At<short>(_x, image) + ((nint)firstInput * _window.Width * _x.Stride)),
            RowBytes = (nint)_x.Stride * sizeof(short),
            Count = Math.Max(0, endInput - firstInput) * _window.Width,
            YStride = Block,
            Width = _window.Width,
            Gap = ((nint)_window.Pads.Left + _window.Pads.Right) * Block,
            PassRows = _window.Width * _window.Height,
            Scratch = frame.Scratch<byte>() + RingBytesOf,
        };
        if (_gatherer is null) _expand.Pack(ref rows, rows.Scratch + SumsBytes);
        for (int block = Part(Blocks, blockParts, blockPart); block < Part(Blocks, blockParts, blockPart + 1); block++)
            RunBlock(frame, image, block, firstRow, endRow, rows, taps);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private (int RowParts, int BlockParts) Cut(int threads)
    {
        if (threads == 1) return (1, 1);
        int rowParts = _window.OutputHeight >= MinRowsToCut ? threads : 1;
        return (rowParts, Math.Min(Blocks, Math.Max(1, ItemsPerThread * threads / rowParts)));
    }

    // The row after the last one of the expanded map that a row of the output sees.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int EndOfInputs(int row)
    {
        var (top, _, end) = _window.RowsAt(row);
        return top + end;
    }

    // The rows are those of all inputs, from the first that is needed on.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunBlock(in Frame frame, int image, int block, int firstRow, int endRow, in IntegerRows rows, IntegerTap* taps)
    {
        short* ring = frame.Scratch<short>(), y = frame.At<short>(_y, image) + (block * Block);
        int* sums = (int*)(frame.Scratch<byte>() + RingBytesOf);
        int firstInput = Math.Max(0, _window.RowsAt(firstRow).Top), expanded = firstInput;
        bool isWide = _depthwise.IsWide(block * Block);
        short* highest = stackalloc short[isWide ? (_ringRows + 1) * Block : 0], highestUnder = highest + (_ringRows * Block);
        for (int row = firstRow; row < endRow; row++)
        {
            int top = _window.RowsAt(row).Top;
            TShort largest = default;
            while (expanded < EndOfInputs(row)) expanded = Expand(frame, image, block, rows, firstInput, expanded, isWide ? highest : null);
            for (int kh = 0, tap = 0; kh < _window.KernelHeight; kh++)
            {
                bool isOnMap = (uint)(top + kh) < (uint)_window.Height;
                short* inputs = isOnMap ? ring + ((top + kh) % _ringRows * RingStride) : _zeros.Pointer;
                nint pixel = isOnMap ? Block : 0;
                if (isWide && isOnMap) largest = TSimd.Max(largest, TSimd.Load(highest + ((top + kh) % _ringRows * Block)));
                for (int kw = 0; kw < _window.KernelWidth; kw++, tap++)
                    taps[tap] = new IntegerTap { X = inputs + (kw * pixel), Step = _window.Stride * pixel };
            }

            if (isWide) TSimd.Store(largest, highestUnder);
            short* to = y + ((nint)row * _y.Width * _y.Stride);
            _depthwise.Run(taps, 0, _y.Width, block * Block, to, _y.Stride, sums, isWide ? highestUnder : null);
        }
    }

    // Some rows from the given one on, up to the ring's end, with the highest integers of each; returns the row after them.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Expand(in Frame frame, int image, int block, IntegerRows rows, int firstInput, int row, short* highest)
    {
        int inRing = row % _ringRows, end = Math.Min(row + Math.Min(_rowsAtOnce, _ringRows - inRing), _window.Height);
        int first = row * _window.Width;
        rows.Count = (end - row) * _window.Width;
        rows.PassRow = first;
        rows.Y = frame.Scratch<short>() + (inRing * RingStride) + (_window.Pads.Left * Block);
        if (_gatherer is null)
        {
            rows.Skip((nint)(row - firstInput) * _window.Width);
        }
        else
        {
            short* gathered = (short*)(rows.Scratch + SumsBytes);
            _gatherer.Gather(frame.At<short>(_x, image), first, rows.Count, gathered);
            rows.X = (byte*)gathered;
            rows.RowBytes = (nint)_gatherer.RowLength * sizeof(short);
            _expand.Pack(ref rows, rows.Scratch + SumsBytes + GatheredBytes);
        }

        _expand.Run(rows, block);
        for (int i = inRing; highest is not null && i < inRing + end - row; i++)
            NoteHighest(frame.Scratch<short>() + (i * RingStride) + (_window.Pads.Left * Block), highest + (i * Block));
        return end;
    }

    // Of each channel of a row.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void NoteHighest(short* row, short* highest)
    {
        var largest = TSimd.Load(row);
        for (int i = 1; i < _window.Width; i++) largest = TSimd.Max(largest, TSimd.Load(row + (i * Block)));
        TSimd.Store(largest, highest);
    }
}
