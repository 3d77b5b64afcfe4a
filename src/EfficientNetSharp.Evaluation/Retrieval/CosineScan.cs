using EfficientNetSharp.Vectors;

namespace EfficientNetSharp.Evaluation.Retrieval;

/// <summary>What is done with the cosines of a query and some neighbouring rows of a gallery.</summary>
internal interface ICosineVisitor
{
    /// <summary>Takes cosines as they are computed, query by query and block by block; each gallery row comes once per query.</summary>
    /// <param name="query">The query's place among those that are scanned.</param>
    /// <param name="first">The first row's place in the order of the gallery.</param>
    /// <param name="cosines">The cosines of neighbours in that order.</param>
    void Visit(int query, int first, ReadOnlySpan<float> cosines);
}

/// <summary>
/// Cosines of some queries with a gallery, block by block, so that memory does not grow with either. Rows of any length are scaled on the
/// way; a row of zeros has the cosine 0 with all. Equal rows have equal cosines to the last bit, wherever they lie.
/// </summary>
internal sealed class CosineScan
{
    // A block of products of this many gallery rows stays in the cache while it is visited.
    private const int BlockRows = 512;

    private readonly EmbeddingRows _queries, _gallery;
    private readonly float[] _queryFactors, _galleryFactors;

    public CosineScan(EmbeddingRows queries, EmbeddingRows gallery)
    {
        if (queries.Length != gallery.Length)
            throw new ArgumentException($"Rows of {queries.Length} values are expected, not of {gallery.Length}.", nameof(gallery));
        (_queries, _gallery) = (queries, gallery);
        _queryFactors = Factors(queries);
        _galleryFactors = ReferenceEquals(queries, gallery) ? _queryFactors : Factors(gallery);
    }

    /// <summary>Scans gallery rows for some queries.</summary>
    /// <param name="queries">Rows of the queries.</param>
    /// <param name="order">Rows of the gallery in the order in which they are visited.</param>
    /// <param name="visitor">What takes the cosines.</param>
    /// <param name="cancellationToken">Ends the scan between blocks.</param>
    public void Run<TVisitor>(
        ReadOnlySpan<int> queries, ReadOnlySpan<int> order, ref TVisitor visitor, CancellationToken cancellationToken = default)
        where TVisitor : struct, ICosineVisitor
    {
        if (queries.IsEmpty || order.IsEmpty) return;
        var pass = new Pass<TVisitor>(this, queries, order, ref visitor, cancellationToken);
        VectorWidth.Choose(int.MaxValue, ref pass);
    }

    private static float[] Factors(EmbeddingRows rows)
    {
        float[] factors = new float[rows.Count];
        Parallel.For(0, rows.Count, row => factors[row] = rows.NormOf(row) is var norm && norm > 0 ? (float)(1 / norm) : 0);
        return factors;
    }

    private ref struct Pass<TVisitor> : IVectorUser
        where TVisitor : struct, ICosineVisitor
    {
        private readonly CosineScan _scan;
        private readonly ReadOnlySpan<int> _queries, _order;
        private readonly ref TVisitor _visitor;
        private readonly CancellationToken _cancellationToken;

        public Pass(CosineScan scan, ReadOnlySpan<int> queries, ReadOnlySpan<int> order, ref TVisitor visitor,
            CancellationToken cancellationToken)
        {
            _scan = scan;
            _queries = queries;
            _order = order;
            _cancellationToken = cancellationToken;
            _visitor = ref visitor;
        }

        public readonly unsafe void Use<TSimd, TVector>()
            where TSimd : struct, ISimd<TVector>
            where TVector : struct
        {
            int depth = _scan._queries.Length;
            int tile = RowProducts<TSimd, TVector>.TileRows, panelRows = RowProducts<TSimd, TVector>.PanelRows;
            int rows = (_queries.Length + tile - 1) / tile * tile;
            int block = Math.Min(BlockRows, (_order.Length + panelRows - 1) / panelRows * panelRows);
            var x = new float[checked(rows * depth)];
            for (int i = 0; i < _queries.Length; i++)
            {
                var row = _scan._queries[_queries[i]];
                float factor = _scan._queryFactors[_queries[i]];
                for (int k = 0; k < depth; k++) x[(i * depth) + k] = row[k] * factor;
            }

            var panel = new float[checked(panelRows * depth)];
            var products = new float[checked(rows * block)];
            fixed (float* px = x, pp = panel, py = products)
            {
                for (int first = 0; first < _order.Length; first += block)
                {
                    _cancellationToken.ThrowIfCancellationRequested();
                    int count = Math.Min(block, _order.Length - first);
                    for (int column = 0; column < count; column += panelRows)
                    {
                        Pack<TSimd, TVector>(_order.Slice(first + column, Math.Min(panelRows, count - column)), pp);
                        for (int row = 0; row < rows; row += tile)
                        {
                            RowProducts<TSimd, TVector>.Multiply(
                                px + ((nint)row * depth), pp, depth, py + ((nint)row * block) + column, block);
                        }
                    }

                    for (int i = 0; i < _queries.Length; i++) _visitor.Visit(i, first, products.AsSpan(i * block, count));
                }
            }
        }

        // What is left of a last panel stays zero or as it was: nobody looks at its products.
        private readonly unsafe void Pack<TSimd, TVector>(ReadOnlySpan<int> rows, float* panel)
            where TSimd : struct, ISimd<TVector>
            where TVector : struct
        {
            for (int i = 0; i < rows.Length; i++)
                RowProducts<TSimd, TVector>.Pack(_scan._gallery[rows[i]], _scan._galleryFactors[rows[i]], panel, i);
        }
    }
}
