using System.Runtime.CompilerServices;
using EfficientNetSharp.Vectors;

namespace EfficientNetSharp.Inference.Kernels;

/// <summary>
/// The transforms of Winograd's minimal filtering F(2×2, 3×3) (Lavin and Gray 2016, arXiv:1509.09308): four outputs of a 3×3 convolution
/// from 4×4 inputs in 16 multiplications for each pair of channels in place of 36. The transforms of maps need sums and differences only,
/// so that little is rounded.
/// </summary>
internal static unsafe class Winograd
{
    /// <summary>Places of a transformed tile or kernel, 4×4.</summary>
    public const int Places = 16;

    /// <summary>Side of a tile of outputs.</summary>
    public const int Side = 2;

    /// <summary>Side of the inputs that a tile needs.</summary>
    public const int InputSide = 4;

    /// <summary>The place whose share in all four outputs of a tile is one: what is added there, is added to each.</summary>
    public const int CommonPlace = 5;

    /// <summary>Values of a kernel, 3×3.</summary>
    public const int Taps = 9;

    /// <summary>G·g·Gᵀ of a kernel.</summary>
    /// <param name="kernel">Its nine values.</param>
    /// <param name="transformed">Receives sixteen values.</param>
    /// <param name="stride">Values from one of them to the next.</param>
    public static void TransformKernel(ReadOnlySpan<float> kernel, Span<float> transformed, int stride)
    {
        Span<double> rows = stackalloc double[12];
        for (int column = 0; column < 3; column++)
        {
            double first = kernel[column], middle = kernel[3 + column], last = kernel[6 + column];
            rows[column] = first;
            rows[3 + column] = 0.5 * (first + middle + last);
            rows[6 + column] = 0.5 * (first - middle + last);
            rows[9 + column] = last;
        }

        for (int row = 0; row < 4; row++)
        {
            double first = rows[3 * row], middle = rows[(3 * row) + 1], last = rows[(3 * row) + 2];
            int at = 4 * row * stride;
            transformed[at] = (float)first;
            transformed[at + stride] = (float)(0.5 * (first + middle + last));
            transformed[at + (2 * stride)] = (float)(0.5 * (first - middle + last));
            transformed[at + (3 * stride)] = (float)last;
        }
    }
}

/// <summary>The same for maps, a vector of channels at a time.</summary>
internal static unsafe class Winograd<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    /// <summary>Bᵀ·d·B of a tile's inputs.</summary>
    /// <param name="pixels">The 4×4 inputs, row by row.</param>
    /// <param name="channels">Their channels, a multiple of the lanes.</param>
    /// <param name="v">Where the channels of the first place go.</param>
    /// <param name="plane">Values from one place to the next.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TransformInputs(float** pixels, int channels, float* v, nint plane)
    {
        for (nint c = 0; c < channels; c += TSimd.Lanes)
        {
            // A column after the other, then each row of what they gave.
            TVector x0 = TSimd.Load(pixels[0] + c), x1 = TSimd.Load(pixels[4] + c);
            TVector x2 = TSimd.Load(pixels[8] + c), x3 = TSimd.Load(pixels[12] + c);
            TVector a0 = TSimd.Subtract(x0, x2), a1 = TSimd.Add(x1, x2), a2 = TSimd.Subtract(x2, x1), a3 = TSimd.Subtract(x1, x3);
            x0 = TSimd.Load(pixels[1] + c);
            x1 = TSimd.Load(pixels[5] + c);
            x2 = TSimd.Load(pixels[9] + c);
            x3 = TSimd.Load(pixels[13] + c);
            TVector b0 = TSimd.Subtract(x0, x2), b1 = TSimd.Add(x1, x2), b2 = TSimd.Subtract(x2, x1), b3 = TSimd.Subtract(x1, x3);
            x0 = TSimd.Load(pixels[2] + c);
            x1 = TSimd.Load(pixels[6] + c);
            x2 = TSimd.Load(pixels[10] + c);
            x3 = TSimd.Load(pixels[14] + c);
            TVector c0 = TSimd.Subtract(x0, x2), c1 = TSimd.Add(x1, x2), c2 = TSimd.Subtract(x2, x1), c3 = TSimd.Subtract(x1, x3);
            x0 = TSimd.Load(pixels[3] + c);
            x1 = TSimd.Load(pixels[7] + c);
            x2 = TSimd.Load(pixels[11] + c);
            x3 = TSimd.Load(pixels[15] + c);
            TVector d0 = TSimd.Subtract(x0, x2), d1 = TSimd.Add(x1, x2), d2 = TSimd.Subtract(x2, x1), d3 = TSimd.Subtract(x1, x3);
            float* to = v + c;
            StoreRow(a0, b0, c0, d0, to, plane);
            StoreRow(a1, b1, c1, d1, to + (4 * plane), plane);
            StoreRow(a2, b2, c2, d2, to + (8 * plane), plane);
            StoreRow(a3, b3, c3, d3, to + (12 * plane), plane);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreRow(TVector a, TVector b, TVector c, TVector d, float* to, nint plane)
    {
        TSimd.Store(TSimd.Subtract(a, c), to);
        TSimd.Store(TSimd.Add(b, c), to + plane);
        TSimd.Store(TSimd.Subtract(c, b), to + (2 * plane));
        TSimd.Store(TSimd.Subtract(b, d), to + (3 * plane));
    }

    /// <summary>Aᵀ·m·A of some tiles side by side: their outputs, with another value added.</summary>
    /// <param name="m">The first tile's first place.</param>
    /// <param name="plane">Values from one place to the next.</param>
    /// <param name="columns">Channels, a multiple of the lanes; the tiles follow each other at this distance.</param>
    /// <param name="width">Columns of the map that are covered, two for each tile; the last tile may have one.</param>
    /// <param name="below">Values to the tiles' second row; 0 where they have none.</param>
    /// <param name="stride">Values from one pixel of the output to the next.</param>
    /// <param name="residual">What is added, laid out as the outputs; <see langword="null"/> for nothing.</param>
    /// <param name="y">The first output.</param>
    public static void TransformOutputs(float* m, nint plane, int columns, int width, nint below, nint stride, float* residual, float* y)
    {
        if (residual == null) Outputs(m, plane, columns, width, below, stride, y);
        else OutputsAndAdd(m, plane, columns, width, below, stride, residual, y);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Outputs(float* m, nint plane, int columns, int width, nint below, nint stride, float* y)
    {
        for (; width > 0; width -= 2, y += 2 * stride, m += columns)
        {
            for (nint c = 0; c < columns; c += TSimd.Lanes)
            {
                Tile(m + c, plane, out var y00, out var y01, out var y10, out var y11);
                float* to = y + c;
                TSimd.Store(y00, to);
                if (width > 1) TSimd.Store(y01, to + stride);
                if (below == 0) continue;
                TSimd.Store(y10, to + below);
                if (width > 1) TSimd.Store(y11, to + below + stride);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void OutputsAndAdd(float* m, nint plane, int columns, int width, nint below, nint stride, float* residual, float* y)
    {
        for (; width > 0; width -= 2, y += 2 * stride, residual += 2 * stride, m += columns)
        {
            for (nint c = 0; c < columns; c += TSimd.Lanes)
            {
                Tile(m + c, plane, out var y00, out var y01, out var y10, out var y11);
                float* to = y + c, z = residual + c;
                TSimd.Store(TSimd.Add(y00, TSimd.Load(z)), to);
                if (width > 1) TSimd.Store(TSimd.Add(y01, TSimd.Load(z + stride)), to + stride);
                if (below == 0) continue;
                TSimd.Store(TSimd.Add(y10, TSimd.Load(z + below)), to + below);
                if (width > 1) TSimd.Store(TSimd.Add(y11, TSimd.Load(z + below + stride)), to + below + stride);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Tile(float* m, nint plane, out TVector y00, out TVector y01, out TVector y10, out TVector y11)
    {
        nint row = 4 * plane;
        Column(m, row, out var s0, out var t0);
        Column(m + plane, row, out var s1, out var t1);
        Column(m + (2 * plane), row, out var s2, out var t2);
        Column(m + (3 * plane), row, out var s3, out var t3);
        y00 = TSimd.Add(TSimd.Add(s0, s1), s2);
        y01 = TSimd.Subtract(TSimd.Subtract(s1, s2), s3);
        y10 = TSimd.Add(TSimd.Add(t0, t1), t2);
        y11 = TSimd.Subtract(TSimd.Subtract(t1, t2), t3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Column(float* m, nint row, out TVector upper, out TVector lower)
    {
        TVector m1 = TSimd.Load(m + row), m2 = TSimd.Load(m + (2 * row));
        upper = TSimd.Add(TSimd.Add(TSimd.Load(m), m1), m2);
        lower = TSimd.Subtract(TSimd.Subtract(m1, m2), TSimd.Load(m + (3 * row)));
    }
}
