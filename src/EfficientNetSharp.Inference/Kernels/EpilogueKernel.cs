using System.Runtime.CompilerServices;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Vectors;

namespace EfficientNetSharp.Inference.Kernels;

/// <summary>
/// What is done to a tile of outputs while it is in the first-level cache: the function, then the sum with another value. A sum that
/// comes before the function is what the tile starts from instead.
/// </summary>
internal unsafe ref struct EpilogueKernel<TSimd, TVector> : IActivationUser<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    private readonly float* _x, _y, _slopes, _addend, _sums;
    private readonly int _rows, _columns;
    private readonly nint _xStride, _stride;

    private EpilogueKernel(
        float* x, nint xStride, float* y, nint stride, int rows, int columns, float* slopes, float* addend, float* sums)
    {
        _x = x;
        _y = y;
        _slopes = slopes;
        _addend = addend;
        _sums = sums;
        (_rows, _columns, _xStride, _stride) = (rows, columns, xStride, stride);
    }

    /// <summary>Applies it.</summary>
    /// <param name="kind">The function.</param>
    /// <param name="x">The tile.</param>
    /// <param name="xStride">Values from row to row of the tile.</param>
    /// <param name="y">Where it goes; may be the tile's own place.</param>
    /// <param name="stride">Values from row to row there, and of the addend.</param>
    /// <param name="rows">Its rows.</param>
    /// <param name="columns">Its columns, a multiple of the lanes.</param>
    /// <param name="slopes">The columns' slopes, for a parametric ReLU.</param>
    /// <param name="addend">What is added after the function; <see langword="null"/> for nothing.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Apply(
        ActivationKind kind, float* x, nint xStride, float* y, nint stride, int rows, int columns, float* slopes, float* addend)
    {
        var epilogue = new EpilogueKernel<TSimd, TVector>(x, xStride, y, stride, rows, columns, slopes, addend, null);
        Activations.Choose<TSimd, TVector, EpilogueKernel<TSimd, TVector>>(kind, ref epilogue);
    }

    /// <summary>Applies it in place, and adds what comes of it to the columns' sums.</summary>
    /// <param name="kind">The function.</param>
    /// <param name="y">The values.</param>
    /// <param name="stride">Values from row to row.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns, a multiple of the lanes.</param>
    /// <param name="slopes">The columns' slopes, for a parametric ReLU.</param>
    /// <param name="sums">A sum for each column; <see langword="null"/> for none.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ApplyAndSum(ActivationKind kind, float* y, nint stride, int rows, int columns, float* slopes, float* sums)
    {
        var epilogue = new EpilogueKernel<TSimd, TVector>(y, stride, y, stride, rows, columns, slopes, null, sums);
        Activations.Choose<TSimd, TVector, EpilogueKernel<TSimd, TVector>>(kind, ref epilogue);
    }

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Use<TActivation>()
        where TActivation : struct, IActivation<TSimd, TVector>
    {
        if (_sums != null) RunAndSum<TActivation>(_y, _stride, _rows, _columns, _slopes, _sums);
        else if (_addend == null) Run<TActivation>(_x, _xStride, _y, _stride, _rows, _columns, _slopes);
        else RunAndAdd<TActivation>(_x, _xStride, _y, _stride, _rows, _columns, _slopes, _addend);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<TActivation>(float* x, nint xStride, float* y, nint stride, int rows, int columns, float* slopes)
        where TActivation : struct, IActivation<TSimd, TVector>
    {
        // Most panels are two vectors wide.
        int lanes = TSimd.Lanes;
        for (int row = 0; row < rows; row++, x += xStride, y += stride)
        {
            int c = 0;
            for (; c + lanes < columns; c += 2 * lanes)
            {
                TVector first = TActivation.Apply(TSimd.Load(x + c), slopes + c);
                TVector second = TActivation.Apply(TSimd.Load(x + c + lanes), slopes + c + lanes);
                TSimd.Store(first, y + c);
                TSimd.Store(second, y + c + lanes);
            }

            if (c < columns) TSimd.Store(TActivation.Apply(TSimd.Load(x + c), slopes + c), y + c);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunAndAdd<TActivation>(
        float* x, nint xStride, float* y, nint stride, int rows, int columns, float* slopes, float* addend)
        where TActivation : struct, IActivation<TSimd, TVector>
    {
        for (int row = 0; row < rows; row++, x += xStride, y += stride, addend += stride)
        {
            for (int c = 0; c < columns; c += TSimd.Lanes)
                TSimd.Store(TSimd.Add(TActivation.Apply(TSimd.Load(x + c), slopes + c), TSimd.Load(addend + c)), y + c);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunAndSum<TActivation>(float* y, nint stride, int rows, int columns, float* slopes, float* sums)
        where TActivation : struct, IActivation<TSimd, TVector>
    {
        // Two vectors at a time, which do not wait for each other's sums.
        int c = 0, lanes = TSimd.Lanes;
        for (; c + lanes < columns; c += 2 * lanes)
        {
            TVector sum0 = TSimd.Load(sums + c), sum1 = TSimd.Load(sums + c + lanes);
            float* at = y + c;
            for (int row = 0; row < rows; row++, at += stride)
            {
                TVector value0 = TActivation.Apply(TSimd.Load(at), slopes + c);
                TVector value1 = TActivation.Apply(TSimd.Load(at + lanes), slopes + c + lanes);
                TSimd.Store(value0, at);
                TSimd.Store(value1, at + lanes);
                sum0 = TSimd.Add(sum0, value0);
                sum1 = TSimd.Add(sum1, value1);
            }

            TSimd.Store(sum0, sums + c);
            TSimd.Store(sum1, sums + c + lanes);
        }

        if (c == columns) return;
        var sum = TSimd.Load(sums + c);
        for (int row = 0; row < rows; row++)
        {
            float* at = y + c + (row * stride);
            var value = TActivation.Apply(TSimd.Load(at), slopes + c);
            TSimd.Store(value, at);
            sum = TSimd.Add(sum, value);
        }

        TSimd.Store(sum, sums + c);
    }
}
