using System.Runtime.CompilerServices;
using EfficientNetSharp.Vectors;

namespace EfficientNetSharp.Inference.Kernels;

/// <summary>The operands of some tiles below each other.</summary>
internal unsafe struct TileOperands
{
    /// <summary>The first row's inputs.</summary>
    public byte* X;

    /// <summary>Bytes from one row of inputs to the next.</summary>
    public nint RowBytes;

    /// <summary>Packed weights [depth, columns · lanes].</summary>
    public float* Weights;

    /// <summary>Inputs of a stretch, at least 1.</summary>
    public int Depth;

    /// <summary>Stretches, at least 1; each output sums over depth · stretches inputs.</summary>
    public int Stretches;

    /// <summary>Bytes from one stretch of a row's inputs to the next.</summary>
    public nint StretchBytes;

    /// <summary>What the sums start from: the bias of each column.</summary>
    public float* Start;

    /// <summary>What is added to each output, laid out as the outputs are, if the epilogue says so.</summary>
    public float* Residual;

    /// <summary>The first row's outputs.</summary>
    public float* Y;

    /// <summary>Values from one row of outputs to the next.</summary>
    public nint Stride;

    /// <summary>Rows of outputs between two gaps of <see cref="Gap"/> values, as they follow the pixels of a padded map's rows.</summary>
    public nint Width;

    /// <summary>Rows of outputs until the first gap.</summary>
    public nint Left;

    /// <summary>Values of a gap.</summary>
    public nint Gap;

    /// <summary>
    /// Memory that is needed next: it is asked for while the tiles are computed, so much at each input that the tiles of a panel reach its
    /// end together.
    /// </summary>
    public byte* Next;

    /// <summary>Bytes of it for each input.</summary>
    public nint NextStep;
}

/// <summary>
/// The micro-kernel of the matrix product: a tile of rows × columns of outputs is held in registers while the depth passes by. Each
/// iteration takes one or two vectors of packed weights and one broadcast value of each row. Rows and columns are type arguments, so
/// that the compiler leaves out what a smaller tile does not have. The depth may lie in stretches, as the rows of a map do under the
/// window of a convolution.
/// </summary>
internal static unsafe class MatrixTile<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    /// <summary>Computes tiles below each other, which share the weights.</summary>
    /// <param name="operands">The operands, for the first tile.</param>
    /// <param name="tiles">Tiles.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<TRows, TColumns, TEpilogue>(in TileOperands operands, int tiles)
        where TRows : struct, ICount
        where TColumns : struct, ICount
        where TEpilogue : struct, ITileEpilogue
    {
        int lanes = TSimd.Lanes;
        nint rowBytes = operands.RowBytes, twoRows = 2 * rowBytes, stride = operands.Stride;
        nint toStretch = operands.StretchBytes - (operands.Depth * (nint)sizeof(float)), nextStep = operands.NextStep;
        nint left = operands.Left, width = operands.Width, gap = operands.Gap;
        byte* x = operands.X, next = operands.Next;
        float* y = operands.Y, z = operands.Residual;
        TVector zero = TEpilogue.ClampsBelowZero ? TSimd.Broadcast(0) : default;
        TVector six = TEpilogue.ClampsAboveSix ? TSimd.Broadcast(6) : default;
        for (; tiles > 0; tiles--)
        {
            float* weights = operands.Weights, start = operands.Start;
            TVector s0 = TSimd.Load(start), s1 = TColumns.Value > 1 ? TSimd.Load(start + lanes) : default;
            TVector c0 = s0, d0 = s1;
            TVector c1 = s0, d1 = s1;
            TVector c2 = s0, d2 = s1;
            TVector c3 = s0, d3 = s1;
            TVector c4 = s0, d4 = s1;
            TVector c5 = s0, d5 = s1;
            TVector c6 = s0, d6 = s1;
            TVector c7 = s0, d7 = s1;
            TVector c8 = s0, d8 = s1;
            TVector c9 = s0, d9 = s1;
            TVector c10 = s0, d10 = s1;
            TVector c11 = s0, d11 = s1;
            TVector c12 = s0, d12 = s1;
            TVector c13 = s0, d13 = s1;
            if (TEpilogue.AddsResidual)
            {
                if (TRows.Value > 0) Add<TColumns>(ref c0, ref d0, ref z, stride);
                if (TRows.Value > 1) Add<TColumns>(ref c1, ref d1, ref z, stride);
                if (TRows.Value > 2) Add<TColumns>(ref c2, ref d2, ref z, stride);
                if (TRows.Value > 3) Add<TColumns>(ref c3, ref d3, ref z, stride);
                if (TRows.Value > 4) Add<TColumns>(ref c4, ref d4, ref z, stride);
                if (TRows.Value > 5) Add<TColumns>(ref c5, ref d5, ref z, stride);
                if (TRows.Value > 6) Add<TColumns>(ref c6, ref d6, ref z, stride);
                if (TRows.Value > 7) Add<TColumns>(ref c7, ref d7, ref z, stride);
                if (TRows.Value > 8) Add<TColumns>(ref c8, ref d8, ref z, stride);
                if (TRows.Value > 9) Add<TColumns>(ref c9, ref d9, ref z, stride);
                if (TRows.Value > 10) Add<TColumns>(ref c10, ref d10, ref z, stride);
                if (TRows.Value > 11) Add<TColumns>(ref c11, ref d11, ref z, stride);
                if (TRows.Value > 12) Add<TColumns>(ref c12, ref d12, ref z, stride);
                if (TRows.Value > 13) Add<TColumns>(ref c13, ref d13, ref z, stride);
            }

            // Three rows share a pointer: it, it and the row's length, it and twice that are all addresses that one instruction can form.
            byte* p0 = x, p1 = p0 + (3 * rowBytes), p2 = p1 + (3 * rowBytes), p3 = p2 + (3 * rowBytes), p4 = p3 + (3 * rowBytes);
            int stretches = operands.Stretches;
            do
            {
                int k = operands.Depth;
                do
                {
                    TVector w0 = TSimd.Load(weights), w1 = TColumns.Value > 1 ? TSimd.Load(weights + lanes) : default;
                    if (TRows.Value > 0) MultiplyAdd<TColumns>(ref c0, ref d0, (float*)p0, w0, w1);
                    if (TRows.Value > 1) MultiplyAdd<TColumns>(ref c1, ref d1, (float*)(p0 + rowBytes), w0, w1);
                    if (TRows.Value > 2) MultiplyAdd<TColumns>(ref c2, ref d2, (float*)(p0 + twoRows), w0, w1);
                    if (TRows.Value > 3) MultiplyAdd<TColumns>(ref c3, ref d3, (float*)p1, w0, w1);
                    if (TRows.Value > 4) MultiplyAdd<TColumns>(ref c4, ref d4, (float*)(p1 + rowBytes), w0, w1);
                    if (TRows.Value > 5) MultiplyAdd<TColumns>(ref c5, ref d5, (float*)(p1 + twoRows), w0, w1);
                    if (TRows.Value > 6) MultiplyAdd<TColumns>(ref c6, ref d6, (float*)p2, w0, w1);
                    if (TRows.Value > 7) MultiplyAdd<TColumns>(ref c7, ref d7, (float*)(p2 + rowBytes), w0, w1);
                    if (TRows.Value > 8) MultiplyAdd<TColumns>(ref c8, ref d8, (float*)(p2 + twoRows), w0, w1);
                    if (TRows.Value > 9) MultiplyAdd<TColumns>(ref c9, ref d9, (float*)p3, w0, w1);
                    if (TRows.Value > 10) MultiplyAdd<TColumns>(ref c10, ref d10, (float*)(p3 + rowBytes), w0, w1);
                    if (TRows.Value > 11) MultiplyAdd<TColumns>(ref c11, ref d11, (float*)(p3 + twoRows), w0, w1);
                    if (TRows.Value > 12) MultiplyAdd<TColumns>(ref c12, ref d12, (float*)p4, w0, w1);
                    if (TRows.Value > 13) MultiplyAdd<TColumns>(ref c13, ref d13, (float*)(p4 + rowBytes), w0, w1);
                    Cache.Prefetch(next);
                    next += nextStep;
                    weights += TColumns.Value * lanes;
                    p0 += sizeof(float);
                    p1 += sizeof(float);
                    p2 += sizeof(float);
                    p3 += sizeof(float);
                    p4 += sizeof(float);
                }
                while (--k > 0);
                p0 += toStretch;
                p1 += toStretch;
                p2 += toStretch;
                p3 += toStretch;
                p4 += toStretch;
            }
            while (--stretches > 0);

            if (TRows.Value > 0) Store<TColumns, TEpilogue>(c0, d0, zero, six, ref y, stride, ref left, width, gap);
            if (TRows.Value > 1) Store<TColumns, TEpilogue>(c1, d1, zero, six, ref y, stride, ref left, width, gap);
            if (TRows.Value > 2) Store<TColumns, TEpilogue>(c2, d2, zero, six, ref y, stride, ref left, width, gap);
            if (TRows.Value > 3) Store<TColumns, TEpilogue>(c3, d3, zero, six, ref y, stride, ref left, width, gap);
            if (TRows.Value > 4) Store<TColumns, TEpilogue>(c4, d4, zero, six, ref y, stride, ref left, width, gap);
            if (TRows.Value > 5) Store<TColumns, TEpilogue>(c5, d5, zero, six, ref y, stride, ref left, width, gap);
            if (TRows.Value > 6) Store<TColumns, TEpilogue>(c6, d6, zero, six, ref y, stride, ref left, width, gap);
            if (TRows.Value > 7) Store<TColumns, TEpilogue>(c7, d7, zero, six, ref y, stride, ref left, width, gap);
            if (TRows.Value > 8) Store<TColumns, TEpilogue>(c8, d8, zero, six, ref y, stride, ref left, width, gap);
            if (TRows.Value > 9) Store<TColumns, TEpilogue>(c9, d9, zero, six, ref y, stride, ref left, width, gap);
            if (TRows.Value > 10) Store<TColumns, TEpilogue>(c10, d10, zero, six, ref y, stride, ref left, width, gap);
            if (TRows.Value > 11) Store<TColumns, TEpilogue>(c11, d11, zero, six, ref y, stride, ref left, width, gap);
            if (TRows.Value > 12) Store<TColumns, TEpilogue>(c12, d12, zero, six, ref y, stride, ref left, width, gap);
            if (TRows.Value > 13) Store<TColumns, TEpilogue>(c13, d13, zero, six, ref y, stride, ref left, width, gap);
            x += TRows.Value * rowBytes;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<TColumns>(ref TVector c, ref TVector d, ref float* z, nint stride)
        where TColumns : struct, ICount
    {
        c = TSimd.Add(c, TSimd.Load(z));
        if (TColumns.Value > 1) d = TSimd.Add(d, TSimd.Load(z + TSimd.Lanes));
        z += stride;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MultiplyAdd<TColumns>(ref TVector c, ref TVector d, float* x, TVector w0, TVector w1)
        where TColumns : struct, ICount
    {
        var v = TSimd.Broadcast(*x);
        c = TSimd.MultiplyAdd(v, w0, c);
        if (TColumns.Value > 1) d = TSimd.MultiplyAdd(v, w1, d);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TColumns, TEpilogue>(
        TVector c, TVector d, TVector zero, TVector six, ref float* y, nint stride, ref nint left, nint width, nint gap)
        where TColumns : struct, ICount
        where TEpilogue : struct, ITileEpilogue
    {
        TSimd.Store(Clamp<TEpilogue>(c, zero, six), y);
        if (TColumns.Value > 1) TSimd.Store(Clamp<TEpilogue>(d, zero, six), y + TSimd.Lanes);

        // All bits set where the gap follows, without a branch.
        left--;
        nint isAtGap = (left - 1) >> 63;
        y += stride + (gap & isAtGap);
        left += width & isAtGap;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Clamp<TEpilogue>(TVector value, TVector zero, TVector six)
        where TEpilogue : struct, ITileEpilogue
    {
        if (TEpilogue.ClampsBelowZero) value = TSimd.MaxNative(value, zero);
        return TEpilogue.ClampsAboveSix ? TSimd.MinNative(value, six) : value;
    }
}
