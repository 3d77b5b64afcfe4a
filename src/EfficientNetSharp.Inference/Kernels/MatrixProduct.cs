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

    /// <summary>
    /// Columns of the output map where only its last rows are kept, in a ring with padding on both sides; 0 where the outputs follow
    /// each other without gaps.
    /// </summary>
    public int RingWidth;

    /// <summary>Rows of the map that the ring holds.</summary>
    public int RingRows;

    /// <summary>Values from one row of the ring to the next.</summary>
    public nint RingStride;

    /// <summary>The number of the first row among the map's pixels, for a ring.</summary>
    public int FirstPixel;

    /// <summary>Room for one tile on its way to a ring.</summary>
    public float* Tile;
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
        int lanes = TSimd.Lanes;
        for (int vector = firstVector; vector < endVector; vector += 2)
        {
            bool pair = endVector - vector > 1;
            nint column = (nint)vector * lanes;
            int columns = pair ? 2 * lanes : lanes;
            float* weights = operands.Weights + (column * operands.WeightDepth) + ((nint)operands.SkippedDepth * columns);
            for (int row = 0; row < rows;)
            {
                nint offset = (row * (nint)operands.Stride) + column;
                float* x = (float*)((byte*)operands.X + (row * operands.RowBytes));
                int size = TileRows(rows - row);
                bool isRing = operands.RingWidth > 0;
                float* y = !isRing ? operands.Y + offset : function == ActivationKind.Identity ? InRing(operands, row, size, column) : null;
                bool isSpread = y == null;
                nint stride = operands.Stride;
                if (isSpread)
                {
                    y = operands.Tile;
                    stride = 2 * lanes;
                }

                float* residual = TEpilogue.AddsResidual ? operands.ResidualBefore + offset : null;
                if (pair) Tile<Count2, TEpilogue>(operands, size, x, weights, operands.Bias + column, residual, y, stride);
                else Tile<Count1, TEpilogue>(operands, size, x, weights, operands.Bias + column, residual, y, stride);
                if (isSpread)
                {
                    Spread(operands, function, row, size, columns, column);
                }
                else if (function != ActivationKind.Identity || operands.ResidualAfter != null)
                {
                    float* addend = operands.ResidualAfter == null ? null : operands.ResidualAfter + offset;
                    EpilogueKernel<TSimd, TVector>.Apply(function, y, stride, y, stride, size, columns, operands.Slopes + column, addend);
                }

                row += size;
            }
        }
    }

    // Where a tile's pixels go in a ring; null where they lie in several of its rows.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float* InRing(in MatrixOperands operands, int row, int rows, nint column)
    {
        var (h, w) = RingPlace(operands, row);
        return w + rows > operands.RingWidth ? null : operands.Y + (h * operands.RingStride) + (w * (nint)operands.Stride) + column;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static (int Row, int Column) RingPlace(in MatrixOperands operands, int row)
    {
        int pixel = operands.FirstPixel + row;
        return (pixel / operands.RingWidth % operands.RingRows, pixel % operands.RingWidth);
    }

    // A tile's pixels to their places in a ring, one stretch of a row after the other.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Spread(in MatrixOperands operands, ActivationKind function, int row, int rows, int columns, nint column)
    {
        float* x = operands.Tile;
        var (h, w) = RingPlace(operands, row);
        nint stride = 2 * TSimd.Lanes;
        while (rows > 0)
        {
            int stretch = Math.Min(rows, operands.RingWidth - w);
            float* y = operands.Y + (h * operands.RingStride) + (w * (nint)operands.Stride) + column;
            EpilogueKernel<TSimd, TVector>.Apply(function, x, stride, y, operands.Stride, stretch, columns, operands.Slopes + column, null);
            x += stretch * stride;
            rows -= stretch;
            w = 0;
            if (++h == operands.RingRows) h = 0;
        }
    }

    // The rows of the largest tile that leaves no sliver: fewer than four cost as much as four, as the multiply-adders wait for their
    // own results then.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int TileRows(int rows)
    {
        int max = TSimd.TileRows;
        int tile = rows >= 2 * max || rows == max ? max : rows > max && max < 8 ? (rows + 1) / 2 : Math.Min(rows, max);

        // Three of about the same size, where the rest beside a large one would be a sliver.
        if (max == 14 && rows is > 14 and < 18) tile = (rows + 2) / 3;

        // Between the largest tile and seven rows there is nothing.
        return tile is > 7 and < 14 && tile != max ? (tile + 1) / 2 : tile;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile<TColumns, TEpilogue>(
        in MatrixOperands operands, int rows, float* x, float* w, float* start, float* residual, float* y, nint stride)
        where TColumns : struct, ICount
        where TEpilogue : struct, ITileEpilogue
    {
        var (rowBytes, depth, stretches, stretchBytes) = (operands.RowBytes, operands.Depth, operands.Stretches, operands.StretchBytes);
        switch (rows)
        {
            case 14:
                MatrixTile<TSimd, TVector>.Run<Count14, TColumns, TEpilogue>(
                    x, rowBytes, w, depth, stretches, stretchBytes, start, residual, y, stride);
                break;
            case 12:
                MatrixTile<TSimd, TVector>.Run<Count12, TColumns, TEpilogue>(
                    x, rowBytes, w, depth, stretches, stretchBytes, start, residual, y, stride);
                break;
            case 7:
                MatrixTile<TSimd, TVector>.Run<Count7, TColumns, TEpilogue>(
                    x, rowBytes, w, depth, stretches, stretchBytes, start, residual, y, stride);
                break;
            case 6:
                MatrixTile<TSimd, TVector>.Run<Count6, TColumns, TEpilogue>(
                    x, rowBytes, w, depth, stretches, stretchBytes, start, residual, y, stride);
                break;
            case 5:
                MatrixTile<TSimd, TVector>.Run<Count5, TColumns, TEpilogue>(
                    x, rowBytes, w, depth, stretches, stretchBytes, start, residual, y, stride);
                break;
            case 4:
                MatrixTile<TSimd, TVector>.Run<Count4, TColumns, TEpilogue>(
                    x, rowBytes, w, depth, stretches, stretchBytes, start, residual, y, stride);
                break;
            case 3:
                MatrixTile<TSimd, TVector>.Run<Count3, TColumns, TEpilogue>(
                    x, rowBytes, w, depth, stretches, stretchBytes, start, residual, y, stride);
                break;
            case 2:
                MatrixTile<TSimd, TVector>.Run<Count2, TColumns, TEpilogue>(
                    x, rowBytes, w, depth, stretches, stretchBytes, start, residual, y, stride);
                break;
            default:
                MatrixTile<TSimd, TVector>.Run<Count1, TColumns, TEpilogue>(
                    x, rowBytes, w, depth, stretches, stretchBytes, start, residual, y, stride);
                break;
        }
    }
}
