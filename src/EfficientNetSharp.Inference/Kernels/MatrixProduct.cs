using System.Runtime.CompilerServices;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Vectors;

namespace EfficientNetSharp.Inference.Kernels;

/// <summary>The operands of a matrix product with packed weights: rows of inputs, panels of two vectors of outputs.</summary>
internal unsafe struct MatrixOperands
{
    /// <summary>The first row's inputs.</summary>
    public float* X;

    /// <summary>Bytes from one row of inputs to the next.</summary>
    public nint RowBytes;

    /// <summary>
    /// Packed weights: panels [weight depth, 2 · lanes], the last one of [weight depth, lanes] where the vectors of outputs are odd in
    /// number.
    /// </summary>
    public float* Weights;

    /// <summary>Inputs of one stretch of a row, which lie side by side.</summary>
    public int Depth;

    /// <summary>Stretches of a row that are summed over; 0 where a window lies in the padding alone.</summary>
    public int Stretches;

    /// <summary>Bytes from one stretch of a row to the next.</summary>
    public nint StretchBytes;

    /// <summary>The depth of the packed weights; more than all stretches where a window leaves the map.</summary>
    public int WeightDepth;

    /// <summary>The depth of the packed weights that comes before the first stretch.</summary>
    public int SkippedDepth;

    /// <summary>Bias of each output, zeros in the padding.</summary>
    public float* Bias;

    /// <summary>Slopes of each output for a parametric ReLU.</summary>
    public float* Slopes;

    /// <summary>Another value to add before the function, laid out as the outputs; <see langword="null"/> for none.</summary>
    public float* ResidualBefore;

    /// <summary>Another value to add after the function, laid out as the outputs; <see langword="null"/> for none.</summary>
    public float* ResidualAfter;

    /// <summary>The first row's outputs.</summary>
    public float* Y;

    /// <summary>Values from one row of outputs to the next.</summary>
    public int Stride;

    /// <summary>The function.</summary>
    public ActivationKind Activation;

    /// <summary>Pixels of a row of the output map where a gap follows each; 0 where all outputs follow each other.</summary>
    public int Width;

    /// <summary>Values of the gap, for a map that is padded.</summary>
    public nint Gap;

    /// <summary>
    /// The weights that are needed after each panel's, asked for while that is at work; <see langword="null"/> for the next panel's.
    /// </summary>
    public float* Next;

    /// <summary>Rows that pass by a panel in all calls, where it is used in several; 0 for those of this one.</summary>
    public int PassRows;

    /// <summary>The number of the first row among them.</summary>
    public int PassRow;
}

/// <summary>Matrix products in tiles: every panel of weights stays in the cache while the rows of a block pass by it.</summary>
internal static unsafe class MatrixProduct<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    /// <summary>Computes rows × the outputs of some vectors.</summary>
    /// <param name="operands">The operands, for the first row.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="firstVector">The first vector of outputs, even.</param>
    /// <param name="endVector">The vector after the last; even, or the end of all.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(in MatrixOperands operands, int rows, int firstVector, int endVector)
    {
        var function = operands.Activation;
        if (operands.Stretches == 0) RunWithoutInputs(operands, rows, firstVector * TSimd.Lanes, endVector * TSimd.Lanes);
        else if (operands.ResidualBefore != null) Run<ResidualEpilogue>(operands, rows, firstVector, endVector, function);
        else if (function == ActivationKind.Relu) Run<ReluEpilogue>(operands, rows, firstVector, endVector, ActivationKind.Identity);
        else if (function == ActivationKind.Relu6) Run<Relu6Epilogue>(operands, rows, firstVector, endVector, ActivationKind.Identity);
        else Run<SumEpilogue>(operands, rows, firstVector, endVector, function);
    }

    // What follows the sums, of sums over nothing. Tiles are made for at least one input, and this is too rare to be fast.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunWithoutInputs(in MatrixOperands operands, int rows, int firstColumn, int endColumn)
    {
        for (int row = 0; row < rows; row++)
        {
            nint offset = row * (nint)operands.Stride;
            float* y = operands.Y + offset, before = operands.ResidualBefore == null ? null : operands.ResidualBefore + offset;
            for (int c = firstColumn; c < endColumn; c += TSimd.Lanes)
            {
                var sum = TSimd.Load(operands.Bias + c);
                TSimd.Store(before == null ? sum : TSimd.Add(sum, TSimd.Load(before + c)), y + c);
            }
        }

        float* first = operands.Y + firstColumn, addend = operands.ResidualAfter == null ? null : operands.ResidualAfter + firstColumn;
        nint stride = operands.Stride;
        EpilogueKernel<TSimd, TVector>.Apply(
            operands.Activation, first, stride, first, stride, rows, endColumn - firstColumn, operands.Slopes + firstColumn, addend);
    }

    // The function is what is left to do after the epilogue in registers.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<TEpilogue>(in MatrixOperands operands, int rows, int firstVector, int endVector, ActivationKind function)
        where TEpilogue : struct, ITileEpilogue
    {
        int passRows = operands.PassRows > 0 ? operands.PassRows : rows;
        bool isLater = function != ActivationKind.Identity || operands.ResidualAfter != null;
        for (int vector = firstVector; vector < endVector; vector += 2)
        {
            bool isPair = endVector - vector > 1;
            int columns = isPair ? 2 * TSimd.Lanes : TSimd.Lanes;
            nint column = (nint)vector * TSimd.Lanes;

            // What is done to stored outputs is done while they are in the first-level cache.
            int block = isLater ? Math.Max(1, LaterBytes / sizeof(float) / columns / TSimd.TileRows) * TSimd.TileRows : rows;
            for (int row = 0; row < rows; row += block)
            {
                int end = Math.Min(row + block, rows);
                if (isPair) RunTiles<Count2, TEpilogue>(operands, row, end, passRows, column);
                else RunTiles<Count1, TEpilogue>(operands, row, end, passRows, column);
                if (isLater) Finish(operands, function, row, end, columns, column);
            }
        }
    }

    // Half of a usual first-level cache: fewer passes take less time, as each starts with nothing to overlap with.
    private const int LaterBytes = 16 * 1024;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunTiles<TColumns, TEpilogue>(in MatrixOperands operands, int row, int endRow, int passRows, nint column)
        where TColumns : struct, ICount
        where TEpilogue : struct, ITileEpilogue
    {
        int columns = TColumns.Value * TSimd.Lanes;
        float* weights = operands.Weights + (column * operands.WeightDepth);
        nint inputs = (nint)operands.Depth * operands.Stretches;

        // The tiles share the next panel among them, each asks for its part while it is at work.
        nint panelBytes = (nint)columns * operands.WeightDepth * sizeof(float), bytesPerRow = panelBytes / passRows;
        byte* next = operands.Next != null ? (byte*)operands.Next : (byte*)weights + panelBytes;
        var tile = new TileOperands
        {
            RowBytes = operands.RowBytes,
            Weights = weights + ((nint)operands.SkippedDepth * columns),
            Depth = operands.Depth,
            Stretches = operands.Stretches,
            StretchBytes = operands.StretchBytes,
            Start = operands.Bias + column,
            Stride = operands.Stride,
            Width = operands.Width,
            Gap = operands.Gap,
        };
        while (row < endRow)
        {
            int size = TileSizes.Next(endRow - row, MaxRows<TColumns>()), tiles = size == MaxRows<TColumns>() ? TileSizes.FullTiles(endRow - row, size) : 1;
            nint offset = (row * (nint)operands.Stride) + column;
            tile.X = (byte*)operands.X + (row * operands.RowBytes);
            tile.Y = operands.Y + offset;
            tile.Left = nint.MaxValue;
            if (operands.Width > 0)
            {
                tile.Y += row / operands.Width * operands.Gap;
                tile.Left = operands.Width - (row % operands.Width);
            }

            if (TEpilogue.AddsResidual) tile.Residual = operands.ResidualBefore + offset;
            tile.Next = next + (bytesPerRow * (operands.PassRow + row));
            tile.NextStep = ((bytesPerRow * size) + inputs - 1) / inputs;
            Run<TColumns, TEpilogue>(tile, size, tiles);
            row += tiles * size;
        }
    }

    // What follows the sums, done to stored outputs.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Finish(in MatrixOperands operands, ActivationKind function, int row, int endRow, int columns, nint column)
    {
        nint stride = operands.Stride;
        for (int count; row < endRow; row += count)
        {
            nint offset = (row * stride) + column;
            float* y = operands.Y + offset, addend = operands.ResidualAfter == null ? null : operands.ResidualAfter + offset;
            count = endRow - row;
            if (operands.Width > 0)
            {
                y += row / operands.Width * operands.Gap;
                count = Math.Min(count, operands.Width - (row % operands.Width));
            }

            EpilogueKernel<TSimd, TVector>.Apply(function, y, stride, y, stride, count, columns, operands.Slopes + column, addend);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int MaxRows<TColumns>()
        where TColumns : struct, ICount => TColumns.Value > 1 ? TSimd.TileRows : TSimd.NarrowTileRows;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<TColumns, TEpilogue>(in TileOperands tile, int rows, int tiles)
        where TColumns : struct, ICount
        where TEpilogue : struct, ITileEpilogue
    {
        switch (rows)
        {
            case 14:
                MatrixTile<TSimd, TVector>.Run<Count14, TColumns, TEpilogue>(tile, tiles);
                break;
            case 12:
                MatrixTile<TSimd, TVector>.Run<Count12, TColumns, TEpilogue>(tile, tiles);
                break;
            case 7:
                MatrixTile<TSimd, TVector>.Run<Count7, TColumns, TEpilogue>(tile, tiles);
                break;
            case 6:
                MatrixTile<TSimd, TVector>.Run<Count6, TColumns, TEpilogue>(tile, tiles);
                break;
            case 5:
                MatrixTile<TSimd, TVector>.Run<Count5, TColumns, TEpilogue>(tile, tiles);
                break;
            case 4:
                MatrixTile<TSimd, TVector>.Run<Count4, TColumns, TEpilogue>(tile, tiles);
                break;
            case 3:
                MatrixTile<TSimd, TVector>.Run<Count3, TColumns, TEpilogue>(tile, tiles);
                break;
            case 2:
                MatrixTile<TSimd, TVector>.Run<Count2, TColumns, TEpilogue>(tile, tiles);
                break;
            default:
                MatrixTile<TSimd, TVector>.Run<Count1, TColumns, TEpilogue>(tile, tiles);
                break;
        }
    }
}
