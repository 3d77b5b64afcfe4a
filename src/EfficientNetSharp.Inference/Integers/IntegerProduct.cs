using System.Runtime.CompilerServices;
using EfficientNetSharp.Inference.Kernels;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>Rows that a product is computed of, and where its results go.</summary>
internal unsafe struct IntegerRows
{
    /// <summary>The first row's inputs: whole pairs of 16-bit integers, or bytes by four where the matrix takes bytes.</summary>
    public byte* X;

    /// <summary>Bytes from one row to the next.</summary>
    public nint RowBytes;

    /// <summary>The upper eight bits of the first row's inputs, where the matrix splits them.</summary>
    public short* High;

    /// <summary>Their lower eight bits.</summary>
    public short* Low;

    /// <summary>Rows.</summary>
    public int Count;

    /// <summary>Receives a block's outputs of the first row.</summary>
    public short* Y;

    /// <summary>Integers from one row of outputs to the next.</summary>
    public nint YStride;

    /// <summary>Pixels of a row of the output map where a gap follows each; 0 where all outputs follow each other.</summary>
    public int Width;

    /// <summary>Integers of the gap.</summary>
    public nint Gap;

    /// <summary>Rows that pass by a block of weights in all calls.</summary>
    public int PassRows;

    /// <summary>The number of the first row among them.</summary>
    public int PassRow;

    /// <summary>Working memory.</summary>
    public byte* Scratch;
}

/// <summary>Products of rows of 16-bit integers with a packed matrix, and what follows their sums.</summary>
internal sealed unsafe class IntegerProduct<TSimd, TInt, TShort>(IntegerMatrix matrix, IntegerEpilogue<TSimd, TInt, TShort> epilogue)
    where TSimd : struct, IIntegerSimd<TInt, TShort>
    where TInt : struct
    where TShort : struct
{
    // Sums wait for their epilogue in a part of the first-level cache.
    private const int SumsBytes = 8 * 1024;

    private static int Block => 2 * TSimd.Lanes;

    private int RowsAtOnce
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => SumsBytes / sizeof(int) / Block / TileRows * TileRows;
    }

    private int TileRows
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => matrix.Bytes is null ? TSimd.TileRows : ByteTile.Rows;
    }

    /// <summary>Bytes of working memory.</summary>
    public long ScratchBytes => (long)RowsAtOnce * Block * (sizeof(int) + (matrix.IsWide ? sizeof(long) : 0));

    /// <summary>Bytes of working memory for so many rows of inputs, where the matrix takes them as bytes or splits them.</summary>
    public long PackedBytes(long rows) =>
        matrix.Bytes is not null ? (rows * matrix.RowBytes) + ByteRows.Slack
        : matrix.SplitsInputs ? 2 * rows * matrix.SplitLength * sizeof(short) : 0;

    /// <summary>The rows as the matrix takes them: as they are, as bytes, or with their halves beside them.</summary>
    /// <param name="rows">Rows of 16-bit integers; receives those that are taken.</param>
    /// <param name="to">Working memory for them.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Pack(ref IntegerRows rows, byte* to)
    {
        nint stride = rows.RowBytes / sizeof(short);
        if (matrix.SplitsInputs)
        {
            rows.High = (short*)to;
            rows.Low = rows.High + ((nint)rows.Count * matrix.SplitLength);
            WideSums.Split<TSimd, TInt, TShort>((short*)rows.X, stride, rows.Count, matrix.SplitLength, rows.High, rows.Low);
        }

        if (matrix.Bytes is null) return;
        ByteRows.Pack((short*)rows.X, stride, rows.Count, (short)matrix.LowestInput, to, matrix.RowBytes);
        rows.X = to;
        rows.RowBytes = matrix.RowBytes;
    }

    /// <summary>Goes on to a later row.</summary>
    /// <param name="rows">Rows that have been packed.</param>
    /// <param name="count">Rows that are left out.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Skip(ref IntegerRows rows, nint count)
    {
        rows.X += count * rows.RowBytes;
        rows.High += count * matrix.SplitLength;
        rows.Low += count * matrix.SplitLength;
    }

    /// <summary>The matrix.</summary>
    public IntegerMatrix Matrix => matrix;

    /// <summary>Computes one block of outputs of some rows.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="block">The block.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(IntegerRows rows, int block)
    {
        if (matrix.Bytes is null) RunPairs(rows, block);
        else RunBytes(rows, block);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunPairs(IntegerRows rows, int block)
    {
        short* weights = matrix.Weights!.Pointer + (block * matrix.BlockLength);
        int* sums = (int*)rows.Scratch;

        // The tiles share the next block's weights among them, each asks for its part while it is at work.
        nint blockBytes = (nint)matrix.BlockLength * sizeof(short), bytesPerRow = blockBytes / rows.PassRows;
        var operands = new IntegerTileOperands
        {
            X = (short*)rows.X,
            RowBytes = rows.RowBytes,
            Weights = weights,
            Pairs = matrix.Pairs,
            Next = (byte*)weights + blockBytes + (bytesPerRow * rows.PassRow),
            NextStep = (bytesPerRow * Math.Min(TSimd.TileRows, rows.Count) / matrix.Pairs) + 1,
        };
        for (int row = 0; row < rows.Count; row += RowsAtOnce)
        {
            int count = Math.Min(RowsAtOnce, rows.Count - row);
            if (matrix.IsWideBlock[block])
            {
                if (matrix.SplitsInputs) RunHalves(rows, row, count, weights, sums);
                else RunWide(rows.X + (row * rows.RowBytes), rows.RowBytes, count, weights, matrix.SafePairs[block], sums);
                Finish(ref rows, null, (long*)(sums + (RowsAtOnce * Block)), count, block * Block);
                continue;
            }

            operands.Sums = sums;
            IntegerTile<TSimd, TInt, TShort>.Run(ref operands, count);
            Finish(ref rows, sums, null, count, block * Block);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunBytes(IntegerRows rows, int block)
    {
        int* sums = (int*)rows.Scratch;
        int perBlock = Block / ByteTile.Outputs, part = block * perBlock, lanes = TSimd.Lanes;
        int parts = Math.Min(perBlock, ((epilogue.Channels + ByteTile.Outputs - 1) / ByteTile.Outputs) - part);
        nint partBytes = (nint)matrix.Quads * 2 * ByteTile.VectorBytes, bytesPerRow = perBlock * partBytes / rows.PassRows;
        sbyte* weights = matrix.Bytes!.Pointer + (part * partBytes);
        byte* next = (byte*)weights + (perBlock * partBytes) + (bytesPerRow * rows.PassRow);
        nint nextStep = (bytesPerRow * Math.Min(ByteTile.Rows, rows.Count) / matrix.Quads / parts) + 1;
        for (int row = 0; row < rows.Count; row += RowsAtOnce)
        {
            int count = Math.Min(RowsAtOnce, rows.Count - row);
            for (int i = 0; i < parts; i++)
            {
                var operands = new ByteTileOperands
                {
                    X = rows.X + (row * rows.RowBytes),
                    RowBytes = rows.RowBytes,
                    Weights = weights + (i * partBytes),
                    Quads = matrix.Quads,
                    Sums = sums + (i * ByteTile.Outputs / 2),
                    SecondVector = lanes,
                    SumsStride = 2 * lanes,
                    Next = next,
                    NextStep = nextStep,
                };
                ByteTile.Run(ref operands, count);
                next = operands.Next;
            }

            Finish(ref rows, sums, null, count, block * Block);
        }
    }

    // What follows the sums, row of the map by row where there are gaps between them.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Finish(ref IntegerRows rows, int* sums, long* wideSums, int count, int channel)
    {
        while (count > 0)
        {
            int part = rows.Width > 0 ? Math.Min(count, rows.Width - (rows.PassRow % rows.Width)) : count;
            if (sums is not null) epilogue.Run(sums, part, channel, rows.Y, rows.YStride);
            else epilogue.Run(wideSums, part, channel, rows.Y, rows.YStride);
            sums = sums is null ? null : sums + (part * Block);
            wideSums = wideSums is null ? null : wideSums + (part * Block);
            rows.Y += part * rows.YStride;
            rows.PassRow += part;
            count -= part;
            if (rows.Width > 0 && rows.PassRow % rows.Width == 0) rows.Y += rows.Gap;
        }
    }

    // The upper and the lower eight bits of inputs by themselves, whose sums 32 bits hold.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunHalves(in IntegerRows rows, int first, int count, short* weights, int* sums)
    {
        int length = count * Block;
        int* low = sums + (RowsAtOnce * Block) + length;
        var operands = new IntegerTileOperands
        {
            X = rows.High + ((nint)first * matrix.SplitLength),
            RowBytes = (nint)matrix.SplitLength * sizeof(short),
            Weights = weights,
            Pairs = matrix.Pairs,
            Sums = sums,
            Next = (byte*)weights,
        };
        IntegerTile<TSimd, TInt, TShort>.Run(ref operands, count);
        operands.X = rows.Low + ((nint)first * matrix.SplitLength);
        operands.Sums = low;
        IntegerTile<TSimd, TInt, TShort>.Run(ref operands, count);
        WideSums.Combine<TSimd, TInt, TShort>(sums, low, length, (long*)(sums + (RowsAtOnce * Block)));
    }

    // As many pairs at a time as 32 bits are sure to hold, added up in 64.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunWide(byte* x, nint rowBytes, int rows, short* weights, int safePairs, int* sums)
    {
        int length = rows * Block;
        long* wide = (long*)(sums + (RowsAtOnce * Block));
        new Span<long>(wide, length).Clear();
        for (int pair = 0; pair < matrix.Pairs; pair += safePairs)
        {
            var operands = new IntegerTileOperands
            {
                X = (short*)x + (2 * pair),
                RowBytes = rowBytes,
                Weights = weights + ((nint)pair * 2 * Block),
                Pairs = Math.Min(safePairs, matrix.Pairs - pair),
                Sums = sums,
                Next = (byte*)weights,
            };
            IntegerTile<TSimd, TInt, TShort>.Run(ref operands, rows);
            WideSums.Add<TSimd, TInt, TShort>(sums, length, wide);
        }
    }
}
