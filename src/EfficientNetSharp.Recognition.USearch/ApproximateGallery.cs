using System.Collections.Immutable;
using Cloud.Unum.USearch;

namespace EfficientNetSharp.Recognition.USearch;

/// <summary>How an approximate index is made and measured.</summary>
public sealed record ApproximateOptions
{
    /// <summary>Neighbours that each embedding is connected with (HNSW's M); USearch's default of 16.</summary>
    public int Connectivity { get; init; } = 16;

    /// <summary>Candidates that are looked at when an embedding is added (efConstruction); USearch's default of 128.</summary>
    public int ExpansionAdd { get; init; } = 128;

    /// <summary>Candidates that a search looks at (ef); more find more and take longer. 64 by default.</summary>
    public int ExpansionSearch { get; init; } = 64;

    /// <summary>Embeddings of the gallery that the recall is measured with, at most; 200 by default.</summary>
    public int RecallQueries { get; init; } = 200;
}

/// <summary>
/// A gallery that is searched by a graph of neighbours (HNSW, Malkov and Yashunin 2016) in memory instead of exactly: for
/// galleries that are too large to be read for every query. It finds most of what an exact search finds; <see cref="Recall"/> says how
/// much.
/// </summary>
/// <remarks>
/// It holds what the store held when it was built; what is enrolled or removed since is not seen until it is built anew. Searches take
/// turns.
/// </remarks>
public sealed class ApproximateGallery : IGallerySearch, IAsyncDisposable
{
    // Candidates besides those asked for, as several embeddings of an identity count once.
    private const int Oversampling = 4;

    // Gaussian noise of about the length of the embedding: a query that is like its row and not the row.
    private const double NoiseOfQueries = 0.5;

    private readonly IGalleryStore _store;
    private readonly USearchIndex _index;
    private readonly Dictionary<long, (string Identity, string Source)> _samples;
    private readonly SemaphoreSlim _turn = new(1);
    private readonly ApproximateOptions _options;

    private ApproximateGallery(
        IGalleryStore store, USearchIndex index, Dictionary<long, (string Identity, string Source)> samples, ApproximateOptions options) =>
        (_store, _index, _samples, _options) = (store, index, samples, options);

    /// <summary>
    /// The share of queries for which the first identity is that of the exact search, 0 to 1; measured at building with embeddings of the
    /// gallery that noise was added to. <see langword="null"/> for an empty gallery.
    /// </summary>
    public double? Recall { get; private set; }

    /// <summary>Queries that the recall was measured with.</summary>
    public int RecallQueries { get; private set; }

    /// <summary>Builds the graph of a store's embeddings, and measures its recall against the store's exact search.</summary>
    /// <param name="store">The gallery; it is not disposed with this.</param>
    /// <param name="options">How; <see langword="null"/> for the defaults.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<ApproximateGallery> BuildAsync(
        IGalleryStore store, ApproximateOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        options ??= new ApproximateOptions();
        var index = new USearchIndex(new IndexOptions
        {
            metric_kind = MetricKind.Ip, quantization = store.Description.Precision == VectorPrecision.F32 ? ScalarKind.Float32
                : ScalarKind.Float16,
            dimensions = (ulong)store.Description.Fingerprint.Length, connectivity = (ulong)options.Connectivity,
            expansion_add = (ulong)options.ExpansionAdd, expansion_search = (ulong)options.ExpansionSearch,
        });
        var samples = new Dictionary<long, (string, string)>();
        var queries = new List<float[]>();
        long all = (await store.CountAsync(cancellationToken).ConfigureAwait(false)).Samples,
            step = Math.Max(1, all / Math.Max(1, options.RecallQueries));
        await foreach (var sample in store.ReadAsync(null, cancellationToken).ConfigureAwait(false))
        {
            float[] values = sample.Embedding.ToArray();
            if (samples.Count % step == 0 && queries.Count < options.RecallQueries) queries.Add(WithNoise(values, (ulong)sample.Id));
            index.Add((ulong)sample.Id, values);
            samples.Add(sample.Id, (sample.Identity, sample.Source));
        }

        var gallery = new ApproximateGallery(store, index, samples, options);
        await gallery.MeasureAsync(queries, cancellationToken).ConfigureAwait(false);
        return gallery;
    }

    /// <inheritdoc />
    public async Task<ImmutableArray<ImmutableArray<GalleryMatch>>> SearchAsync(
        IReadOnlyList<ReadOnlyMemory<float>> queries, int count, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(queries);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, IGallerySearch.MaxMatches);
        float[][] directions = [.. queries.Select(query => _store.Description.DirectionOf(query.Span))];
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return [.. directions.Select(direction => Search(direction, count))];
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Frees the graph; the store stays.</summary>
    public ValueTask DisposeAsync()
    {
        _index.Dispose();
        _turn.Dispose();
        return ValueTask.CompletedTask;
    }

    // More candidates until there are enough identities, or no more embeddings.
    private ImmutableArray<GalleryMatch> Search(float[] direction, int count)
    {
        for (int candidates = Math.Max(count * Oversampling, _options.ExpansionSearch); ; candidates *= Oversampling)
        {
            candidates = Math.Min(candidates, _samples.Count);
            if (candidates == 0) return [];
            int found = _index.Search(direction, candidates, out ulong[] ids, out float[] distances);
            var best = new Dictionary<string, GalleryMatch>(StringComparer.Ordinal);
            for (int i = 0; i < found; i++)
            {
                var (identity, source) = _samples[(long)ids[i]];
                // USearch's inner product distance is 1 - the sum of products.
                best.TryAdd(identity, new GalleryMatch(identity, Math.Clamp(1 - distances[i], -1, 1), (long)ids[i], source));
            }

            if (best.Count >= count || candidates == _samples.Count)
                return [.. best.Values.OrderByDescending(match => match.Score).ThenBy(match => match.SampleId).Take(count)];
        }
    }

    private async Task MeasureAsync(List<float[]> queries, CancellationToken cancellationToken)
    {
        if (queries.Count == 0) return;
        ReadOnlyMemory<float>[] asked = [.. queries.Select(query => new ReadOnlyMemory<float>(query))];
        var exact = await _store.SearchAsync(asked, 1, cancellationToken).ConfigureAwait(false);
        var found = await SearchAsync(asked, 1, cancellationToken).ConfigureAwait(false);
        RecallQueries = queries.Count;
        Recall = exact.Zip(found, (a, b) => b.Length > 0 && a[0].Identity == b[0].Identity ? 1.0 : 0.0).Average();
    }

    private static float[] WithNoise(float[] values, ulong seed)
    {
        var random = new Randomness.SeededRandom(seed);
        double scale = NoiseOfQueries / Math.Sqrt(values.Length);
        return [.. values.Select(value => (float)(value + (scale * random.NextGaussian())))];
    }
}
