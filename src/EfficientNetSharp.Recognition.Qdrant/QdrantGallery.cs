using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using EfficientNetSharp.Files;
using Grpc.Core;
using Qdrant.Client;
using Qdrant.Client.Grpc;

namespace EfficientNetSharp.Recognition.Qdrant;

/// <summary>
/// A gallery in Qdrant: a collection with a point per embedding, whose payload names the identity; the description is the collection's
/// metadata.
/// Searches ask for exact results.
/// </summary>
/// <remarks>
/// Each change is one request that waits until Qdrant has applied it; the collection has one shard, so that a batch is one operation of its
/// log.
/// Tried against a stand-in for the server that is written after Qdrant's public protocol, not against the server itself.
/// </remarks>
public sealed class QdrantGallery : IGalleryStore
{
    private const string Identity = "identity", Source = "source", Content = "content", Enrolled = "enrolled",
        DescriptionKey = "effnet_gallery";

    // Points that are read at once.
    private const int PageSize = 256;

    // A number is the time in milliseconds with random bits below, so that writers need not agree and later ones are larger.
    private const int RandomBits = 20;

    private readonly QdrantClient _client;
    private readonly string _collection;
    private readonly TimeProvider _clock;

    private QdrantGallery(QdrantAddress address, QdrantClient client, GalleryDescription description, TimeProvider clock)
    {
        (_client, _clock) = (client, clock);
        (Name, _collection, Description) = (address.Name, address.Collection, description);
    }

    /// <inheritdoc />
    public string Name { get; }

    /// <inheritdoc />
    public GalleryDescription Description { get; }

    /// <summary>Makes a gallery without embeddings.</summary>
    /// <param name="address">Where.</param>
    /// <param name="description">What it is made for; values as float32 or float16.</param>
    /// <param name="clock">Says the time for the numbers of embeddings; the system's where <see langword="null"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidInputException">There is a collection of that name, or Qdrant does not hold such values.</exception>
    /// <exception cref="GalleryUnavailableException">The server does not answer.</exception>
    public static async Task<QdrantGallery> CreateAsync(
        QdrantAddress address, GalleryDescription description, TimeProvider? clock = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(description);
        if (description.Precision == VectorPrecision.I8)
            throw new InvalidInputException(
                "A gallery in Qdrant holds values as float32 or float16, found int8; make it with one of these.");
        using var client = ClientOf(address);
        await Explained(address.Name, async () =>
        {
            if (await client.CollectionExistsAsync(address.Collection, cancellationToken).ConfigureAwait(false))
                throw new InvalidInputException($"There is a collection '{address.Name}' already; enroll into it, or give another name.");
            var vectors = new VectorParams
            {
                Size = (ulong)description.Fingerprint.Length, Distance = Distance.Dot,
                Datatype = description.Precision == VectorPrecision.F16 ? Datatype.Float16 : Datatype.Float32,
            };
            await client.CreateCollectionAsync(
                address.Collection, vectors, new Dictionary<string,
                    Value> { [DescriptionKey] = GalleryJson.ToJson(description).ToJsonString() },
                cancellationToken: cancellationToken).ConfigureAwait(false);
            foreach (string field in new[] { Identity, Content })
                await client.CreatePayloadIndexAsync(address.Collection, field, PayloadSchemaType.Keyword,
                    cancellationToken: cancellationToken).ConfigureAwait(false);
            return true;
        }).ConfigureAwait(false);
        return await OpenAsync(address, clock, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Opens a gallery.</summary>
    /// <param name="address">Where.</param>
    /// <param name="clock">Says the time for the numbers of embeddings; the system's where <see langword="null"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidInputException">There is none of that name.</exception>
    /// <exception cref="GalleryUnavailableException">The server does not answer.</exception>
    public static async Task<QdrantGallery> OpenAsync(
        QdrantAddress address, TimeProvider? clock = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(address);
        var client = ClientOf(address);
        try
        {
            var description = await Explained(address.Name, async () =>
            {
                if (!await client.CollectionExistsAsync(address.Collection, cancellationToken).ConfigureAwait(false))
                    throw new InvalidInputException(
                        $"There is no gallery '{address.Name}'; make one with 'effnet gallery create', or check the name.");
                var info = await client.GetCollectionInfoAsync(address.Collection, cancellationToken).ConfigureAwait(false);
                return info.Config.Metadata.TryGetValue(DescriptionKey, out var json)
                    && JsonNode.Parse(json.StringValue) is JsonObject members
                    ? GalleryJson.Parse(members)
                    : throw new InvalidInputException($"The collection '{address.Name}' is no gallery; name another.");
            }).ConfigureAwait(false);
            return new QdrantGallery(address, client, description, clock ?? TimeProvider.System);
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <inheritdoc />
    public async Task<GallerySize> CountAsync(CancellationToken cancellationToken = default)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        long samples = 0;
        await foreach (var point in PointsAsync(null, withVectors: false, cancellationToken).ConfigureAwait(false))
        {
            names.Add(TextOf(point, Identity));
            samples++;
        }

        return new GallerySize(names.Count, samples);
    }

    /// <inheritdoc />
    public async Task<ImmutableArray<long>> AddAsync(IReadOnlyList<GallerySample> samples, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(samples);
        float[][] directions = [.. samples.Select(sample => sample.CheckedDirection(Description.Fingerprint.Length))];
        if (samples.Count == 0) return [];
        long first = (_clock.GetUtcNow().ToUnixTimeMilliseconds() << RandomBits)
            + System.Security.Cryptography.RandomNumberGenerator.GetInt32(1 << RandomBits);
        ImmutableArray<long> ids = [.. Enumerable.Range(0, samples.Count).Select(i => first + i)];
        PointStruct[] points = [.. samples.Select((sample, i) => new PointStruct
        {
            Id = (ulong)ids[i], Vectors = directions[i],
            Payload =
            {
                [Identity] = sample.Identity, [Source] = sample.Source, [Content] = sample.ContentHash,
                [Enrolled] = sample.Enrolled.ToUnixTimeMilliseconds(),
            },
        })];
        await Explained(Name, () => _client.UpsertAsync(_collection, points, wait: true,
            cancellationToken: cancellationToken)).ConfigureAwait(false);
        return ids;
    }

    /// <inheritdoc />
    public async Task<int> RemoveAsync(string identity, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(identity);
        ulong[] ids = [.. await AllAsync(PointsAsync(Conditions.MatchKeyword(Identity, identity), withVectors: false, cancellationToken),
            point => point.Id.Num).ConfigureAwait(false)];
        if (ids.Length > 0)
            await Explained(Name, () => _client.DeleteAsync(_collection, ids, wait: true,
                cancellationToken: cancellationToken)).ConfigureAwait(false);
        return ids.Length;
    }

    /// <inheritdoc />
    public async Task<bool> RemoveSampleAsync(long id, CancellationToken cancellationToken = default)
    {
        if (id < 1) return false;
        var found = await Explained(Name, () => _client.RetrieveAsync(
            _collection, [(PointId)(ulong)id], withPayload: false, withVectors: false,
                cancellationToken: cancellationToken)).ConfigureAwait(false);
        if (found.Count == 0) return false;
        await Explained(Name, () => _client.DeleteAsync(_collection, (ulong)id, wait: true,
            cancellationToken: cancellationToken)).ConfigureAwait(false);
        return true;
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<GalleryIdentity> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var identities = new SortedDictionary<string, (int Samples, long Newest)>(StringComparer.Ordinal);
        await foreach (var point in PointsAsync(null, withVectors: false, cancellationToken).ConfigureAwait(false))
        {
            string name = TextOf(point, Identity);
            var (samples, newest) = identities.GetValueOrDefault(name, (0, long.MinValue));
            identities[name] = (samples + 1, Math.Max(newest, NumberOf(point, Enrolled)));
        }

        foreach (var (name, (samples, newest)) in identities)
            yield return new GalleryIdentity(name, samples, DateTimeOffset.FromUnixTimeMilliseconds(newest));
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<GallerySample> ReadAsync(
        string? identity = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var condition = identity is null ? null : Conditions.MatchKeyword(Identity, identity);
        await foreach (var point in PointsAsync(condition, withVectors: true, cancellationToken).ConfigureAwait(false))
            yield return SampleOf(point);
    }

    /// <inheritdoc />
    public async Task<ImmutableArray<GallerySample>> FindAsync(
        IReadOnlyList<long> ids, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(ids);
        PointId[] points = [.. ids.Where(id => id > 0).Distinct().Select(id => (PointId)(ulong)id)];
        if (points.Length == 0) return [];
        var found = await Explained(Name, () => _client.RetrieveAsync(
            _collection, points, withPayload: true, withVectors: true, cancellationToken: cancellationToken)).ConfigureAwait(false);
        return [.. found.Select(SampleOf).OrderBy(sample => sample.Id)];
    }

    /// <inheritdoc />
    public async Task<ImmutableArray<ImmutableArray<string>>> FindContentAsync(
        IReadOnlyList<string> contentHashes, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(contentHashes);
        string[] hashes = [.. contentHashes.Where(hash => hash.Length > 0).Distinct(StringComparer.Ordinal)];
        var owners = hashes.ToDictionary(hash => hash, _ => new SortedSet<string>(StringComparer.Ordinal), StringComparer.Ordinal);
        if (hashes.Length > 0)
        {
            await foreach (var point in PointsAsync(Conditions.Match(Content, hashes), withVectors: false,
                cancellationToken).ConfigureAwait(false))
                owners[TextOf(point, Content)].Add(TextOf(point, Identity));
        }

        return [.. contentHashes.Select(hash => owners.TryGetValue(hash, out var names) ? [.. names] : ImmutableArray<string>.Empty)];
    }

    /// <inheritdoc />
    public async Task<ImmutableArray<ImmutableArray<GalleryMatch>>> SearchAsync(
        IReadOnlyList<ReadOnlyMemory<float>> queries, int count, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(queries);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, IGallerySearch.MaxMatches);
        float[][] directions = [.. queries.Select(query => Description.DirectionOf(query.Span))];
        var all = ImmutableArray.CreateBuilder<ImmutableArray<GalleryMatch>>(directions.Length);
        foreach (float[] direction in directions)
        {
            var groups = await Explained(Name, () => _client.QueryGroupsAsync(
                _collection, Identity, direction, searchParams: new SearchParams { Exact = true }, limit: (ulong)count, groupSize: 1,
                payloadSelector: true, cancellationToken: cancellationToken)).ConfigureAwait(false);
            all.Add([.. groups.SelectMany(group => group.Hits).Select(hit => new GalleryMatch(
                hit.Payload[Identity].StringValue, Math.Clamp(hit.Score, -1, 1), (long)hit.Id.Num, hit.Payload[Source].StringValue))
                .OrderByDescending(match => match.Score).ThenBy(match => match.SampleId)]);
        }

        return all.MoveToImmutable();
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    // In rising order of their numbers, as Qdrant scrolls.
    private async IAsyncEnumerable<RetrievedPoint> PointsAsync(
        Condition? condition, bool withVectors, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Filter? filter = condition is null ? null : new Filter { Must = { condition } };
        PointId? next = null;
        do
        {
            var page = await Explained(Name, () => _client.ScrollAsync(
                _collection, filter, PageSize, next, true, withVectors, cancellationToken: cancellationToken)).ConfigureAwait(false);
            foreach (var point in page.Result) yield return point;
            next = page.NextPageOffset;
        }
        while (next is not null);
    }

    private static async Task<List<T>> AllAsync<T>(IAsyncEnumerable<RetrievedPoint> points, Func<RetrievedPoint, T> select)
    {
        var all = new List<T>();
        await foreach (var point in points.ConfigureAwait(false)) all.Add(select(point));
        return all;
    }

    private GallerySample SampleOf(RetrievedPoint point) => new()
    {
        Id = (long)point.Id.Num, Identity = TextOf(point, Identity), Source = TextOf(point, Source), ContentHash = TextOf(point, Content),
        Enrolled = DateTimeOffset.FromUnixTimeMilliseconds(NumberOf(point, Enrolled)), Embedding = ValuesOf(point.Vectors.Vector),
    };

    private string TextOf(RetrievedPoint point, string field) => point.Payload.TryGetValue(field, out var value) && value.HasStringValue
        ? value.StringValue : throw Foreign(point, field);

    private long NumberOf(RetrievedPoint point, string field) => point.Payload.TryGetValue(field, out var value) && value.HasIntegerValue
        ? value.IntegerValue : throw Foreign(point, field);

    private InvalidInputException Foreign(RetrievedPoint point, string field) =>
        new($"The point {point.Id.Num} of '{Name}' has no '{field}': another program has written to the collection; remove the point.");

    private static float[] ValuesOf(VectorOutput vector) => vector.Dense is { } dense ? [.. dense.Data] : [];

    private static QdrantClient ClientOf(QdrantAddress address) => new(address.Host, address.Port, address.UsesTls, address.ApiKey);

    private static async Task<T> Explained<T>(string gallery, Func<Task<T>> work)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.Cancelled)
        {
            throw new OperationCanceledException("The request was given up.", e);
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.Unauthenticated or StatusCode.PermissionDenied)
        {
            throw new InvalidInputException($"Qdrant refuses the key for '{gallery}'; check it.", e);
        }
        catch (RpcException e)
        {
            throw new GalleryUnavailableException(
                gallery,
                    $"Qdrant does not answer as expected ({OneLine.Clean(e.Status.Detail, 150).TrimEnd('.')}); what was acknowledged is kept, try again when it is there", e);
        }
        catch (JsonException e)
        {
            throw new InvalidInputException($"The description of '{gallery}' is no JSON; make the gallery again.", e);
        }
    }
}
