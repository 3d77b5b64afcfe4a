using System.Runtime.CompilerServices;
using EfficientNetSharp.Inference.Kernels;
using EfficientNetSharp.Vectors;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>The operands of some tiles below each other.</summary>
internal unsafe struct IntegerTileOperands
{
    /// <summary>The first row's inputs.</summary>
    public short* X;

    /// <summary>Bytes from one row of inputs to the next.</summary>
    public nint RowBytes;

    /// <summary>Packed weights from the first pair on.</summary>
    public short* Weights;

    /// <summary>Pairs of inputs, at least 1.</summary>
    public int Pairs;

    /// <summary>Receives two vectors of sums for each row.</summary>
    public int* Sums;

    /// <summary>Memory that is needed next: it is asked for while the tiles are computed.</summary>
    public byte* Next;

    /// <summary>Bytes of it for each pair.</summary>
    public nint NextStep;
}

/// <summary>
/// Sums of products of some rows of inputs with a block of outputs. The textbook form is three loops; here the sums of a tile's rows, two
/// vectors of outputs each, stay in registers, and a pair of inputs is broadcast to all outputs at a time.
/// </summary>
internal static unsafe class IntegerTile<TSimd, TInt, TShort>
    where TSimd : struct, IIntegerSimd<TInt, TShort>
    where TInt : struct
    where TShort : struct
{
    /// <summary>Computes some rows.</summary>
    /// <param name="operands">The operands, for the first row; they are moved on.</param>
    /// <param name="rows">Rows.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(ref IntegerTileOperands operands, int rows)
    {
        while (rows > 0)
        {
            int size = TileSizes.Next(rows, TSimd.TileRows), tiles = size == TSimd.TileRows ? TileSizes.FullTiles(rows, size) : 1;
            switch (size)
            {
                case 14:
                    Run<Count14>(ref operands, tiles);
                    break;
                case 7:
                    Run<Count7>(ref operands, tiles);
                    break;
                case 6:
                    Run<Count6>(ref operands, tiles);
                    break;
                case 5:
                    Run<Count5>(ref operands, tiles);
                    break;
                case 4:
                    Run<Count4>(ref operands, tiles);
                    break;
                case 3:
                    Run<Count3>(ref operands, tiles);
                    break;
                case 2:
                    Run<Count2>(ref operands, tiles);
                    break;
                default:
                    RunOne(ref operands);
                    break;
            }

            rows -= size * tiles;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<TRows>(ref IntegerTileOperands operands, int tiles)
        where TRows : struct, ICount
    {
        nint rowBytes = operands.RowBytes, twoRows = 2 * rowBytes, nextStep = operands.NextStep;
        int vector = 2 * TSimd.Lanes;
        byte* x = (byte*)operands.X, next = operands.Next;
        int* sums = operands.Sums;
        for (; tiles > 0; tiles--)
        {
            short* weights = operands.Weights;
            TInt a0 = default, b0 = default, a1 = default, b1 = default, a2 = default, b2 = default, a3 = default, b3 = default;
            TInt a4 = default, b4 = default, a5 = default, b5 = default, a6 = default, b6 = default, a7 = default, b7 = default;
            TInt a8 = default, b8 = default, a9 = default, b9 = default, a10 = default, b10 = default, a11 = default, b11 = default;
            TInt a12 = default, b12 = default, a13 = default, b13 = default;

            // Three rows share a pointer: it, it and the row's length, it and twice that are all addresses that one instruction can form.
            byte* p0 = x, p1 = p0 + (3 * rowBytes), p2 = p1 + (3 * rowBytes), p3 = p2 + (3 * rowBytes), p4 = p3 + (3 * rowBytes);
            int k = operands.Pairs;
            do
            {
                TShort wa = TSimd.Load(weights), wb = TSimd.Load(weights + vector);
                if (TRows.Value > 0) Dot(ref a0, ref b0, p0, wa, wb);
                if (TRows.Value > 1) Dot(ref a1, ref b1, p0 + rowBytes, wa, wb);
                if (TRows.Value > 2) Dot(ref a2, ref b2, p0 + twoRows, wa, wb);
                if (TRows.Value > 3) Dot(ref a3, ref b3, p1, wa, wb);
                if (TRows.Value > 4) Dot(ref a4, ref b4, p1 + rowBytes, wa, wb);
                if (TRows.Value > 5) Dot(ref a5, ref b5, p1 + twoRows, wa, wb);
                if (TRows.Value > 6) Dot(ref a6, ref b6, p2, wa, wb);
                if (TRows.Value > 7) Dot(ref a7, ref b7, p2 + rowBytes, wa, wb);
                if (TRows.Value > 8) Dot(ref a8, ref b8, p2 + twoRows, wa, wb);
                if (TRows.Value > 9) Dot(ref a9, ref b9, p3, wa, wb);
                if (TRows.Value > 10) Dot(ref a10, ref b10, p3 + rowBytes, wa, wb);
                if (TRows.Value > 11) Dot(ref a11, ref b11, p3 + twoRows, wa, wb);
                if (TRows.Value > 12) Dot(ref a12, ref b12, p4, wa, wb);
                if (TRows.Value > 13) Dot(ref a13, ref b13, p4 + rowBytes, wa, wb);
                Cache.Prefetch(next);
                next += nextStep;
                weights += 2 * vector;
                p0 += 2 * sizeof(short);
                if (TRows.Value > 3) p1 += 2 * sizeof(short);
                if (TRows.Value > 6) p2 += 2 * sizeof(short);
                if (TRows.Value > 9) p3 += 2 * sizeof(short);
                if (TRows.Value > 12) p4 += 2 * sizeof(short);
            }
            while (--k > 0);

            if (TRows.Value > 0) Store(a0, b0, ref sums);
            if (TRows.Value > 1) Store(a1, b1, ref sums);
            if (TRows.Value > 2) Store(a2, b2, ref sums);
            if (TRows.Value > 3) Store(a3, b3, ref sums);
            if (TRows.Value > 4) Store(a4, b4, ref sums);
            if (TRows.Value > 5) Store(a5, b5, ref sums);
            if (TRows.Value > 6) Store(a6, b6, ref sums);
            if (TRows.Value > 7) Store(a7, b7, ref sums);
            if (TRows.Value > 8) Store(a8, b8, ref sums);
            if (TRows.Value > 9) Store(a9, b9, ref sums);
            if (TRows.Value > 10) Store(a10, b10, ref sums);
            if (TRows.Value > 11) Store(a11, b11, ref sums);
            if (TRows.Value > 12) Store(a12, b12, ref sums);
            if (TRows.Value > 13) Store(a13, b13, ref sums);
            x += TRows.Value * rowBytes;
        }

        operands.X = (short*)x;
        operands.Sums = sums;
        operands.Next = next;
    }

    // Two chains for each vector, as one would wait for itself.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunOne(ref IntegerTileOperands operands)
    {
        short* x = operands.X, weights = operands.Weights;
        int pairs = operands.Pairs, vector = 2 * TSimd.Lanes, i = 0;
        TInt a0 = default, b0 = default, a1 = default, b1 = default;
        for (; i + 1 < pairs; i += 2, weights += 4 * vector)
        {
            TShort v = TSimd.BroadcastPair(x + (2 * i)), w = TSimd.BroadcastPair(x + (2 * i) + 2);
            a0 = TSimd.Dot(a0, v, TSimd.Load(weights));
            b0 = TSimd.Dot(b0, v, TSimd.Load(weights + vector));
            a1 = TSimd.Dot(a1, w, TSimd.Load(weights + (2 * vector)));
            b1 = TSimd.Dot(b1, w, TSimd.Load(weights + (3 * vector)));
        }

        if (i < pairs)
        {
            var v = TSimd.BroadcastPair(x + (2 * i));
            a0 = TSimd.Dot(a0, v, TSimd.Load(weights));
            b0 = TSimd.Dot(b0, v, TSimd.Load(weights + vector));
        }

        int* sums = operands.Sums;
        Store(TSimd.Add(a0, a1), TSimd.Add(b0, b1), ref sums);
        operands.Sums = sums;
        operands.X = (short*)((byte*)x + operands.RowBytes);
        operands.Next += operands.NextStep * pairs;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Dot(ref TInt a, ref TInt b, byte* x, TShort wa, TShort wb)
    {
        var v = TSimd.BroadcastPair((short*)x);
        a = TSimd.Dot(a, v, wa);
        b = TSimd.Dot(b, v, wb);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(TInt a, TInt b, ref int* sums)
    {
        TSimd.Store(a, sums);
        TSimd.Store(b, sums + TSimd.Lanes);
        sums += 2 * TSimd.Lanes;
    }
}
