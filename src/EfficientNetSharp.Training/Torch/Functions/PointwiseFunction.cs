using EfficientNetSharp.Vectors;
using static TorchSharp.torch;

namespace EfficientNetSharp.Training.Torch.Functions;

/// <summary>
/// The three matrix products of a 1×1 convolution over pixels as rows: y = x·Wᵗ, dx = dy·W and dW = dyᵗ·x. libtorch's own are made for
/// fewer and longer rows, and on some processors without their widest vectors.
/// </summary>
/// <remarks>
/// Columns come in panels of two vectors; the last overlaps the one before where the columns are no multiple, and so does the last tile of
/// rows. What overlaps is computed twice, to the same values.
/// </remarks>
internal static unsafe class PointwiseFunction
{
    // With fewer a tile is not full.
    private const int MinSize = 16;

    /// <summary>Whether the products are of sizes that the tiles take.</summary>
    /// <param name="rows">Pixels.</param>
    /// <param name="inputs">C.</param>
    /// <param name="outputs">C'.</param>
    public static bool Takes(long rows, int inputs, int outputs) => rows >= MinSize && inputs >= MinSize && outputs >= MinSize;

    /// <summary>y = x·Wᵗ.</summary>
    /// <param name="x">[R,C].</param>
    /// <param name="weight">[C',C].</param>
    /// <returns>[R,C']; the caller disposes it.</returns>
    public static Tensor Forward(Tensor x, Tensor weight)
    {
        var y = empty(x.shape[0], weight.shape[0]);
        Multiply(x, weight, y, isTransposed: true);
        return y;
    }

    /// <summary>dx = dy·W.</summary>
    /// <param name="gradient">dy, [R,C'].</param>
    /// <param name="weight">[C',C].</param>
    /// <returns>[R,C]; the caller disposes it.</returns>
    public static Tensor InputGradient(Tensor gradient, Tensor weight)
    {
        var dx = empty(gradient.shape[0], weight.shape[1]);
        Multiply(gradient, weight, dx, isTransposed: false);
        return dx;
    }

    /// <summary>dW += dyᵗ·x.</summary>
    /// <param name="x">[R,C].</param>
    /// <param name="gradient">dy, [R,C'].</param>
    /// <param name="weightGradient">[C',C].</param>
    public static void AddWeightGradient(Tensor x, Tensor gradient, Tensor weightGradient)
    {
        var work = new WeightGradient
        {
            X = TensorMemory.PointerOf(x),
            Gradient = TensorMemory.PointerOf(gradient),
            Rows = (int)x.shape[0],
            Inputs = (int)x.shape[1],
            Outputs = (int)gradient.shape[1],
            Result = TensorMemory.PointerOf(weightGradient),
        };
        VectorWidth.Choose(work.Inputs / 2, ref work);
    }

    private static void Multiply(Tensor x, Tensor weight, Tensor y, bool isTransposed)
    {
        var work = new Product
        {
            X = TensorMemory.PointerOf(x),
            Weight = TensorMemory.PointerOf(weight),
            Y = TensorMemory.PointerOf(y),
            Rows = (int)x.shape[0],
            Depth = (int)x.shape[1],
            Columns = (int)y.shape[1],
            IsTransposed = isTransposed,
        };
        VectorWidth.Choose(work.Columns / 2, ref work);
    }

    private static int PanelsOf(int columns, int width) => (columns + width - 1) / width;

    // y = x · the weights, or x · the weights' transpose.
    private struct Product : IVectorUser
    {
        public float* X;
        public float* Weight;
        public float* Y;
        public int Rows;
        public int Depth;
        public int Columns;
        public bool IsTransposed;

        public readonly void Use<TSimd, TVector>()
            where TSimd : struct, ISimd<TVector>
            where TVector : struct
        {
            var self = this;
            int width = 2 * TSimd.Lanes, tileRows = TSimd.TileRows, panels = PanelsOf(Columns, width);
            using var memory = empty((long)panels * Depth * width);
            float* packed = TensorMemory.PointerOf(memory);
            Pieces.Run(panels, panel => self.Pack(panel, width, packed + ((nint)panel * self.Depth * width)));

            // Some tiles at least, so that a panel that comes into the cache is used more than once; the last piece takes the rest too.
            int rowsOfPiece = Math.Max(4, Pieces.RowsOf(Depth + Columns) / tileRows) * tileRows, pieces = Math.Max(1, Rows / rowsOfPiece);
            Pieces.Run(pieces, piece =>
            {
                int first = piece * rowsOfPiece, end = piece == pieces - 1 ? self.Rows : first + rowsOfPiece, lastTile = end - tileRows;
                for (int panel = 0; panel < panels; panel++)
                {
                    int column = Math.Min(panel * width, self.Columns - width);
                    float* weights = packed + ((nint)panel * self.Depth * width);
                    for (int row = first; row < end; row += tileRows)
                    {
                        nint at = Math.Min(row, lastTile);
                        ProductTile<TSimd, TVector>.Run(
                            self.X + (at * self.Depth), self.Depth, 1, self.Depth, weights, self.Y + (at * self.Columns) + column,
                            self.Columns);
                    }
                }
            });
        }

        private readonly void Pack(int panel, int width, float* to)
        {
            int column = Math.Min(panel * width, Columns - width);
            if (!IsTransposed)
            {
                float* from = Weight + column;
                for (int k = 0; k < Depth; k++, from += Columns, to += width)
                    new Span<float>(from, width).CopyTo(new Span<float>(to, width));
                return;
            }

            float* rows = Weight + ((nint)column * Depth);
            for (int k = 0; k < Depth; k++, to += width)
            {
                for (int j = 0; j < width; j++) to[j] = rows[((nint)j * Depth) + k];
            }
        }
    }

    // Pieces of rows, each with sums of its own, which are added up in their order.
    private struct WeightGradient : IVectorUser
    {
        // So long that the sums' way to memory costs little, so short that a tile's gradients stay in the first-level cache.
        private const int MaxPiece = 256, MinPiece = 64, MinPieces = 4;

        // Enough for many threads where the pieces are few.
        private const int MinTasks = 32;

        public float* X;
        public float* Gradient;
        public float* Result;
        public int Rows;
        public int Inputs;
        public int Outputs;

        public readonly void Use<TSimd, TVector>()
            where TSimd : struct, ISimd<TVector>
            where TVector : struct
        {
            var self = this;
            int tileRows = TSimd.TileRows, tiles = PanelsOf(Outputs, tileRows);
            int rowsOfPiece = Math.Clamp((Rows + MinPieces - 1) / MinPieces, MinPiece, MaxPiece), pieces = Pieces.Count(Rows, rowsOfPiece);
            int groups = Math.Clamp((MinTasks + pieces - 1) / pieces, 1, tiles);
            int count = Inputs * Outputs;
            using var memory = empty((long)pieces * count);
            float* sums = TensorMemory.PointerOf(memory);
            Pieces.Run(pieces * groups, task =>
            {
                int piece = task / groups, group = task % groups;
                self.Sum<TSimd, TVector>(
                    piece * rowsOfPiece, Math.Min(rowsOfPiece, self.Rows - (piece * rowsOfPiece)), tiles * group / groups,
                    tiles * (group + 1) / groups, sums + ((nint)piece * count));
            });
            const int Stretch = 4096;
            Pieces.Run(Pieces.Count(count, Stretch), stretch =>
            {
                int first = stretch * Stretch, length = Math.Min(Stretch, count - first);
                var result = new Span<float>(self.Result + first, length);
                for (int piece = 0; piece < pieces; piece++)
                    Optimizers.FlatVectors.AddScaled(result, new Span<float>(sums + ((nint)piece * count) + first, length), 1);
            });
        }

        // Tiles [first, end) of the outputs.
        private readonly void Sum<TSimd, TVector>(int firstRow, int rows, int firstTile, int endTile, float* sums)
            where TSimd : struct, ISimd<TVector>
            where TVector : struct
        {
            int width = 2 * TSimd.Lanes, tileRows = TSimd.TileRows, panels = PanelsOf(Inputs, width);
            using var memory = empty((long)panels * rows * width);
            float* packed = TensorMemory.PointerOf(memory), tile = stackalloc float[MaxPiece * tileRows];
            float* x = X + ((nint)firstRow * Inputs), gradient = Gradient + ((nint)firstRow * Outputs);
            for (int panel = 0; panel < panels; panel++)
                Copy(x + Math.Min(panel * width, Inputs - width), Inputs, rows, width, packed + ((nint)panel * rows * width));
            for (int t = firstTile; t < endTile; t++)
            {
                int output = Math.Min(t * tileRows, Outputs - tileRows);
                Copy(gradient + output, Outputs, rows, tileRows, tile);
                for (int panel = 0; panel < panels; panel++)
                {
                    ProductTile<TSimd, TVector>.Run(
                        tile, 1, tileRows, rows, packed + ((nint)panel * rows * width),
                        sums + ((nint)output * Inputs) + Math.Min(panel * width, Inputs - width), Inputs);
                }
            }
        }

        private static void Copy(float* from, int stride, int rows, int width, float* to)
        {
            for (int row = 0; row < rows; row++, from += stride, to += width)
                new Span<float>(from, width).CopyTo(new Span<float>(to, width));
        }
    }
}
