using System.Runtime.CompilerServices;
using EfficientNetSharp.Vectors;

namespace EfficientNetSharp.Training.Torch.Functions;

/// <summary>
/// The micro-kernel of <see cref="PointwiseFunction"/>: a tile of <see cref="ISimd{TVector}.TileRows"/> rows × two vectors of columns is
/// held in registers while the depth passes by.
/// </summary>
internal static unsafe class ProductTile<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    /// <summary>Computes one tile, y = Σ over the depth of x · panel.</summary>
    /// <param name="x">The first row's first value.</param>
    /// <param name="rowStep">Values from one row to the next.</param>
    /// <param name="depthStep">Values from one place of the depth to the next.</param>
    /// <param name="depth">Length of the sums, at least 1.</param>
    /// <param name="panel">[depth, 2 · lanes].</param>
    /// <param name="y">The first row's results.</param>
    /// <param name="stride">Values from one row of results to the next.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(float* x, nint rowStep, nint depthStep, int depth, float* panel, float* y, nint stride)
    {
        int lanes = TSimd.Lanes;
        var zero = TSimd.Broadcast(0);
        TVector c0 = zero, d0 = zero, c1 = zero, d1 = zero, c2 = zero, d2 = zero, c3 = zero, d3 = zero, c4 = zero, d4 = zero;
        TVector c5 = zero, d5 = zero, c6 = zero, d6 = zero, c7 = zero, d7 = zero, c8 = zero, d8 = zero, c9 = zero, d9 = zero;
        TVector c10 = zero, d10 = zero, c11 = zero, d11 = zero, c12 = zero, d12 = zero, c13 = zero, d13 = zero;

        // Three rows share a pointer: it, it and the row's length, it and twice that are all addresses that one instruction can form.
        float* p0 = x, p1 = p0 + (3 * rowStep), p2 = p1 + (3 * rowStep), p3 = p2 + (3 * rowStep), p4 = p3 + (3 * rowStep);
        do
        {
            TVector w0 = TSimd.Load(panel), w1 = TSimd.Load(panel + lanes);
            Add(ref c0, ref d0, p0, w0, w1);
            Add(ref c1, ref d1, p0 + rowStep, w0, w1);
            Add(ref c2, ref d2, p0 + (2 * rowStep), w0, w1);
            Add(ref c3, ref d3, p1, w0, w1);
            if (TSimd.TileRows > 4)
            {
                Add(ref c4, ref d4, p1 + rowStep, w0, w1);
                Add(ref c5, ref d5, p1 + (2 * rowStep), w0, w1);
            }

            if (TSimd.TileRows > 6)
            {
                Add(ref c6, ref d6, p2, w0, w1);
                Add(ref c7, ref d7, p2 + rowStep, w0, w1);
                Add(ref c8, ref d8, p2 + (2 * rowStep), w0, w1);
                Add(ref c9, ref d9, p3, w0, w1);
                Add(ref c10, ref d10, p3 + rowStep, w0, w1);
                Add(ref c11, ref d11, p3 + (2 * rowStep), w0, w1);
            }

            if (TSimd.TileRows > 12)
            {
                Add(ref c12, ref d12, p4, w0, w1);
                Add(ref c13, ref d13, p4 + rowStep, w0, w1);
            }

            panel += 2 * lanes;
            p0 += depthStep;
            p1 += depthStep;
            p2 += depthStep;
            p3 += depthStep;
            p4 += depthStep;
        }
        while (--depth > 0);

        Store(c0, d0, ref y, stride);
        Store(c1, d1, ref y, stride);
        Store(c2, d2, ref y, stride);
        Store(c3, d3, ref y, stride);
        if (TSimd.TileRows > 4)
        {
            Store(c4, d4, ref y, stride);
            Store(c5, d5, ref y, stride);
        }

        if (TSimd.TileRows > 6)
        {
            Store(c6, d6, ref y, stride);
            Store(c7, d7, ref y, stride);
            Store(c8, d8, ref y, stride);
            Store(c9, d9, ref y, stride);
            Store(c10, d10, ref y, stride);
            Store(c11, d11, ref y, stride);
        }

        if (TSimd.TileRows > 12)
        {
            Store(c12, d12, ref y, stride);
            Store(c13, d13, ref y, stride);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(ref TVector c, ref TVector d, float* x, TVector w0, TVector w1)
    {
        var value = TSimd.Broadcast(*x);
        c = TSimd.MultiplyAdd(value, w0, c);
        d = TSimd.MultiplyAdd(value, w1, d);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(TVector c, TVector d, ref float* y, nint stride)
    {
        TSimd.Store(c, y);
        TSimd.Store(d, y + TSimd.Lanes);
        y += stride;
    }
}
