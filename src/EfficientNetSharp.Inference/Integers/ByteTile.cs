using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using EfficientNetSharp.Inference.Kernels;
using EfficientNetSharp.Vectors;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>The operands of some tiles below each other.</summary>
internal unsafe struct ByteTileOperands
{
    /// <summary>The first row's inputs, unsigned.</summary>
    public byte* X;

    /// <summary>Bytes from one row of inputs to the next.</summary>
    public nint RowBytes;

    /// <summary>Packed weights from the first four inputs on.</summary>
    public sbyte* Weights;

    /// <summary>Inputs by four, at least 1.</summary>
    public int Quads;

    /// <summary>Receives the first vector of the first row's sums.</summary>
    public int* Sums;

    /// <summary>Integers from a row's first vector of sums to its second.</summary>
    public nint SecondVector;

    /// <summary>Integers from one row of sums to the next.</summary>
    public nint SumsStride;

    /// <summary>Memory that is needed next: it is asked for while the tiles are computed.</summary>
    public byte* Next;

    /// <summary>Bytes of it for each four inputs.</summary>
    public nint NextStep;
}

/// <summary>
/// Sums of products of some rows of unsigned bytes with 16 outputs' signed ones, four at a time (VNNI). Sums wrap around at 32 bits. .NET
/// has the operation for 256 bits only, which compute as much in a cycle as 512 bits do with 16-bit integers.
/// </summary>
internal static unsafe class ByteTile
{
    /// <summary>Outputs of a tile.</summary>
    public const int Outputs = 16;

    /// <summary>Rows of a tile whose sums stay in registers.</summary>
    public const int Rows = 6;

    /// <summary>Bytes of a vector.</summary>
    public const int VectorBytes = 32;

    /// <summary>Whether the machine has it.</summary>
    public static bool IsSupported => AvxVnni.IsSupported;

    /// <summary>Computes some rows.</summary>
    /// <param name="operands">The operands, for the first row; they are moved on.</param>
    /// <param name="rows">Rows.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(ref ByteTileOperands operands, int rows)
    {
        while (rows > 0)
        {
            int size = TileSizes.Next(rows, Rows), tiles = size == Rows ? TileSizes.FullTiles(rows, Rows) : 1;
            switch (size)
            {
                case 6:
                    Run<Count6>(ref operands, tiles);
                    break;
                case 5:
                    Run<Count5>(ref operands, 1);
                    break;
                case 4:
                    Run<Count4>(ref operands, 1);
                    break;
                case 3:
                    Run<Count3>(ref operands, 1);
                    break;
                case 2:
                    Run<Count2>(ref operands, 1);
                    break;
                default:
                    RunOne(ref operands);
                    break;
            }

            rows -= size * tiles;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<TRows>(ref ByteTileOperands operands, int tiles)
        where TRows : struct, ICount
    {
        nint rowBytes = operands.RowBytes, twoRows = 2 * rowBytes, nextStep = operands.NextStep;
        nint second = operands.SecondVector, stride = operands.SumsStride;
        byte* x = operands.X, next = operands.Next;
        int* sums = operands.Sums;
        for (; tiles > 0; tiles--)
        {
            sbyte* weights = operands.Weights;
            Vector256<int> a0 = default, b0 = default, a1 = default, b1 = default, a2 = default, b2 = default;
            Vector256<int> a3 = default, b3 = default, a4 = default, b4 = default, a5 = default, b5 = default;

            // Three rows share a pointer: it, it and the row's length, it and twice that are all addresses that one instruction can form.
            byte* p0 = x, p1 = p0 + (3 * rowBytes);
            int k = operands.Quads;
            do
            {
                Vector256<sbyte> wa = Vector256.Load(weights), wb = Vector256.Load(weights + VectorBytes);
                if (TRows.Value > 0) Dot(ref a0, ref b0, p0, wa, wb);
                if (TRows.Value > 1) Dot(ref a1, ref b1, p0 + rowBytes, wa, wb);
                if (TRows.Value > 2) Dot(ref a2, ref b2, p0 + twoRows, wa, wb);
                if (TRows.Value > 3) Dot(ref a3, ref b3, p1, wa, wb);
                if (TRows.Value > 4) Dot(ref a4, ref b4, p1 + rowBytes, wa, wb);
                if (TRows.Value > 5) Dot(ref a5, ref b5, p1 + twoRows, wa, wb);
                Cache.Prefetch(next);
                next += nextStep;
                weights += 2 * VectorBytes;
                p0 += sizeof(int);
                p1 += sizeof(int);
            }
            while (--k > 0);

            if (TRows.Value > 0) Store(a0, b0, ref sums, second, stride);
            if (TRows.Value > 1) Store(a1, b1, ref sums, second, stride);
            if (TRows.Value > 2) Store(a2, b2, ref sums, second, stride);
            if (TRows.Value > 3) Store(a3, b3, ref sums, second, stride);
            if (TRows.Value > 4) Store(a4, b4, ref sums, second, stride);
            if (TRows.Value > 5) Store(a5, b5, ref sums, second, stride);
            x += TRows.Value * rowBytes;
        }

        operands.X = x;
        operands.Sums = sums;
        operands.Next = next;
    }

    // Three chains for each vector, as one would wait for itself.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunOne(ref ByteTileOperands operands)
    {
        const int chains = 3;
        byte* x = operands.X;
        sbyte* weights = operands.Weights;
        int k = operands.Quads;
        Vector256<int> a0 = default, b0 = default, a1 = default, b1 = default, a2 = default, b2 = default;
        for (; k >= chains; k -= chains, x += chains * sizeof(int), weights += chains * 2 * VectorBytes)
        {
            Dot(ref a0, ref b0, x, Vector256.Load(weights), Vector256.Load(weights + VectorBytes));
            Dot(ref a1, ref b1, x + sizeof(int), Vector256.Load(weights + (2 * VectorBytes)), Vector256.Load(weights + (3 * VectorBytes)));
            Dot(ref a2, ref b2, x + (2 * sizeof(int)),
                Vector256.Load(weights + (4 * VectorBytes)), Vector256.Load(weights + (5 * VectorBytes)));
        }

        for (; k > 0; k--, x += sizeof(int), weights += 2 * VectorBytes)
            Dot(ref a0, ref b0, x, Vector256.Load(weights), Vector256.Load(weights + VectorBytes));
        int* sums = operands.Sums;
        Store(a0 + a1 + a2, b0 + b1 + b2, ref sums, operands.SecondVector, operands.SumsStride);
        operands.Sums = sums;
        operands.X += operands.RowBytes;
        operands.Next += operands.NextStep * operands.Quads;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Dot(ref Vector256<int> a, ref Vector256<int> b, byte* x, Vector256<sbyte> wa, Vector256<sbyte> wb)
    {
        var v = Vector256.Create(*(int*)x).AsByte();
        a = AvxVnni.MultiplyWideningAndAdd(a, v, wa);
        b = AvxVnni.MultiplyWideningAndAdd(b, v, wb);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<int> a, Vector256<int> b, ref int* sums, nint second, nint stride)
    {
        a.Store(sums);
        b.Store(sums + second);
        sums += stride;
    }
}
