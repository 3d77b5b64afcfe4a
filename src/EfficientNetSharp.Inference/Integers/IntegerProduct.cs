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

    /// <summary>The squares of the lengths of all rows that were packed, where the matrix has wide blocks.</summary>
    public float* Squares;

    /// <summary>The number of the first row among those that were packed.</summary>
    public nint FirstRow;

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

    /// <summary>Goes on to a later row of those that have been packed.</summary>
    /// <param name="count">Rows that are left out.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Skip(nint count)
    {
        X += count * RowBytes;
        FirstRow += count;
    }
}

/// <summary>How sums wait for what follows them.</summary>
internal enum SumForm
{
    /// <summary>In 32 bits.</summary>
    Narrow,

    /// <summary>As <see cref="PartSums"/>, behind the place of those of 32 bits.</summary>
    Parts,

    /// <summary>As <see cref="WideSums"/>, there.</summary>
    Wide,
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
        get => matrix.Products?.Rows ?? TSimd.TileRows;
    }

    /// <summary>Bytes of working memory.</summary>
    public long ScratchBytes => ((long)RowsAtOnce * Block * (sizeof(int) + (matrix.IsWide ? sizeof(long) : 0)))
        + (matrix.SplitsInputs ? 2L * TileRows * matrix.SplitLength * sizeof(short) : 0);

    /// <summary>Bytes of working memory for what <see cref="Pack"/> makes of so many rows of inputs.</summary>
    public long PackedBytes(long rows) =>
        matrix.Products is not null ? (rows * matrix.RowBytes) + ByteRows.Slack
        : matrix.IsWide ? InputNorms.LengthOf(rows, matrix.Chunks) * sizeof(float) : 0;

    /// <summary>
    /// The rows as the matrix takes them: as they are, with their lengths beside them where it has wide blocks, or as bytes.
    /// </summary>
    /// <param name="rows">Rows of 16-bit integers; receives those that are taken.</param>
    /// <param name="to">Working memory for them.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Pack(ref IntegerRows rows, byte* to)
    {
        nint stride = rows.RowBytes / sizeof(short);
        if (matrix.IsWide)
        {
            rows.Squares = (float*)to;
            rows.FirstRow = 0;
            InputNorms.Measure<TSimd, TInt, TShort>(
                (short*)rows.X, stride, rows.Count, matrix.SplitLength, matrix.Chunk, matrix.Chunks, rows.Squares);
        }

        if (matrix.Products is not { } products) return;
        products.Pack((short*)rows.X, stride, rows.Count, matrix.LowestInput, to, matrix.RowBytes);
        rows.X = to;
        rows.RowBytes = matrix.RowBytes;
    }

    /// <summary>The matrix.</summary>
    public IntegerMatrix Matrix => matrix;

    /// <summary>Computes one block of outputs of some rows.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="block">The block.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(IntegerRows rows, int block)
    {
        if (matrix.Products is { } products) RunBytes(rows, block, products);
        else RunPairs(rows, block);
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
            X = rows.X,
            RowBytes = rows.RowBytes,
            Weights = (byte*)weights,
            Steps = matrix.Pairs,
            SecondVector = TSimd.Lanes,
            SumsStride = Block,
            Next = (byte*)weights + blockBytes + (bytesPerRow * rows.PassRow),
            NextStep = (bytesPerRow * Math.Min(TSimd.TileRows, rows.Count) / matrix.Pairs) + 1,
        };
        for (int row = 0; row < rows.Count; row += RowsAtOnce)
        {
            int count = Math.Min(RowsAtOnce, rows.Count - row);
            if (matrix.IsWideBlock[block])
            {
                Finish(ref rows, RunWide(rows, row, count, block, ref operands, sums), sums, count, block * Block);
                continue;
            }

            operands.Sums = sums;
            IntegerTile<PairProducts<TSimd, TInt, TShort, Unwatched>, TInt, TShort>.Run(ref operands, count);
            Finish(ref rows, SumForm.Narrow, sums, count, block * Block);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunBytes(IntegerRows rows, int block, ByteProducts products)
    {
        int* sums = (int*)rows.Scratch;
        int outputs = products.Outputs, perBlock = Block / outputs, part = block * perBlock;
        int parts = Math.Min(perBlock, ((epilogue.Channels + outputs - 1) / outputs) - part);
        nint partBytes = (nint)matrix.RowBytes * outputs, bytesPerRow = perBlock * partBytes / rows.PassRows;
        byte* weights = (byte*)matrix.Bytes!.Pointer + (part * partBytes);
        byte* next = weights + (perBlock * partBytes) + (bytesPerRow * rows.PassRow);
        nint nextStep = (bytesPerRow * Math.Min(products.Rows, rows.Count) / matrix.Quads / parts) + 1;
        for (int row = 0; row < rows.Count; row += RowsAtOnce)
        {
            int count = Math.Min(RowsAtOnce, rows.Count - row);
            for (int i = 0; i < parts; i++)
            {
                var operands = new IntegerTileOperands
                {
                    X = rows.X + (row * rows.RowBytes),
                    RowBytes = rows.RowBytes,
                    Weights = weights + (i * partBytes),
                    Steps = matrix.Quads,
                    Sums = sums + (i * outputs / 2),
                    SecondVector = TSimd.Lanes,
                    SumsStride = Block,
                    Next = next,
                    NextStep = nextStep,
                };
                products.Run(ref operands, count);
                next = operands.Next;
            }

            Finish(ref rows, SumForm.Narrow, sums, count, block * Block);
        }
    }

    // What follows the sums, row of the map by row where there are gaps between them.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Finish(ref IntegerRows rows, SumForm form, int* sums, int count, int channel)
    {
        nint beyond = (nint)RowsAtOnce * Block;
        for (int first = 0; first < count;)
        {
            int part = rows.Width > 0 ? Math.Min(count - first, rows.Width - (rows.PassRow % rows.Width)) : count - first;
            nint at = (nint)first * Block;
            if (form == SumForm.Narrow) epilogue.Run(sums + at, part, channel, rows.Y, rows.YStride);
            else if (form == SumForm.Parts)
                epilogue.Run(sums + beyond + at, sums + (2 * beyond) + at, part, channel, rows.Y, rows.YStride);
            else epilogue.Run((long*)(sums + beyond) + at, part, channel, rows.Y, rows.YStride);
            rows.Y += part * rows.YStride;
            rows.PassRow += part;
            first += part;
            if (rows.Width > 0 && rows.PassRow % rows.Width == 0) rows.Y += rows.Gap;
        }
    }

    // Some rows of a block whose sums 32 bits might not hold. By what is known of inputs and weights mostly parts of a sum are sure to be
    // within them; the whole is so nearly always, and that is seen while it is computed.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private SumForm RunWide(in IntegerRows rows, int first, int count, int block, ref IntegerTileOperands operands, int* sums)
    {
        int chunks = matrix.Chunks, length = count * Block;
        nint beyond = (nint)RowsAtOnce * Block;
        var parts = stackalloc InputPart[Math.Min(chunks, InputNorms.MaxParts)];
        byte* x = rows.X + (first * rows.RowBytes);
        short* weights = matrix.Weights!.Pointer + (block * matrix.BlockLength);
        long bias = matrix.LargestBias[block];
        int partCount = InputNorms.Cut(
            rows.Squares, rows.FirstRow + first, count, matrix.Norms.AsSpan(block * chunks, chunks), matrix.Pairs, matrix.Chunk / 2, bias, parts,
            out double largest);
        if (partCount > 0)
        {
            operands.X = x;
            operands.Sums = sums;
            if (largest + bias < int.MaxValue)
            {
                IntegerTile<PairProducts<TSimd, TInt, TShort, Unwatched>, TInt, TShort>.Run(ref operands, count);
                return SumForm.Narrow;
            }

            var wider = new WiderSums(sums + beyond, beyond, length, epilogue.TakesParts && largest + bias < PartSums.Largest);
            WatchedTiles<TSimd, TInt, TShort>.Run(ref operands, count, parts, parts + partCount, ref wider);
            if (!wider.HasSums) return SumForm.Narrow;
            wider.Add<TSimd, TInt, TShort>(sums, 0, length);
            return wider.AreParts ? SumForm.Parts : SumForm.Wide;
        }

        if (matrix.SplitsInputs)
        {
            RunHalves(x, rows.RowBytes, count, weights, sums);
            return SumForm.Wide;
        }

        int safePairs = matrix.SafePairs[block];
        long* wide = (long*)(sums + beyond);
        new Span<long>(wide, length).Clear();
        for (int pair = 0, end; pair < matrix.Pairs; pair = end)
        {
            end = Math.Min(matrix.Pairs, pair + safePairs);
            RunPart(x, rows.RowBytes, count, weights, pair, end, sums);
            WideSums.Add<TSimd, TInt, TShort>(sums, length, wide);
        }

        return SumForm.Wide;
    }

    // Sums of some pairs of inputs.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunPart(byte* x, nint rowBytes, int rows, short* weights, int pair, int end, int* sums)
    {
        var operands = new IntegerTileOperands
        {
            X = x + ((nint)pair * 2 * sizeof(short)),
            RowBytes = rowBytes,
            Weights = (byte*)(weights + ((nint)pair * 2 * Block)),
            Steps = end - pair,
            Sums = sums,
            SecondVector = TSimd.Lanes,
            SumsStride = Block,
            Next = (byte*)weights,
        };
        IntegerTile<PairProducts<TSimd, TInt, TShort, Unwatched>, TInt, TShort>.Run(ref operands, rows);
    }

    // The upper and the lower eight bits of inputs by themselves, whose sums 32 bits hold whatever the inputs, a tile's rows at a time.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunHalves(byte* x, nint rowBytes, int rows, short* weights, int* sums)
    {
        nint splitLength = matrix.SplitLength;
        long* wide = (long*)(sums + (RowsAtOnce * Block));
        short* high = (short*)(wide + (RowsAtOnce * Block)), low = high + (TSimd.TileRows * splitLength);
        for (int count; rows > 0; rows -= count, x += count * rowBytes, wide += count * Block)
        {
            count = Math.Min(rows, TSimd.TileRows);
            int length = count * Block;
            WideSums.Split<TSimd, TInt, TShort>((short*)x, rowBytes / sizeof(short), count, (int)splitLength, high, low);
            RunPart((byte*)high, splitLength * sizeof(short), count, weights, 0, matrix.Pairs, sums);
            RunPart((byte*)low, splitLength * sizeof(short), count, weights, 0, matrix.Pairs, (int*)wide + length);
            WideSums.Combine<TSimd, TInt, TShort>(sums, (int*)wide + length, length, wide);
        }
    }
}
