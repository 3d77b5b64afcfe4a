using System.Diagnostics;
using System.Runtime.CompilerServices;
using EfficientNetSharp.Inference.Kernels;
using EfficientNetSharp.Inference.Layout;
using EfficientNetSharp.Vectors;

namespace EfficientNetSharp.Inference.Steps;

/// <summary>
/// A dense convolution over several pixels, as a matrix product whose rows lie in stretches: the pixels under one row of the window are
/// neighbours in memory, so a map need not be copied for every pixel of the output. Where windows leave the map to the left or right, its
/// rows are copied once between zeros, some at a time; where they leave it above or below, those stretches are left out.
/// </summary>
internal sealed unsafe class ConvolutionStep<TSimd, TVector> : PlanStep
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    private readonly Window _window;
    private readonly WindowRows _rows;
    private readonly Slot _y;
    private readonly int _depth, _blockRows;
    private readonly MatrixLayer<TSimd, TVector> _layer;

    /// <summary>Makes the step.</summary>
    /// <param name="name">The node's name.</param>
    /// <param name="window">Its geometry.</param>
    /// <param name="inputs">Input channels.</param>
    /// <param name="x">The input map; <see langword="null"/> for the image itself, which lies in planes.</param>
    /// <param name="y">The output map.</param>
    /// <param name="layer">Weights, bias, and what follows the sums.</param>
    public ConvolutionStep(string name, Window window, int inputs, Slot? x, Slot y, Layer layer)
        : base(
            name,
            window.Taps == 1 ? PlanStepKind.Pointwise : PlanStepKind.Convolution,
            (long)y.Positions * y.Channels * inputs * window.Taps,
            [.. x is null ? [] : new[] { x }, .. layer.Reads],
            [y])
    {
        Debug.Assert(layer.Gate is null, "A gate goes into the weights of matrix products over whole maps alone.");
        (_window, _y) = (window, y);
        _rows = new WindowRows(window, inputs, x);
        _layer = new MatrixLayer<TSimd, TVector>(layer, y);
        _depth = inputs * window.Taps;

        // Where the weights are so few that they need not be shared by many rows, copied rows stay in the first level.
        bool hasFewWeights = (long)_depth * y.Stride * sizeof(float) <= FewWeightBytes;
        int inputRows = (_rows.IsCopied && hasFewWeights ? FewWeightBytes : BlockBytes) / sizeof(float) / _rows.RowLength;
        _blockRows = Math.Clamp((inputRows - window.KernelHeight) / window.Stride + 1, 1, window.OutputHeight);
    }

    // A third of a usual first-level cache.
    private const int FewWeightBytes = 16 * 1024;

    /// <inheritdoc />
    public override long ScratchBytes => sizeof(float) * _rows.LengthFor(_blockRows);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override int WorkItems(int images, int threads)
    {
        var (rowParts, vectorParts) = Cut(threads);
        return images * rowParts * vectorParts;
    }

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(in Frame frame, int item)
    {
        var (rowParts, vectorParts) = Cut(frame.Threads);
        int vectorPart = item % vectorParts, rowPart = item / vectorParts % rowParts, image = item / vectorParts / rowParts;
        var (firstVector, endVector) = _layer.VectorsOf(vectorPart, vectorParts);
        int endRow = Part(_window.OutputHeight, rowParts, rowPart + 1);
        for (int row = Part(_window.OutputHeight, rowParts, rowPart); row < endRow; row += _blockRows)
            RunBlock(frame, image, row, Math.Min(row + _blockRows, endRow), firstVector, endVector);
    }

    // The larger operand is cut, so that no thread reads much of what the others read.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private (int RowParts, int VectorParts) Cut(int threads)
    {
        int items = ItemsFor((long)_y.Positions * _y.Stride * _depth, threads);
        if (_y.Positions < _y.Channels)
        {
            int vectorParts = Math.Min(items, _layer.Pairs);
            return (Math.Min(_window.OutputHeight, items / vectorParts), vectorParts);
        }

        int rowParts = Math.Min(items, _window.OutputHeight);
        return (rowParts, Math.Min(_layer.Pairs, items / rowParts));
    }

    // Each panel of weights stays in the cache while all rows of the block pass by it.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunBlock(in Frame frame, int image, int firstRow, int endRow, int firstVector, int endVector)
    {
        float* x = _rows.Prepare(frame, image, firstRow, endRow, frame.Scratch<float>());
        for (int vector = firstVector; vector < endVector; vector += 2)
        {
            for (int row = firstRow; row < endRow; row++)
            {
                var operands = _layer.Operands(frame, image, row * _window.OutputWidth);
                _rows.Point(ref operands, x, firstRow, row);
                operands.PassRows = (endRow - firstRow) * _window.OutputWidth;
                operands.PassRow = (row - firstRow) * _window.OutputWidth;
                MatrixProduct<TSimd, TVector>.Run(operands, _window.OutputWidth, vector, Math.Min(vector + 2, endVector));
            }
        }
    }
}
