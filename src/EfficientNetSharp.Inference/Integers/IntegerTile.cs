using System.Runtime.CompilerServices;
using EfficientNetSharp.Inference.Kernels;
using EfficientNetSharp.Vectors;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>The operands of some tiles below each other.</summary>
internal unsafe struct IntegerTileOperands
{
    /// <summary>The first row's inputs.</summary>
    public byte* X;

    /// <summary>Bytes from one row of inputs to the next.</summary>
    public nint RowBytes;

    /// <summary>Packed weights from the first inputs on.</summary>
    public byte* Weights;

    /// <summary>Pairs of inputs, or fours of bytes, at least 1.</summary>
    public int Steps;

    /// <summary>Receives the first vector of the first row's sums.</summary>
    public int* Sums;

    /// <summary>Integers from a row's first vector of sums to its second.</summary>
    public nint SecondVector;

    /// <summary>Integers from one row of sums to the next.</summary>
    public nint SumsStride;

    /// <summary>Memory that is needed next: it is asked for while the tiles are computed.</summary>
    public byte* Next;

    /// <summary>Bytes of it for each pair or four.</summary>
    public nint NextStep;

    /// <summary>Where sums are watched, the part of the inputs that comes first; receives the one behind the last that was added up.</summary>
    public InputPart* Part;

    /// <summary>The part behind the last.</summary>
    public InputPart* PartsEnd;

    /// <summary>Receives whether some sum is larger than what follows leaves room for.</summary>
    public bool Exceeds;
}

/// <summary>
/// Sums of products of some rows of inputs with a block of outputs. The textbook form is three loops; here the sums of a tile's rows, two
/// vectors of outputs each, stay in registers, and four bytes of inputs meet all outputs at a time. Sums wrap around at 32 bits.
/// </summary>
internal static unsafe class IntegerTile<TProducts, TInt, TWeight>
    where TProducts : struct, ITileProducts<TInt, TWeight>
    where TInt : struct
    where TWeight : struct
{
    // Of inputs, that is of a pair or of four bytes.
    private const int StepBytes = 4;

    /// <summary>Computes some rows.</summary>
    /// <param name="operands">The operands, for the first row; they are moved on.</param>
    /// <param name="rows">Rows.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(ref IntegerTileOperands operands, int rows)
    {
        while (rows > 0)
        {
            int size = TileSizes.Next(rows, TProducts.Rows), tiles = size == TProducts.Rows ? TileSizes.FullTiles(rows, size) : 1;
            switch (size)
            {
                case 14:
                    Run<Count14>(ref operands, tiles);
                    break;
                case 12:
                    Run<Count12>(ref operands, tiles);
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
                    if (TProducts.Watches) Run<Count1>(ref operands, tiles);
                    else RunOne(ref operands);
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
        int vectorBytes = sizeof(int) * TProducts.Lanes;
        byte* x = operands.X, next = operands.Next;
        int* sums = operands.Sums;
        for (; tiles > 0; tiles--)
        {
            byte* weights = operands.Weights;
            TInt a0 = default, b0 = default, a1 = default, b1 = default, a2 = default, b2 = default, a3 = default, b3 = default;
            TInt a4 = default, b4 = default, a5 = default, b5 = default, a6 = default, b6 = default, a7 = default, b7 = default;
            TInt a8 = default, b8 = default, a9 = default, b9 = default, a10 = default, b10 = default, a11 = default, b11 = default;
            TInt a12 = default, b12 = default, a13 = default, b13 = default;

            // Three rows share a pointer: it, it and the row's length, it and twice that are all addresses that one instruction can form.
            byte* p0 = x, p1 = p0 + (3 * rowBytes), p2 = p1 + (3 * rowBytes), p3 = p2 + (3 * rowBytes), p4 = p3 + (3 * rowBytes);
            var part = operands.Part;
            int k = TProducts.Watches ? part->Steps : operands.Steps;
            bool exceeds = false;

            // Where sums are watched, they stay in registers from part to part.
        NextPart:
            do
            {
                TWeight wa = TProducts.Load(weights), wb = TProducts.Load(weights + vectorBytes);
                if (TRows.Value > 0) TProducts.AddProducts(ref a0, ref b0, p0, wa, wb);
                if (TRows.Value > 1) TProducts.AddProducts(ref a1, ref b1, p0 + rowBytes, wa, wb);
                if (TRows.Value > 2) TProducts.AddProducts(ref a2, ref b2, p0 + twoRows, wa, wb);
                if (TRows.Value > 3) TProducts.AddProducts(ref a3, ref b3, p1, wa, wb);
                if (TRows.Value > 4) TProducts.AddProducts(ref a4, ref b4, p1 + rowBytes, wa, wb);
                if (TRows.Value > 5) TProducts.AddProducts(ref a5, ref b5, p1 + twoRows, wa, wb);
                if (TRows.Value > 6) TProducts.AddProducts(ref a6, ref b6, p2, wa, wb);
                if (TRows.Value > 7) TProducts.AddProducts(ref a7, ref b7, p2 + rowBytes, wa, wb);
                if (TRows.Value > 8) TProducts.AddProducts(ref a8, ref b8, p2 + twoRows, wa, wb);
                if (TRows.Value > 9) TProducts.AddProducts(ref a9, ref b9, p3, wa, wb);
                if (TRows.Value > 10) TProducts.AddProducts(ref a10, ref b10, p3 + rowBytes, wa, wb);
                if (TRows.Value > 11) TProducts.AddProducts(ref a11, ref b11, p3 + twoRows, wa, wb);
                if (TRows.Value > 12) TProducts.AddProducts(ref a12, ref b12, p4, wa, wb);
                if (TRows.Value > 13) TProducts.AddProducts(ref a13, ref b13, p4 + rowBytes, wa, wb);
                Cache.Prefetch(next);
                next += nextStep;
                weights += 2 * vectorBytes;
                p0 += StepBytes;
                if (TRows.Value > 3) p1 += StepBytes;
                if (TRows.Value > 6) p2 += StepBytes;
                if (TRows.Value > 9) p3 += StepBytes;
                if (TRows.Value > 12) p4 += StepBytes;
            }
            while (--k > 0);

            if (TProducts.Watches)
            {
                TInt found = default;
                if (TRows.Value > 0) found = TProducts.Larger(found, a0, b0);
                if (TRows.Value > 1) found = TProducts.Larger(found, a1, b1);
                if (TRows.Value > 2) found = TProducts.Larger(found, a2, b2);
                if (TRows.Value > 3) found = TProducts.Larger(found, a3, b3);
                if (TRows.Value > 4) found = TProducts.Larger(found, a4, b4);
                if (TRows.Value > 5) found = TProducts.Larger(found, a5, b5);
                if (TRows.Value > 6) found = TProducts.Larger(found, a6, b6);
                if (TRows.Value > 7) found = TProducts.Larger(found, a7, b7);
                if (TRows.Value > 8) found = TProducts.Larger(found, a8, b8);
                if (TRows.Value > 9) found = TProducts.Larger(found, a9, b9);
                if (TRows.Value > 10) found = TProducts.Larger(found, a10, b10);
                if (TRows.Value > 11) found = TProducts.Larger(found, a11, b11);
                if (TRows.Value > 12) found = TProducts.Larger(found, a12, b12);
                if (TRows.Value > 13) found = TProducts.Larger(found, a13, b13);
                exceeds = TProducts.Exceeds(found, part->Room);
                part++;
                if (!exceeds && part != operands.PartsEnd)
                {
                    k = part->Steps;
                    goto NextPart;
                }

                operands.Part = part;
                operands.Exceeds = exceeds;
            }

            nint second = operands.SecondVector, stride = operands.SumsStride;
            if (TRows.Value > 0) Store(a0, b0, ref sums, second, stride);
            if (TRows.Value > 1) Store(a1, b1, ref sums, second, stride);
            if (TRows.Value > 2) Store(a2, b2, ref sums, second, stride);
            if (TRows.Value > 3) Store(a3, b3, ref sums, second, stride);
            if (TRows.Value > 4) Store(a4, b4, ref sums, second, stride);
            if (TRows.Value > 5) Store(a5, b5, ref sums, second, stride);
            if (TRows.Value > 6) Store(a6, b6, ref sums, second, stride);
            if (TRows.Value > 7) Store(a7, b7, ref sums, second, stride);
            if (TRows.Value > 8) Store(a8, b8, ref sums, second, stride);
            if (TRows.Value > 9) Store(a9, b9, ref sums, second, stride);
            if (TRows.Value > 10) Store(a10, b10, ref sums, second, stride);
            if (TRows.Value > 11) Store(a11, b11, ref sums, second, stride);
            if (TRows.Value > 12) Store(a12, b12, ref sums, second, stride);
            if (TRows.Value > 13) Store(a13, b13, ref sums, second, stride);
            x += TRows.Value * rowBytes;
        }

        operands.X = x;
        operands.Sums = sums;
        operands.Next = next;
    }

    // Three chains for each vector, as one would wait for itself.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunOne(ref IntegerTileOperands operands)
    {
        const int chains = 3;
        byte* x = operands.X, weights = operands.Weights;
        int k = operands.Steps, bytes = sizeof(int) * TProducts.Lanes;
        TInt a0 = default, b0 = default, a1 = default, b1 = default, a2 = default, b2 = default;
        for (; k >= chains; k -= chains, x += chains * StepBytes, weights += chains * 2 * bytes)
        {
            Add(ref a0, ref b0, x, weights);
            Add(ref a1, ref b1, x + StepBytes, weights + (2 * bytes));
            Add(ref a2, ref b2, x + (2 * StepBytes), weights + (4 * bytes));
        }

        for (; k > 0; k--, x += StepBytes, weights += 2 * bytes) Add(ref a0, ref b0, x, weights);
        int* sums = operands.Sums;
        TInt a = TProducts.Add(TProducts.Add(a0, a1), a2), b = TProducts.Add(TProducts.Add(b0, b1), b2);
        Store(a, b, ref sums, operands.SecondVector, operands.SumsStride);
        operands.Sums = sums;
        operands.X += operands.RowBytes;
        operands.Next += operands.NextStep * operands.Steps;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(ref TInt a, ref TInt b, byte* x, byte* weights) =>
        TProducts.AddProducts(ref a, ref b, x, TProducts.Load(weights), TProducts.Load(weights + (sizeof(int) * TProducts.Lanes)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(TInt a, TInt b, ref int* sums, nint second, nint stride)
    {
        TProducts.Store(a, sums);
        TProducts.Store(b, sums + second);
        sums += stride;
    }
}
