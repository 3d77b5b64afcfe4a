using System.Numerics;
using System.Runtime.CompilerServices;
using EfficientNetSharp.Inference;
using EfficientNetSharp.Recognition.Embedded;

namespace EfficientNetSharp.Recognition.Search;

/// <summary>
/// Exact search through all rows. Few queries are taken one by one over each piece of rows; many are a matrix product with the engine's
/// kernel. Threads share the rows and keep results of their own, which are joined in the end.
/// </summary>
internal sealed unsafe class BlockSearch
{
    // From so many on a matrix product is faster than products one by one: a panel of the kernel is that wide.
    private const int MatrixFrom = 8;

    // Queries of one matrix product: their packed values and results stay in the cache beside the rows.
    private const int MatrixQueries = 128;

    // A piece of rows that stays in the second level of the cache while several queries pass by it.
    private const int PieceBytes = 256 << 10;

    // What a thread has to do at least to be worth its start.
    private const long BytesPerThread = 1 << 20;

    private readonly VectorView _view;
    private readonly BlockLayout _layout;
    private readonly IReadOnlySet<long> _left;
    private readonly int _count;

    /// <param name="view">The rows.</param>
    /// <param name="left">Rows that are nobody's any more, although they are not overwritten yet.</param>
    /// <param name="count">Identities for each query.</param>
    public BlockSearch(VectorView view, IReadOnlySet<long> left, int count) =>
        (_view, _layout, _left, _count) = (view, view.Layout, left, count);

    private int PieceRows => Math.Clamp(PieceBytes / _layout.RowBytes, 1, BlockLayout.RowsPerBlock);

    /// <summary>The best identities of each query, best first.</summary>
    /// <param name="directions">The queries, of length 1.</param>
    /// <param name="cancellationToken">Gives up between pieces of rows.</param>
    public TopIdentities[] Run(IReadOnlyList<float[]> directions, CancellationToken cancellationToken)
    {
        var results = new List<TopIdentities>(directions.Count);
        int at = 0;
        while (at < directions.Count)
        {
            int left = directions.Count - at, group = left >= MatrixFrom ? Math.Min(left, MatrixQueries) : left;
            float[][] part = [.. directions.Skip(at).Take(group)];
            results.AddRange(group >= MatrixFrom ? RunProduct(part, cancellationToken) : RunDots(part, cancellationToken));
            at += group;
        }

        return [.. results];
    }

    private TopIdentities[] RunDots(float[][] directions, CancellationToken cancellationToken)
    {
        Query[] queries = [.. directions.Select(direction => new Query(direction, _layout))];
        try
        {
            return OverPieces(queries.Length, () =>
            {
                float[] scores = new float[PieceRows];
                return (block, first, count, best) =>
                {
                    fixed (float* s = scores)
                    {
                        byte* start = _view.Block(block), rows = start + _layout.RowsOffset + ((nint)first * _layout.RowBytes);
                        for (int i = 0; i < queries.Length; i++)
                        {
                            Dots(rows, count, queries[i], (float*)(start + BlockLayout.ScalesOffset) + first, s);
                            Collect(best[i], s, count, (int*)start + first, (block * BlockLayout.RowsPerBlock) + first);
                        }
                    }
                };
            }, cancellationToken);
        }
        finally
        {
            foreach (var query in queries) query.Dispose();
        }
    }

    private void Dots(byte* rows, int count, Query query, float* scales, float* scores)
    {
        switch (_layout.Precision)
        {
            case VectorPrecision.F32:
                RowDots.Float32(rows, _layout.RowBytes, count, (float*)query.Pointer, scores);
                break;
            case VectorPrecision.F16:
                RowDots.Float16(rows, _layout.RowBytes, count, (float*)query.Pointer, scores);
                break;
            default:
                RowDots.Int8(rows, _layout.RowBytes, count, (short*)query.Pointer, query.Scale, scales, scores);
                break;
        }
    }

    private TopIdentities[] RunProduct(float[][] directions, CancellationToken cancellationToken)
    {
        int depth = _layout.Dimension;
        var product = new ColumnProduct(directions.SelectMany(direction => direction).ToArray(), directions.Length, depth);
        return OverPieces(directions.Length, () =>
        {
            float[] products = new float[PieceRows * product.Stride];
            // What is beyond the queries is 0 and reaches no threshold.
            float[] thresholds = new float[product.Stride];
            thresholds.AsSpan(directions.Length).Fill(float.PositiveInfinity);
            thresholds.AsSpan(0, directions.Length).Fill(float.NegativeInfinity);
            float[] decoded = _layout.Precision == VectorPrecision.F32 ? [] : new float[PieceRows * depth];
            return (block, first, count, best) =>
            {
                byte* start = _view.Block(block), rows = start + _layout.RowsOffset + ((nint)first * _layout.RowBytes);
                fixed (float* values = decoded, results = products)
                {
                    if (decoded.Length == 0)
                    {
                        product.Run((float*)rows, _layout.RowBytes, count, products);
                    }
                    else
                    {
                        for (int i = 0; i < count; i++)
                        {
                            float scale = _layout.HasScales ? ((float*)(start + BlockLayout.ScalesOffset))[first + i] : 1;
                            VectorCoding.Decode(
                                new ReadOnlySpan<byte>(rows + ((nint)i * _layout.RowBytes), _layout.RowBytes), _layout, scale,
                                decoded.AsSpan(i * depth, depth));
                        }

                        product.Run(values, depth * sizeof(float), count, products);
                    }

                    CollectProducts(best, thresholds, results, count, (int*)start + first, (block * BlockLayout.RowsPerBlock) + first);
                }
            };
        }, cancellationToken);
    }

    // Compiled well at once: a search is over before the runtime would take another look.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Collect(TopIdentities best, float* scores, int count, int* identities, long firstRow)
    {
        int step = Vector<float>.Count, i = 0;
        while (i < count)
        {
            if (i <= count - step && !Vector.GreaterThanOrEqualAny(Vector.Load(scores + i), new Vector<float>(best.Threshold)))
            {
                i += step;
                continue;
            }

            for (int end = Math.Min(i + step, count); i < end; i++)
            {
                if (scores[i] >= best.Threshold) Offer(best, scores[i], identities + i, firstRow + i);
            }
        }
    }

    // Nearly no row is among the best of any query, which whole vectors of scores tell at once.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void CollectProducts(TopIdentities[] best, float[] thresholds, float* products, int count, int* identities, long firstRow)
    {
        int step = Vector<float>.Count, stride = thresholds.Length;
        for (int row = 0; row < count; row++, products += stride)
        {
            for (int i = 0; i < stride; i += step)
            {
                // A vector of the matrix kernel may be half as long as one here.
                int end = Math.Min(i + step, stride);
                if (end - i == step && !Vector.GreaterThanOrEqualAny(Vector.Load(products + i), new Vector<float>(thresholds, i))) continue;
                for (int query = i; query < end; query++)
                {
                    if (!(products[query] >= thresholds[query])) continue;
                    Offer(best[query], products[query], identities + row, firstRow + row);
                    thresholds[query] = best[query].Threshold;
                }
            }
        }
    }

    private void Offer(TopIdentities best, float score, int* identity, long row)
    {
        // As it is now: a removal by another thread or process overwrites it.
        int owner = Volatile.Read(ref *identity);
        if (owner != 0 && (_left.Count == 0 || !_left.Contains(row))) best.Offer(new IdentityScore(owner, score, row));
    }

    private delegate void PieceWork(long block, int first, int count, TopIdentities[] best);

    private TopIdentities[] OverPieces(int queries, Func<PieceWork> start, CancellationToken cancellationToken)
    {
        long bytes = _view.Rows * _layout.RowBytes;
        int threads = (int)Math.Clamp(bytes / BytesPerThread, 1, Environment.ProcessorCount);
        var parts = new TopIdentities[threads][];
        // Each thread has a range of its own, which memory delivers in one stream.
        if (threads == 1) Work(0);
        else Parallel.For(0, threads, new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = threads },
            Work);
        var all = parts[0];
        foreach (var part in parts.Skip(1))
        {
            for (int i = 0; i < queries; i++)
            {
                foreach (var one in part[i].Best) all[i].Offer(one);
            }
        }

        return all;

        void Work(int thread)
        {
            var best = parts[thread] = [.. Enumerable.Range(0, queries).Select(_ => new TopIdentities(_count))];
            var work = start();
            int pieceRows = PieceRows;
            for (long row = _view.Rows * thread / threads, end = _view.Rows * (thread + 1) / threads; row < end;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                long block = row / BlockLayout.RowsPerBlock;
                int first = (int)(row % BlockLayout.RowsPerBlock);
                int count = (int)Math.Min(Math.Min(pieceRows, BlockLayout.RowsPerBlock - first), end - row);
                work(block, first, count, best);
                row += count;
            }
        }
    }
}
