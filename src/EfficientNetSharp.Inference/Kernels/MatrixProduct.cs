using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Inference.Kernels;

/// <summary>The operands of a matrix product with packed weights: rows of inputs, panels of two vectors of outputs.</summary>
internal unsafe struct MatrixOperands
{
    /// <summary>The first row's inputs.</summary>
    public float* X;

    /// <summary>Bytes from one row of inputs to the next.</summary>
    public nint RowBytes;

    /// <summary>Packed weights: panels [depth, 2 · lanes], the last one of [depth, lanes] where the vectors of outputs are odd in number.</summary>
    public float* Weights;

    /// <summary>Inputs of each output.</summary>
    public int Depth;

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
    public static void Run(in MatrixOperands operands, int rows, int firstVector, int endVector)
    {
        int lanes = TSimd.Lanes;
        for (int vector = firstVector; vector < endVector; vector += 2)
        {
            bool pair = endVector - vector > 1;
            nint column = (nint)vector * lanes;
            float* weights = operands.Weights + (column * operands.Depth);
            for (int row = 0; row < rows;)
            {
                nint offset = (row * (nint)operands.Stride) + column;
                float* x = (float*)((byte*)operands.X + (row * operands.RowBytes));
                float* y = operands.Y + offset;
                float* residual = operands.ResidualBefore == null ? null : operands.ResidualBefore + offset;
                int tile = pair
                    ? Tile<Count2>(rows - row, x, operands.RowBytes, weights, operands.Depth, operands.Bias + column, residual, y, operands.Stride)
                    : Tile<Count1>(rows - row, x, operands.RowBytes, weights, operands.Depth, operands.Bias + column, residual, y, operands.Stride);
                if (operands.Activation != ActivationKind.Identity || operands.ResidualAfter != null)
                {
                    float* addend = operands.ResidualAfter == null ? null : operands.ResidualAfter + offset;
                    Epilogue<TSimd, TVector>.Apply(
                        operands.Activation, y, tile, pair ? 2 * lanes : lanes, operands.Stride, operands.Slopes + column, addend);
                }

                row += tile;
            }
        }
    }

    // The largest tile that the rows left fill; returns its rows.
    private static int Tile<TColumns>(int rows, float* x, nint rowBytes, float* w, nint depth, float* start, float* residual, float* y, nint stride)
        where TColumns : struct, ICount
    {
        if (TSimd.TileRows >= 14 && rows >= 14)
        {
            MatrixTile<TSimd, TVector>.Run<Count14, TColumns>(x, rowBytes, w, depth, start, residual, y, stride);
            return 14;
        }

        if (TSimd.TileRows == 12 && rows >= 12)
        {
            MatrixTile<TSimd, TVector>.Run<Count12, TColumns>(x, rowBytes, w, depth, start, residual, y, stride);
            return 12;
        }

        if (TSimd.TileRows >= 7 && rows >= 7)
        {
            MatrixTile<TSimd, TVector>.Run<Count7, TColumns>(x, rowBytes, w, depth, start, residual, y, stride);
            return 7;
        }

        if (TSimd.TileRows == 6 && rows >= 6)
        {
            MatrixTile<TSimd, TVector>.Run<Count6, TColumns>(x, rowBytes, w, depth, start, residual, y, stride);
            return 6;
        }

        if (rows >= 4)
        {
            MatrixTile<TSimd, TVector>.Run<Count4, TColumns>(x, rowBytes, w, depth, start, residual, y, stride);
            return 4;
        }

        if (rows >= 2)
        {
            MatrixTile<TSimd, TVector>.Run<Count2, TColumns>(x, rowBytes, w, depth, start, residual, y, stride);
            return 2;
        }

        MatrixTile<TSimd, TVector>.Run<Count1, TColumns>(x, rowBytes, w, depth, start, residual, y, stride);
        return 1;
    }
}
