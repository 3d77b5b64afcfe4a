using System.Runtime.CompilerServices;
using EfficientNetSharp.Vectors;

namespace EfficientNetSharp.Inference.Kernels;

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
    /// <summary>Computes one tile.</summary>
    /// <param name="x">The first row's inputs.</param>
    /// <param name="rowBytes">Bytes from one row of inputs to the next.</param>
    /// <param name="weights">Packed weights [depth, columns · lanes].</param>
    /// <param name="depth">Inputs of a stretch, at least 1.</param>
    /// <param name="stretches">Stretches, at least 1; each output sums over depth · stretches inputs.</param>
    /// <param name="stretchBytes">Bytes from one stretch of a row's inputs to the next.</param>
    /// <param name="start">What the sums start from: the bias of each column.</param>
    /// <param name="residual">What is added to each output, laid out as the outputs are, if the epilogue says so.</param>
    /// <param name="y">The first row's outputs.</param>
    /// <param name="stride">Values from one row of outputs to the next.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<TRows, TColumns, TEpilogue>(
        float* x,
        nint rowBytes,
        float* weights,
        nint depth,
        int stretches,
        nint stretchBytes,
        float* start,
        float* residual,
        float* y,
        nint stride)
        where TRows : struct, ICount
        where TColumns : struct, ICount
        where TEpilogue : struct, ITileEpilogue
    {
        int lanes = TSimd.Lanes;
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
            float* z = residual;
            if (TRows.Value > 0)
            {
                c0 = TSimd.Add(c0, TSimd.Load(z));
                if (TColumns.Value > 1) d0 = TSimd.Add(d0, TSimd.Load(z + lanes));
                z += stride;
            }

            if (TRows.Value > 1)
            {
                c1 = TSimd.Add(c1, TSimd.Load(z));
                if (TColumns.Value > 1) d1 = TSimd.Add(d1, TSimd.Load(z + lanes));
                z += stride;
            }

            if (TRows.Value > 2)
            {
                c2 = TSimd.Add(c2, TSimd.Load(z));
                if (TColumns.Value > 1) d2 = TSimd.Add(d2, TSimd.Load(z + lanes));
                z += stride;
            }

            if (TRows.Value > 3)
            {
                c3 = TSimd.Add(c3, TSimd.Load(z));
                if (TColumns.Value > 1) d3 = TSimd.Add(d3, TSimd.Load(z + lanes));
                z += stride;
            }

            if (TRows.Value > 4)
            {
                c4 = TSimd.Add(c4, TSimd.Load(z));
                if (TColumns.Value > 1) d4 = TSimd.Add(d4, TSimd.Load(z + lanes));
                z += stride;
            }

            if (TRows.Value > 5)
            {
                c5 = TSimd.Add(c5, TSimd.Load(z));
                if (TColumns.Value > 1) d5 = TSimd.Add(d5, TSimd.Load(z + lanes));
                z += stride;
            }

            if (TRows.Value > 6)
            {
                c6 = TSimd.Add(c6, TSimd.Load(z));
                if (TColumns.Value > 1) d6 = TSimd.Add(d6, TSimd.Load(z + lanes));
                z += stride;
            }

            if (TRows.Value > 7)
            {
                c7 = TSimd.Add(c7, TSimd.Load(z));
                if (TColumns.Value > 1) d7 = TSimd.Add(d7, TSimd.Load(z + lanes));
                z += stride;
            }

            if (TRows.Value > 8)
            {
                c8 = TSimd.Add(c8, TSimd.Load(z));
                if (TColumns.Value > 1) d8 = TSimd.Add(d8, TSimd.Load(z + lanes));
                z += stride;
            }

            if (TRows.Value > 9)
            {
                c9 = TSimd.Add(c9, TSimd.Load(z));
                if (TColumns.Value > 1) d9 = TSimd.Add(d9, TSimd.Load(z + lanes));
                z += stride;
            }

            if (TRows.Value > 10)
            {
                c10 = TSimd.Add(c10, TSimd.Load(z));
                if (TColumns.Value > 1) d10 = TSimd.Add(d10, TSimd.Load(z + lanes));
                z += stride;
            }

            if (TRows.Value > 11)
            {
                c11 = TSimd.Add(c11, TSimd.Load(z));
                if (TColumns.Value > 1) d11 = TSimd.Add(d11, TSimd.Load(z + lanes));
                z += stride;
            }

            if (TRows.Value > 12)
            {
                c12 = TSimd.Add(c12, TSimd.Load(z));
                if (TColumns.Value > 1) d12 = TSimd.Add(d12, TSimd.Load(z + lanes));
                z += stride;
            }

            if (TRows.Value > 13)
            {
                c13 = TSimd.Add(c13, TSimd.Load(z));
                if (TColumns.Value > 1) d13 = TSimd.Add(d13, TSimd.Load(z + lanes));
                z += stride;
            }
        }

        // Three rows share a pointer: it, it and the row's length, it and twice that are all addresses that one instruction can form.
        byte* p0 = (byte*)x, p1 = p0 + (3 * rowBytes), p2 = p1 + (3 * rowBytes), p3 = p2 + (3 * rowBytes), p4 = p3 + (3 * rowBytes);
        nint twoRows = 2 * rowBytes, gap = stretchBytes - (depth * sizeof(float));
        do
        {
            nint k = depth;
            do
            {
                TVector w0 = TSimd.Load(weights), w1 = TColumns.Value > 1 ? TSimd.Load(weights + lanes) : default;
                TVector v;
                if (TRows.Value > 0)
                {
                    v = TSimd.Broadcast(*(float*)p0);
                    c0 = TSimd.MultiplyAdd(v, w0, c0);
                    if (TColumns.Value > 1) d0 = TSimd.MultiplyAdd(v, w1, d0);
                }

                if (TRows.Value > 1)
                {
                    v = TSimd.Broadcast(*(float*)(p0 + rowBytes));
                    c1 = TSimd.MultiplyAdd(v, w0, c1);
                    if (TColumns.Value > 1) d1 = TSimd.MultiplyAdd(v, w1, d1);
                }

                if (TRows.Value > 2)
                {
                    v = TSimd.Broadcast(*(float*)(p0 + twoRows));
                    c2 = TSimd.MultiplyAdd(v, w0, c2);
                    if (TColumns.Value > 1) d2 = TSimd.MultiplyAdd(v, w1, d2);
                }

                if (TRows.Value > 3)
                {
                    v = TSimd.Broadcast(*(float*)p1);
                    c3 = TSimd.MultiplyAdd(v, w0, c3);
                    if (TColumns.Value > 1) d3 = TSimd.MultiplyAdd(v, w1, d3);
                }

                if (TRows.Value > 4)
                {
                    v = TSimd.Broadcast(*(float*)(p1 + rowBytes));
                    c4 = TSimd.MultiplyAdd(v, w0, c4);
                    if (TColumns.Value > 1) d4 = TSimd.MultiplyAdd(v, w1, d4);
                }

                if (TRows.Value > 5)
                {
                    v = TSimd.Broadcast(*(float*)(p1 + twoRows));
                    c5 = TSimd.MultiplyAdd(v, w0, c5);
                    if (TColumns.Value > 1) d5 = TSimd.MultiplyAdd(v, w1, d5);
                }

                if (TRows.Value > 6)
                {
                    v = TSimd.Broadcast(*(float*)p2);
                    c6 = TSimd.MultiplyAdd(v, w0, c6);
                    if (TColumns.Value > 1) d6 = TSimd.MultiplyAdd(v, w1, d6);
                }

                if (TRows.Value > 7)
                {
                    v = TSimd.Broadcast(*(float*)(p2 + rowBytes));
                    c7 = TSimd.MultiplyAdd(v, w0, c7);
                    if (TColumns.Value > 1) d7 = TSimd.MultiplyAdd(v, w1, d7);
                }

                if (TRows.Value > 8)
                {
                    v = TSimd.Broadcast(*(float*)(p2 + twoRows));
                    c8 = TSimd.MultiplyAdd(v, w0, c8);
                    if (TColumns.Value > 1) d8 = TSimd.MultiplyAdd(v, w1, d8);
                }

                if (TRows.Value > 9)
                {
                    v = TSimd.Broadcast(*(float*)p3);
                    c9 = TSimd.MultiplyAdd(v, w0, c9);
                    if (TColumns.Value > 1) d9 = TSimd.MultiplyAdd(v, w1, d9);
                }

                if (TRows.Value > 10)
                {
                    v = TSimd.Broadcast(*(float*)(p3 + rowBytes));
                    c10 = TSimd.MultiplyAdd(v, w0, c10);
                    if (TColumns.Value > 1) d10 = TSimd.MultiplyAdd(v, w1, d10);
                }

                if (TRows.Value > 11)
                {
                    v = TSimd.Broadcast(*(float*)(p3 + twoRows));
                    c11 = TSimd.MultiplyAdd(v, w0, c11);
                    if (TColumns.Value > 1) d11 = TSimd.MultiplyAdd(v, w1, d11);
                }

                if (TRows.Value > 12)
                {
                    v = TSimd.Broadcast(*(float*)p4);
                    c12 = TSimd.MultiplyAdd(v, w0, c12);
                    if (TColumns.Value > 1) d12 = TSimd.MultiplyAdd(v, w1, d12);
                }

                if (TRows.Value > 13)
                {
                    v = TSimd.Broadcast(*(float*)(p4 + rowBytes));
                    c13 = TSimd.MultiplyAdd(v, w0, c13);
                    if (TColumns.Value > 1) d13 = TSimd.MultiplyAdd(v, w1, d13);
                }

                weights += TColumns.Value * lanes;
                p0 += sizeof(float);
                p1 += sizeof(float);
                p2 += sizeof(float);
                p3 += sizeof(float);
                p4 += sizeof(float);
            }
            while (--k > 0);
            p0 += gap;
            p1 += gap;
            p2 += gap;
            p3 += gap;
            p4 += gap;
        }
        while (--stretches > 0);

        TVector zero = TEpilogue.ClampsBelowZero ? TSimd.Broadcast(0) : default;
        TVector six = TEpilogue.ClampsAboveSix ? TSimd.Broadcast(6) : default;
        if (TRows.Value > 0)
        {
            if (TEpilogue.ClampsBelowZero) c0 = TSimd.MaxNative(c0, zero);
            if (TEpilogue.ClampsAboveSix) c0 = TSimd.MinNative(c0, six);
            TSimd.Store(c0, y);
            if (TColumns.Value > 1)
            {
                if (TEpilogue.ClampsBelowZero) d0 = TSimd.MaxNative(d0, zero);
                if (TEpilogue.ClampsAboveSix) d0 = TSimd.MinNative(d0, six);
                TSimd.Store(d0, y + lanes);
            }

            y += stride;
        }

        if (TRows.Value > 1)
        {
            if (TEpilogue.ClampsBelowZero) c1 = TSimd.MaxNative(c1, zero);
            if (TEpilogue.ClampsAboveSix) c1 = TSimd.MinNative(c1, six);
            TSimd.Store(c1, y);
            if (TColumns.Value > 1)
            {
                if (TEpilogue.ClampsBelowZero) d1 = TSimd.MaxNative(d1, zero);
                if (TEpilogue.ClampsAboveSix) d1 = TSimd.MinNative(d1, six);
                TSimd.Store(d1, y + lanes);
            }

            y += stride;
        }

        if (TRows.Value > 2)
        {
            if (TEpilogue.ClampsBelowZero) c2 = TSimd.MaxNative(c2, zero);
            if (TEpilogue.ClampsAboveSix) c2 = TSimd.MinNative(c2, six);
            TSimd.Store(c2, y);
            if (TColumns.Value > 1)
            {
                if (TEpilogue.ClampsBelowZero) d2 = TSimd.MaxNative(d2, zero);
                if (TEpilogue.ClampsAboveSix) d2 = TSimd.MinNative(d2, six);
                TSimd.Store(d2, y + lanes);
            }

            y += stride;
        }

        if (TRows.Value > 3)
        {
            if (TEpilogue.ClampsBelowZero) c3 = TSimd.MaxNative(c3, zero);
            if (TEpilogue.ClampsAboveSix) c3 = TSimd.MinNative(c3, six);
            TSimd.Store(c3, y);
            if (TColumns.Value > 1)
            {
                if (TEpilogue.ClampsBelowZero) d3 = TSimd.MaxNative(d3, zero);
                if (TEpilogue.ClampsAboveSix) d3 = TSimd.MinNative(d3, six);
                TSimd.Store(d3, y + lanes);
            }

            y += stride;
        }

        if (TRows.Value > 4)
        {
            if (TEpilogue.ClampsBelowZero) c4 = TSimd.MaxNative(c4, zero);
            if (TEpilogue.ClampsAboveSix) c4 = TSimd.MinNative(c4, six);
            TSimd.Store(c4, y);
            if (TColumns.Value > 1)
            {
                if (TEpilogue.ClampsBelowZero) d4 = TSimd.MaxNative(d4, zero);
                if (TEpilogue.ClampsAboveSix) d4 = TSimd.MinNative(d4, six);
                TSimd.Store(d4, y + lanes);
            }

            y += stride;
        }

        if (TRows.Value > 5)
        {
            if (TEpilogue.ClampsBelowZero) c5 = TSimd.MaxNative(c5, zero);
            if (TEpilogue.ClampsAboveSix) c5 = TSimd.MinNative(c5, six);
            TSimd.Store(c5, y);
            if (TColumns.Value > 1)
            {
                if (TEpilogue.ClampsBelowZero) d5 = TSimd.MaxNative(d5, zero);
                if (TEpilogue.ClampsAboveSix) d5 = TSimd.MinNative(d5, six);
                TSimd.Store(d5, y + lanes);
            }

            y += stride;
        }

        if (TRows.Value > 6)
        {
            if (TEpilogue.ClampsBelowZero) c6 = TSimd.MaxNative(c6, zero);
            if (TEpilogue.ClampsAboveSix) c6 = TSimd.MinNative(c6, six);
            TSimd.Store(c6, y);
            if (TColumns.Value > 1)
            {
                if (TEpilogue.ClampsBelowZero) d6 = TSimd.MaxNative(d6, zero);
                if (TEpilogue.ClampsAboveSix) d6 = TSimd.MinNative(d6, six);
                TSimd.Store(d6, y + lanes);
            }

            y += stride;
        }

        if (TRows.Value > 7)
        {
            if (TEpilogue.ClampsBelowZero) c7 = TSimd.MaxNative(c7, zero);
            if (TEpilogue.ClampsAboveSix) c7 = TSimd.MinNative(c7, six);
            TSimd.Store(c7, y);
            if (TColumns.Value > 1)
            {
                if (TEpilogue.ClampsBelowZero) d7 = TSimd.MaxNative(d7, zero);
                if (TEpilogue.ClampsAboveSix) d7 = TSimd.MinNative(d7, six);
                TSimd.Store(d7, y + lanes);
            }

            y += stride;
        }

        if (TRows.Value > 8)
        {
            if (TEpilogue.ClampsBelowZero) c8 = TSimd.MaxNative(c8, zero);
            if (TEpilogue.ClampsAboveSix) c8 = TSimd.MinNative(c8, six);
            TSimd.Store(c8, y);
            if (TColumns.Value > 1)
            {
                if (TEpilogue.ClampsBelowZero) d8 = TSimd.MaxNative(d8, zero);
                if (TEpilogue.ClampsAboveSix) d8 = TSimd.MinNative(d8, six);
                TSimd.Store(d8, y + lanes);
            }

            y += stride;
        }

        if (TRows.Value > 9)
        {
            if (TEpilogue.ClampsBelowZero) c9 = TSimd.MaxNative(c9, zero);
            if (TEpilogue.ClampsAboveSix) c9 = TSimd.MinNative(c9, six);
            TSimd.Store(c9, y);
            if (TColumns.Value > 1)
            {
                if (TEpilogue.ClampsBelowZero) d9 = TSimd.MaxNative(d9, zero);
                if (TEpilogue.ClampsAboveSix) d9 = TSimd.MinNative(d9, six);
                TSimd.Store(d9, y + lanes);
            }

            y += stride;
        }

        if (TRows.Value > 10)
        {
            if (TEpilogue.ClampsBelowZero) c10 = TSimd.MaxNative(c10, zero);
            if (TEpilogue.ClampsAboveSix) c10 = TSimd.MinNative(c10, six);
            TSimd.Store(c10, y);
            if (TColumns.Value > 1)
            {
                if (TEpilogue.ClampsBelowZero) d10 = TSimd.MaxNative(d10, zero);
                if (TEpilogue.ClampsAboveSix) d10 = TSimd.MinNative(d10, six);
                TSimd.Store(d10, y + lanes);
            }

            y += stride;
        }

        if (TRows.Value > 11)
        {
            if (TEpilogue.ClampsBelowZero) c11 = TSimd.MaxNative(c11, zero);
            if (TEpilogue.ClampsAboveSix) c11 = TSimd.MinNative(c11, six);
            TSimd.Store(c11, y);
            if (TColumns.Value > 1)
            {
                if (TEpilogue.ClampsBelowZero) d11 = TSimd.MaxNative(d11, zero);
                if (TEpilogue.ClampsAboveSix) d11 = TSimd.MinNative(d11, six);
                TSimd.Store(d11, y + lanes);
            }

            y += stride;
        }

        if (TRows.Value > 12)
        {
            if (TEpilogue.ClampsBelowZero) c12 = TSimd.MaxNative(c12, zero);
            if (TEpilogue.ClampsAboveSix) c12 = TSimd.MinNative(c12, six);
            TSimd.Store(c12, y);
            if (TColumns.Value > 1)
            {
                if (TEpilogue.ClampsBelowZero) d12 = TSimd.MaxNative(d12, zero);
                if (TEpilogue.ClampsAboveSix) d12 = TSimd.MinNative(d12, six);
                TSimd.Store(d12, y + lanes);
            }

            y += stride;
        }

        if (TRows.Value > 13)
        {
            if (TEpilogue.ClampsBelowZero) c13 = TSimd.MaxNative(c13, zero);
            if (TEpilogue.ClampsAboveSix) c13 = TSimd.MinNative(c13, six);
            TSimd.Store(c13, y);
            if (TColumns.Value > 1)
            {
                if (TEpilogue.ClampsBelowZero) d13 = TSimd.MaxNative(d13, zero);
                if (TEpilogue.ClampsAboveSix) d13 = TSimd.MinNative(d13, six);
                TSimd.Store(d13, y + lanes);
            }

            y += stride;
        }
    }
}
