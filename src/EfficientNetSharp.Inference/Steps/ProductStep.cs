using System.Runtime.CompilerServices;
using EfficientNetSharp.Inference.Kernels;
using EfficientNetSharp.Inference.Memory;
using EfficientNetSharp.Inference.Layout;
using EfficientNetSharp.Vectors;

namespace EfficientNetSharp.Inference.Steps;

/// <summary>
/// A 1×1 convolution or a linear layer as a matrix product: a row for each pixel or image, as they lie in memory, a column for each
/// output channel.
/// </summary>
internal sealed unsafe class ProductStep<TSimd, TVector> : PlanStep
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    // Each block scales the weights anew, so that fewer and larger ones pay here.
    private const int GatedBlockBytes = 3 * BlockBytes;

    private readonly Slot _x, _y;
    private readonly int _depth, _blockRows;
    private readonly bool _hasRowPerImage;
    private readonly MatrixLayer<TSimd, TVector> _layer;

    /// <summary>Makes the step.</summary>
    /// <param name="name">The node's name.</param>
    /// <param name="kind">What it is.</param>
    /// <param name="x">The input map; where it has several pixels and the output one, its values follow each other without padding.</param>
    /// <param name="y">The output map.</param>
    /// <param name="layer">Weights, bias, and what follows the sums.</param>
    public ProductStep(string name, PlanStepKind kind, Slot x, Slot y, Layer layer)
        : base(name, kind, (long)x.Positions * x.Channels * y.Channels, [x, .. layer.Reads], [y])
    {
        (_x, _y) = (x, y);
        _layer = new MatrixLayer<TSimd, TVector>(layer, y);
        _hasRowPerImage = y.Positions == 1;
        _depth = x.Channels * (x.Positions / y.Positions);
        int blockBytes = _layer.IsGated ? GatedBlockBytes : BlockBytes;
        _blockRows = (int)Math.Max(1, blockBytes / sizeof(float) / RowStride / TSimd.TileRows) * TSimd.TileRows;
    }

    /// <summary>Whether a map can be read in whole as one row: nothing lies between its values that is not one.</summary>
    public static bool IsOneRow(Slot map) => map.Positions == 1 || map.Stride == map.Channels;

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override int WorkItems(int images, int threads)
    {
        var (groups, rows) = Rows(images);
        var (rowParts, vectorParts) = Cut(rows, threads);
        return groups * rowParts * vectorParts;
    }

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(in Frame frame, int item)
    {
        var (_, rows) = Rows(frame.Images);
        var (rowParts, vectorParts) = Cut(rows, frame.Threads);
        int vectorPart = item % vectorParts, rowPart = item / vectorParts % rowParts, group = item / vectorParts / rowParts;
        int tiles = Tiles(rows);
        var (firstVector, endVector) = _layer.VectorsOf(vectorPart, vectorParts);
        int firstRow = Part(tiles, rowParts, rowPart) * TSimd.TileRows;
        int endRow = Math.Min(rows, Part(tiles, rowParts, rowPart + 1) * TSimd.TileRows);
        for (int row = firstRow; row < endRow; row += _blockRows)
        {
            var operands = _layer.Operands(frame, group, row);
            operands.X = frame.At<float>(_x, group) + (row * RowStride);
            operands.RowBytes = RowStride * sizeof(float);
            operands.Depth = operands.WeightDepth = _depth;
            operands.Stretches = 1;
            RunBlock(operands, frame, group, Math.Min(_blockRows, endRow - row), firstVector, endVector);
        }
    }

    /// <inheritdoc />
    public override long ScratchBytes => _layer.IsGated ? 2L * sizeof(float) * TSimd.Lanes * _depth : 0;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunBlock(MatrixOperands operands, in Frame frame, int image, int rows, int firstVector, int endVector)
    {
        if (!_layer.IsGated)
        {
            MatrixProduct<TSimd, TVector>.Run(operands, rows, firstVector, endVector);
            return;
        }

        for (int vector = firstVector; vector < endVector; vector += 2)
        {
            _layer.UseGatedPanel(ref operands, frame, image, vector);
            MatrixProduct<TSimd, TVector>.Run(operands, rows, vector, Math.Min(vector + 2, endVector));
        }
    }

    private nint RowStride => _hasRowPerImage ? (nint)_x.Length : _x.Stride;

    // One product over all images, or one for each where each has weights of its own or the maps have gaps between them.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private (int Groups, int Rows) Rows(int images) =>
        !_layer.HasPerImageWeights && _y.IsDense && (_hasRowPerImage || _x.IsDense) && (long)images * _y.Positions <= int.MaxValue
            ? (1, images * _y.Positions)
            : (images, _y.Positions);

    // The larger operand is cut, so that no thread reads much of what the others read.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private (int RowParts, int VectorParts) Cut(int rows, int threads)
    {
        long macs = (long)rows * _y.Stride * _depth;
        int items = ItemsFor(macs, threads), tiles = Tiles(rows);

        // Each part scales the weights anew.
        if (_layer.IsGated) items = Math.Min(items, threads);
        if (rows < _y.Channels)
        {
            int vectorParts = Math.Min(items, _layer.Pairs);
            return (Math.Min(tiles, items / vectorParts), vectorParts);
        }

        int rowParts = Math.Min(items, tiles);
        return (rowParts, Math.Min(_layer.Pairs, items / rowParts));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Tiles(int rows) => (rows + TSimd.TileRows - 1) / TSimd.TileRows;
}
