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
    private readonly float* _x, _y, _slopes, _addend;
    private readonly int _rows, _columns;
    private readonly nint _xStride, _stride;

    private EpilogueKernel(float* x, nint xStride, float* y, nint stride, int rows, int columns, float* slopes, float* addend)
    {
        _x = x;
        _y = y;
        _slopes = slopes;
        _addend = addend;
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
        var epilogue = new EpilogueKernel<TSimd, TVector>(x, xStride, y, stride, rows, columns, slopes, addend);
        Activations.Choose<TSimd, TVector, EpilogueKernel<TSimd, TVector>>(kind, ref epilogue);
    }

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Use<TActivation>()
        where TActivation : struct, IActivation<TSimd, TVector>
    {
        if (_addend == null) Run<TActivation>(_x, _xStride, _y, _stride, _rows, _columns, _slopes);
        else RunAndAdd<TActivation>(_x, _xStride, _y, _stride, _rows, _columns, _slopes, _addend);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<TActivation>(float* x, nint xStride, float* y, nint stride, int rows, int columns, float* slopes)
        where TActivation : struct, IActivation<TSimd, TVector>
    {
        for (int row = 0; row < rows; row++, x += xStride, y += stride)
        {
            for (int c = 0; c < columns; c += TSimd.Lanes) TSimd.Store(TActivation.Apply(TSimd.Load(x + c), slopes + c), y + c);
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
}
