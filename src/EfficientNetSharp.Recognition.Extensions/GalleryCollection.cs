using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using EfficientNetSharp.Files;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;

namespace EfficientNetSharp.Recognition.Extensions;

/// <summary>
/// A gallery as a collection of Microsoft.Extensions.VectorData: a record is one embedding, its key the gallery's number of it. Any store
/// will do; enrolment and identification see the same gallery.
/// </summary>
/// <remarks>
/// <para>
/// <see cref="SearchAsync"/> finds records, not identities: of an identity as many as are near enough. Use
/// <see cref="IGallerySearch.SearchAsync"/> for each identity once. Scores are cosines, −1 to 1, of the query and the embeddings as they
/// are held. Of equal ones the smaller key comes first, and the store decides which of them take the last places. Searches are as exact as
/// the store's: without a filter, and up to <see cref="IGallerySearch.MaxMatches"/> records with those that are skipped, they read the
/// store's nearest identities; all others read every record, or those of one identity where the filter says
/// <c>record.Identity == name</c>.
/// </para>
/// <para>
/// A search takes an embedding (<see cref="ReadOnlyMemory{T}"/> of <see cref="float"/>, an array, <see cref="Embedding{T}"/>) and, where
/// the collection has a generator, an image: <see cref="DataContent"/>, or a string, the path of an image file.
/// </para>
/// <para>
/// Filters are conditions in C#, run as they are, on whole records; text is compared by code units. A stored record does not change: to
/// replace one, upsert another and delete it. Safe for use by many threads at once. Disposing this leaves store and generator open.
/// </para>
/// <para>
/// What cannot be used is refused by <see cref="InvalidInputException"/> before the store is asked; what the store throws is the inner
/// exception of a <see cref="VectorStoreException"/> with its message.
/// </para>
/// </remarks>
public sealed class GalleryCollection : VectorStoreCollection<long, GalleryRecord>
{
    private const string SystemName = "EfficientNetSharp";

    // Records that are looked up at once.
    private const int BatchSize = 1000;

    // A gallery may change between the moment that identities are found and the moment that their records are read.
    private const int Attempts = 5;

    private static readonly Comparer<ScoredRecord> NearestFirst = Comparer<ScoredRecord>.Create((a, b) =>
        a.Score != b.Score ? b.Score.CompareTo(a.Score) : a.Record.Key.CompareTo(b.Record.Key));

    private readonly IGalleryStore _store;
    private readonly ImageEmbeddingGenerator? _generator;
    private readonly TimeProvider _clock;

    /// <summary>Shows an open gallery as a collection.</summary>
    /// <param name="store">The gallery; it is the caller's, and has to stay open.</param>
    /// <param name="generator">Makes embeddings of images that are searched by; it is the caller's too.</param>
    /// <param name="clock">Says when a record is enrolled that does not say it; the system's where <see langword="null"/>.</param>
    /// <exception cref="InvalidInputException">The generator's network is another than the gallery's.</exception>
    public GalleryCollection(IGalleryStore store, ImageEmbeddingGenerator? generator = null, TimeProvider? clock = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        generator?.EnsureFits(store);
        (_store, _generator, _clock) = (store, generator, clock ?? TimeProvider.System);
    }

    /// <summary>The gallery's path or address.</summary>
    public override string Name => _store.Name;

    /// <summary>Asks the gallery whether it is there.</summary>
    /// <returns><see langword="true"/>: an open gallery exists.</returns>
    /// <exception cref="VectorStoreException">It is gone, or does not answer; from outside that is the same.</exception>
    public override Task<bool> CollectionExistsAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Explained(nameof(CollectionExistsAsync), async () =>
        {
            await _store.FindAsync([1], cancellationToken).ConfigureAwait(false);
            return true;
        });
    }

    /// <summary>As <see cref="CollectionExistsAsync"/>: a gallery is made for a network, before it is opened.</summary>
    /// <exception cref="VectorStoreException">It is gone, or does not answer.</exception>
    public override Task EnsureCollectionExistsAsync(CancellationToken cancellationToken = default) =>
        CollectionExistsAsync(cancellationToken);

    /// <summary>Refused: whoever opened the gallery deletes it.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override Task EnsureCollectionDeletedAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException(
        $"The gallery {OneLine.Quote(Name, 300)} is open and is not deleted through its collection; delete its records by their keys, or close it and delete its folder or what its database has of it.");

    /// <summary>Reads a record.</summary>
    /// <returns>The record, or <see langword="null"/> where none has that key.</returns>
    /// <inheritdoc />
    public override async Task<GalleryRecord?> GetAsync(
        long key, RecordRetrievalOptions? options = null, CancellationToken cancellationToken = default)
    {
        await foreach (var record in GetAsync([key], options, cancellationToken).ConfigureAwait(false)) return record;
        return null;
    }

    /// <summary>Reads records by their keys.</summary>
    /// <returns>Those that there are, each once, in the order of the keys.</returns>
    /// <inheritdoc />
    public override async IAsyncEnumerable<GalleryRecord> GetAsync(
        IEnumerable<long> keys, RecordRetrievalOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        foreach (long[] batch in keys.Distinct().Chunk(BatchSize))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var found = await Explained(nameof(GetAsync), () => _store.FindAsync(batch, cancellationToken)).ConfigureAwait(false);
            var byKey = found.ToDictionary(sample => sample.Id);
            foreach (long key in batch)
            {
                if (byKey.TryGetValue(key, out var sample)) yield return GalleryRecord.Of(sample, options?.IncludeVectors == true);
            }
        }
    }

    /// <summary>Reads the records that a condition holds for.</summary>
    /// <returns>At most <paramref name="top"/>, by their keys where <paramref name="options"/> give no other order.</returns>
    /// <inheritdoc />
    public override async IAsyncEnumerable<GalleryRecord> GetAsync(
        Expression<Func<GalleryRecord, bool>> filter, int top, FilteredRecordRetrievalOptions<GalleryRecord>? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        options ??= new FilteredRecordRetrievalOptions<GalleryRecord>();
        var condition = new RecordFilter(filter);
        var samples = ReadAsync(condition, nameof(GetAsync), cancellationToken);
        if (RecordOrder.Of(options) is not { } order)
        {
            int place = 0;
            await foreach (var sample in samples.ConfigureAwait(false))
            {
                if (place++ < options.Skip) continue;
                yield return GalleryRecord.Of(sample, options.IncludeVectors);
                if (place - options.Skip == top) yield break;
            }

            yield break;
        }

        var first = new FirstInOrder<OrderedRecord>((long)options.Skip + top, order);
        await foreach (var sample in samples.ConfigureAwait(false)) first.Add(order.Of(sample, options.IncludeVectors));
        foreach (var one in first.Take().Skip(options.Skip)) yield return one.Record;
    }

    /// <summary>Finds the records that are nearest to an embedding, or to an image's.</summary>
    /// <param name="searchValue">An embedding of any length above 0, or an image: see the remarks of this type.</param>
    /// <param name="top">Records to find, at least 1; fewer where the gallery has fewer that match.</param>
    /// <param name="options">Which, and what of them; a threshold is a cosine.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The records with their cosines, nearest first.</returns>
    /// <exception cref="InvalidInputException">
    /// The value is no embedding that fits the gallery and no image that can be read, or the options ask for what there is not.
    /// </exception>
    /// <exception cref="VectorStoreException">The gallery does not answer, or is damaged.</exception>
    public override async IAsyncEnumerable<VectorSearchResult<GalleryRecord>> SearchAsync<TInput>(
        TInput searchValue, int top, VectorSearchOptions<GalleryRecord>? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(searchValue);
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        options ??= new VectorSearchOptions<GalleryRecord>();
        EnsureUsable(options);
        cancellationToken.ThrowIfCancellationRequested();
        var query = await EmbeddingOfAsync(searchValue, cancellationToken).ConfigureAwait(false);
        float[] direction = _store.Description.DirectionOf(query.Span);
        var nearest = new FirstInOrder<ScoredRecord>((long)options.Skip + top, NearestFirst);
        if (options.Filter is null && (long)options.Skip + top <= IGallerySearch.MaxMatches)
        {
            await Explained(nameof(SearchAsync), () => FindNearestAsync(
                direction, options.Skip + top, nearest.Clear, Consider, cancellationToken)).ConfigureAwait(false);
        }
        else
        {
            var filter = options.Filter is null ? null : new RecordFilter(options.Filter);
            await foreach (var sample in ReadAsync(filter, nameof(SearchAsync), cancellationToken).ConfigureAwait(false)) Consider(sample);
        }

        foreach (var (score, record) in nearest.Take().Skip(options.Skip))
            yield return new VectorSearchResult<GalleryRecord>(record, score);

        void Consider(GallerySample sample)
        {
            float score = sample.CosineWith(direction);
            if (options.ScoreThreshold is { } least && score < least) return;
            nearest.Add(new ScoredRecord(score, GalleryRecord.Of(sample, options.IncludeVectors)));
        }
    }

    /// <summary>Stores a new record, and sets its key.</summary>
    /// <inheritdoc cref="UpsertAsync(IEnumerable{GalleryRecord}, CancellationToken)" />
    public override Task UpsertAsync(GalleryRecord record, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(record);
        return UpsertAsync([record], cancellationToken);
    }

    /// <summary>Stores new records, all or none, and sets their keys.</summary>
    /// <exception cref="InvalidInputException">
    /// One has a key already, is there twice, or does not fit the gallery; nothing is stored.
    /// </exception>
    /// <exception cref="VectorStoreException">The gallery does not answer; nothing is stored.</exception>
    /// <inheritdoc />
    public override async Task UpsertAsync(IEnumerable<GalleryRecord> records, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(records);
        cancellationToken.ThrowIfCancellationRequested();
        GalleryRecord[] batch = [.. records];
        var seen = new HashSet<GalleryRecord>(ReferenceEqualityComparer.Instance);
        var now = _clock.GetUtcNow();
        var samples = new GallerySample[batch.Length];
        for (int i = 0; i < batch.Length; i++)
        {
            var record = batch[i] ?? throw new ArgumentNullException(nameof(records));
            if (record.Key != 0)
                throw new InvalidInputException(
                    $"A record to store is expected to have the key 0, for the gallery to number it, found {record.Key} for {OneLine.Quote(record.Identity)}. A stored record does not change: upsert a new one and delete that.");
            if (!seen.Add(record))
                throw new InvalidInputException(
                    $"Each record is expected once, found one of {OneLine.Quote(record.Identity)} twice; leave one out, or make two records.");
            samples[i] = record.ToSample(now);
            samples[i].CheckedDirection(_store.Description.Fingerprint.Length);
        }

        var keys = await Explained(nameof(UpsertAsync), () => _store.AddAsync(samples, cancellationToken)).ConfigureAwait(false);
        for (int i = 0; i < batch.Length; i++) (batch[i].Key, batch[i].Enrolled) = (keys[i], samples[i].Enrolled);
    }

    /// <summary>Removes a record; its identity with its last one. Nothing happens where no record has that key.</summary>
    /// <inheritdoc />
    public override Task DeleteAsync(long key, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Explained(nameof(DeleteAsync), () => _store.RemoveSampleAsync(key, cancellationToken));
    }

    /// <summary>
    /// What this shows or is made of: <see cref="VectorStoreCollectionMetadata"/>, <see cref="VectorStoreCollectionDefinition"/>, the
    /// store, the generator, or this.
    /// </summary>
    /// <inheritdoc />
    public override object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (serviceKey is not null) return null;
        return serviceType == typeof(VectorStoreCollectionMetadata)
                ? new VectorStoreCollectionMetadata { VectorStoreSystemName = SystemName, CollectionName = Name }
            : serviceType == typeof(VectorStoreCollectionDefinition) ? Definition()
            : serviceType.IsInstanceOfType(this) ? this
            : typeof(IGallerySearch).IsAssignableFrom(serviceType) && serviceType.IsInstanceOfType(_store) ? _store
            : typeof(IEmbeddingGenerator).IsAssignableFrom(serviceType) && serviceType.IsInstanceOfType(_generator) ? _generator
            : null;
    }

    private VectorStoreCollectionDefinition Definition() => new()
    {
        Properties =
        [
            new VectorStoreKeyProperty(nameof(GalleryRecord.Key), typeof(long)) { IsAutoGenerated = true },
            new VectorStoreDataProperty(nameof(GalleryRecord.Identity), typeof(string)) { IsIndexed = true },
            new VectorStoreDataProperty(nameof(GalleryRecord.Source), typeof(string)),
            new VectorStoreDataProperty(nameof(GalleryRecord.ContentHash), typeof(string)),
            new VectorStoreDataProperty(nameof(GalleryRecord.Enrolled), typeof(DateTimeOffset)),
            new VectorStoreVectorProperty(
                nameof(GalleryRecord.Vector), typeof(ReadOnlyMemory<float>), _store.Description.Fingerprint.Length)
            {
                DistanceFunction = DistanceFunction.CosineSimilarity, IndexKind = IndexKind.Flat,
            },
        ],
    };

    private static void EnsureUsable(VectorSearchOptions<GalleryRecord> options)
    {
        if (options.ScoreThreshold is { } threshold && double.IsNaN(threshold))
            throw new InvalidInputException("A score threshold is expected to be a cosine, −1 to 1, found NaN; give one, or leave it out.");
        if (options.VectorProperty?.Body is not { } body) return;
        if (body is UnaryExpression { NodeType: ExpressionType.Convert } boxed) body = boxed.Operand;
        if (body is not MemberExpression { Expression: ParameterExpression, Member.Name: nameof(GalleryRecord.Vector) })
            throw new InvalidInputException(
                $"A gallery is searched by {nameof(GalleryRecord.Vector)}, found {OneLine.Quote(body.ToString())}; leave the vector property out.");
    }

    private async Task<ReadOnlyMemory<float>> EmbeddingOfAsync<TInput>(TInput value, CancellationToken cancellationToken)
    {
        switch (value)
        {
            case ReadOnlyMemory<float> values: return values;
            case float[] values: return values;
            case Embedding<float> embedding: return embedding.Vector;
            case DataContent content when _generator is not null:
                return await EmbedAsync(_generator, content, cancellationToken).ConfigureAwait(false);
            case string path when _generator is not null:
                // The decoder finds out what kind of image it is.
                var file = new DataContent(InputFile.ReadAllBytes(path), "application/octet-stream") { Name = path };
                return await EmbedAsync(_generator, file, cancellationToken).ConfigureAwait(false);
            default:
                string image = _generator is null ? "" : ", an image as DataContent, or the path of an image file";
                string advice = _generator is null ? ", or the collection an ImageEmbeddingGenerator to search by images" : "";
                throw new InvalidInputException(
                    $"A search value is expected to be an embedding (ReadOnlyMemory<float>, float[] or Embedding<float>){image}, found {value!.GetType().Name}; give one of these{advice}.");
        }
    }

    private static async Task<ReadOnlyMemory<float>> EmbedAsync(
        IEmbeddingGenerator<DataContent, Embedding<float>> generator, DataContent image, CancellationToken cancellationToken) =>
        (await generator.GenerateAsync([image], cancellationToken: cancellationToken).ConfigureAwait(false))[0].Vector;

    // An embedding among the nearest is of an identity whose best is at least as near, and there are no more of these than embeddings are
    // looked for: so the store's nearest identities hold them all.
    private async Task<bool> FindNearestAsync(
        float[] direction, int count, Action restart, Action<GallerySample> consider, CancellationToken cancellationToken)
    {
        for (int attempt = 1; attempt <= Attempts; attempt++)
        {
            restart();
            bool isWhole = true;
            var matches = (await _store.SearchAsync([direction], count, cancellationToken).ConfigureAwait(false))[0];
            foreach (var match in matches)
            {
                bool isThere = false;
                await foreach (var sample in _store.ReadAsync(match.Identity, cancellationToken).ConfigureAwait(false))
                {
                    consider(sample);
                    isThere |= sample.Id == match.SampleId;
                }

                isWhole &= isThere;
            }

            // What was removed while it was found is looked for again without it.
            if (isWhole) return true;
        }

        throw new GalleryUnavailableException(Name, "it changes faster than it can be searched; try again");
    }

    private async IAsyncEnumerable<GallerySample> ReadAsync(
        RecordFilter? filter, string operation, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var samples = _store.ReadAsync(filter?.Identity, cancellationToken).GetAsyncEnumerator(cancellationToken);
        await using (samples.ConfigureAwait(false))
        {
            while (await Explained(operation, () => samples.MoveNextAsync().AsTask()).ConfigureAwait(false))
            {
                if (filter?.Matches(samples.Current) != false) yield return samples.Current;
            }
        }
    }

    private async Task<T> Explained<T>(string operation, Func<Task<T>> work)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or InvalidInputException)
        {
            throw new VectorStoreException(e.Message, e)
            {
                VectorStoreSystemName = SystemName, CollectionName = Name, OperationName = operation,
            };
        }
    }

    private readonly record struct ScoredRecord(float Score, GalleryRecord Record);
}
