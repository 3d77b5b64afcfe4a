using System.Runtime.CompilerServices;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>
/// Sums of products of some rows of inputs with a block of outputs. The textbook form is three loops; here six rows and two vectors of
/// outputs stay in registers, and a pair of inputs is broadcast to all outputs at a time.
/// </summary>
internal static unsafe class IntegerTile<TSimd, TInt, TShort>
    where TSimd : struct, IIntegerSimd<TInt, TShort>
    where TInt : struct
    where TShort : struct
{
    /// <summary>Rows of a tile.</summary>
    public const int Rows = 6;

    /// <summary>Six rows, or fewer: then the last one's sums are computed again and not stored.</summary>
    /// <param name="x">The first row's inputs.</param>
    /// <param name="stride">Integers from one row to the next.</param>
    /// <param name="rows">Rows, 1 to 6.</param>
    /// <param name="weights">The block's weights from the first pair on.</param>
    /// <param name="pairs">Pairs of inputs.</param>
    /// <param name="sums">Receives two vectors for each row.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(short* x, nint stride, int rows, short* weights, int pairs, int* sums)
    {
        if (rows == 1)
        {
            RunOne(x, weights, pairs, sums);
            return;
        }

        short* x1 = x + stride, x2 = rows > 2 ? x1 + stride : x1, x3 = rows > 3 ? x2 + stride : x2;
        short* x4 = rows > 4 ? x3 + stride : x3, x5 = rows > 5 ? x4 + stride : x4;
        TInt a0 = default, b0 = default, a1 = default, b1 = default, a2 = default, b2 = default;
        TInt a3 = default, b3 = default, a4 = default, b4 = default, a5 = default, b5 = default;
        int vector = 2 * TSimd.Lanes;
        for (nint i = 0; i < 2 * (nint)pairs; i += 2, weights += 2 * vector)
        {
            TShort wa = TSimd.Load(weights), wb = TSimd.Load(weights + vector);
            var v = TSimd.BroadcastPair(x + i);
            (a0, b0) = (TSimd.Dot(a0, v, wa), TSimd.Dot(b0, v, wb));
            v = TSimd.BroadcastPair(x1 + i);
            (a1, b1) = (TSimd.Dot(a1, v, wa), TSimd.Dot(b1, v, wb));
            v = TSimd.BroadcastPair(x2 + i);
            (a2, b2) = (TSimd.Dot(a2, v, wa), TSimd.Dot(b2, v, wb));
            v = TSimd.BroadcastPair(x3 + i);
            (a3, b3) = (TSimd.Dot(a3, v, wa), TSimd.Dot(b3, v, wb));
            v = TSimd.BroadcastPair(x4 + i);
            (a4, b4) = (TSimd.Dot(a4, v, wa), TSimd.Dot(b4, v, wb));
            v = TSimd.BroadcastPair(x5 + i);
            (a5, b5) = (TSimd.Dot(a5, v, wa), TSimd.Dot(b5, v, wb));
        }

        Store(a0, b0, sums, 0);
        Store(a1, b1, sums, 1);
        Store(a2, b2, sums, 2);
        Store(a3, b3, sums, 3);
        Store(a4, b4, sums, 4);
        Store(a5, b5, sums, 5);
    }

    // Two chains for each vector, as one would wait for itself.
    private static void RunOne(short* x, short* weights, int pairs, int* sums)
    {
        TInt a0 = default, b0 = default, a1 = default, b1 = default;
        int vector = 2 * TSimd.Lanes, i = 0;
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

        Store(TSimd.Add(a0, a1), TSimd.Add(b0, b1), sums, 0);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(TInt a, TInt b, int* sums, int row)
    {
        TSimd.Store(a, sums + (row * 2 * TSimd.Lanes));
        TSimd.Store(b, sums + (((row * 2) + 1) * TSimd.Lanes));
    }
}
