using System.Collections.Immutable;
using System.Linq.Expressions;
using EfficientNetSharp.Recognition.Embedded;
using EfficientNetSharp.Recognition.Extensions;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;

namespace EfficientNetSharp.Recognition.Tests.Extensions;

public sealed class GalleryCollectionTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 4, 12, 0, 0, 5, TimeSpan.Zero);

    private readonly string _root = Directory.CreateTempSubdirectory("effnet-collection-").FullName;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    // With (1, 0) these have the cosines 1, 4/5, 3/5, 0 and −1.
    private static GalleryRecord[] Five() =>
    [
        new() { Identity = "below", Vector = new float[] { -2, 0 }, Source = "5.png" },
        new() { Identity = "ada", Vector = new float[] { 4, 3 }, Source = "2.png", ContentHash = new string('a', 64) },
        new() { Identity = "bob", Vector = new float[] { 3, -4 }, Source = "3.png", Enrolled = Noon.AddDays(-1) },
        new() { Identity = "ada", Vector = new float[] { 7, 0 }, Source = "1.png", Enrolled = Noon.AddDays(1) },
        new() { Identity = "Bob", Vector = new float[] { 0, 9 }, Source = "4.png" },
    ];

    [Fact]
    public async Task Records_are_found_by_their_cosines_each_embedding_by_itself()
    {
        await using var store = Create();
        using var collection = await Filled(store);
        Assert.Equal([("1.png", 1), ("2.png", 0.8), ("3.png", 0.6), ("4.png", 0), ("5.png", -1)], await Search(new float[] { 1, 0 }, 9));
        Assert.Equal([("1.png", 1), ("2.png", 0.8)], await Search(new ReadOnlyMemory<float>([0.5f, 0]), 2));
        Assert.Equal([("5.png", 1)], await Search(new Embedding<float>(new float[] { -1, 0 }), 1));
        Assert.Equal([("3.png", 0.6), ("4.png", 0)], await Search(new float[] { 1, 0 }, 2, new() { Skip = 2 }));
        Assert.Equal([("1.png", 1), ("2.png", 0.8), ("3.png", 0.6)], await Search(new float[] { 1, 0 }, 9, new() { ScoreThreshold = 0.5 }));
        Assert.Equal([("3.png", 0.6), ("4.png", 0)], await Search(new float[] { 1, 0 }, 2, new()
        {
            Filter = record => record.Identity.StartsWith("b", StringComparison.OrdinalIgnoreCase),
            VectorProperty = record => record.Vector,
        }));
        // A filter sees the vector, whether the result has it or not.
        Assert.Equal([("4.png", 0)], await Search(new float[] { 1, 0 }, 2, new() { Filter = record => record.Vector.ToArray()[1] > 0.9f }));
        // More than a store names at once.
        Assert.Equal([("5.png", -1)], await Search(new float[] { 1, 0 }, int.MaxValue, new() { Skip = 4 }));
        Assert.Empty(await Search(new float[] { 1, 0 }, 3, new() { Skip = 5 }));

        var with = await TestGalleries.All(collection.SearchAsync(new float[] { 1, 0 }, 2, new() { IncludeVectors = true }, Cancelled));
        Assert.Equal(0.8, with[1].Record.Vector.Span[0], 1e-6);
        Assert.Equal(0.6, with[1].Record.Vector.Span[1], 1e-6);

        async Task<List<(string, double)>> Search<T>(T value, int top, VectorSearchOptions<GalleryRecord>? options = null)
            where T : notnull =>
            [.. (await TestGalleries.All(collection.SearchAsync(value, top, options, Cancelled)))
                .Select(result => (result.Record.Source, Math.Round(result.Score!.Value, 6)))];
    }

    [Fact]
    public async Task Equal_records_come_by_their_numbers()
    {
        await using var store = Create();
        using var collection = new GalleryCollection(store);
        await collection.UpsertAsync(Enumerable.Range(0, 6).Select(i => new GalleryRecord
        {
            Identity = $"{i % 2}", Vector = new float[] { 1, 1 },
        }), Cancelled);
        Assert.Equal([1, 2, 3, 4, 5, 6], (await TestGalleries.All(collection.SearchAsync(new float[] { 1, 0 }, 9, null, Cancelled)))
            .Select(result => result.Record.Key));
    }

    [Fact]
    public async Task What_is_upserted_gets_its_number_and_is_read_as_it_is()
    {
        await using var store = Create();
        using var collection = new GalleryCollection(store, clock: new FixedClock(Noon.AddTicks(17)));
        var records = Five();
        await collection.UpsertAsync(records, Cancelled);
        Assert.Equal([1, 2, 3, 4, 5], records.Select(record => record.Key));
        Assert.Equal([Noon, Noon, Noon.AddDays(-1), Noon.AddDays(1), Noon], records.Select(record => record.Enrolled));
        var one = new GalleryRecord { Identity = "new", Vector = new float[] { 1, 0 } };
        await collection.UpsertAsync(one, Cancelled);
        Assert.Equal(6, one.Key);
        Assert.Equal(new GallerySize(5, 6), await store.CountAsync(Cancelled));

        var read = (await collection.GetAsync(2, null, Cancelled))!;
        Assert.Equal((2, "ada", "2.png", new string('a', 64), Noon),
            (read.Key, read.Identity, read.Source, read.ContentHash, read.Enrolled));
        Assert.True(read.Vector.IsEmpty);
        Assert.Equal(2, (await collection.GetAsync(2, new() { IncludeVectors = true }, Cancelled))!.Vector.Length);
        Assert.Null(await collection.GetAsync(7, null, Cancelled));
        Assert.Null(await collection.GetAsync(-1, null, Cancelled));
        Assert.Equal([5, 1, 3], (await TestGalleries.All(collection.GetAsync([5, 99, 1, 5, 0, 3], null, Cancelled)))
            .Select(record => record.Key));
        Assert.Equal(6, (await TestGalleries.All(collection.GetAsync(Enumerable.Range(-1500, 4000).Select(key => (long)key), null,
            Cancelled))).Count);
    }

    [Fact]
    public async Task Deletion_removes_what_is_there_and_overlooks_what_is_not()
    {
        await using var store = Create();
        using var collection = await Filled(store);
        await collection.DeleteAsync(3, Cancelled);
        await collection.DeleteAsync(3, Cancelled);
        await collection.DeleteAsync([4, 99, -5], Cancelled);
        Assert.Equal(new GallerySize(3, 3), await store.CountAsync(Cancelled));
        Assert.Equal([1, 2, 5], (await TestGalleries.All(collection.GetAsync([1, 2, 3, 4, 5], null, Cancelled)))
            .Select(record => record.Key));
        Assert.Equal([2, 5, 1], (await TestGalleries.All(collection.SearchAsync(new float[] { 1, 0 }, 5, null, Cancelled)))
            .Select(result => result.Record.Key));
    }

    [Fact]
    public async Task Records_are_read_by_conditions_in_any_order()
    {
        await using var store = Create();
        using var collection = await Filled(store);
        string ada = "ada";
        string? nobody = null;
        Assert.Equal([1, 2, 3, 4, 5], await Keys(record => true, 9));
        Assert.Equal([2, 4], await Keys(record => record.Identity == ada, 9));
        Assert.Equal([4], await Keys(record => "ada" == record.Identity && record.Enrolled > Noon, 9));
        Assert.Equal([2, 3, 4], await Keys(record => record.Identity == ada || record.Identity == "bob", 9));
        Assert.Equal([1, 3, 5], await Keys(record => record.Identity != ada, 9));
        Assert.Equal([1, 3, 5], await Keys(record => !(record.Identity == ada), 9));
        Assert.Empty(await Keys(record => record.Identity == nobody, 9));
        // What stands behind && is not computed where the condition stops before.
        Assert.Empty(await Keys(record => nobody != null && record.Identity == nobody.Trim(), 9));
        Assert.Equal([3, 4], await Keys(record => record.Key > 1, 2, new() { Skip = 1 }));
        Assert.Empty(await Keys(record => true, 2, new() { Skip = 5 }));
        // By code units: capitals first; then by number.
        Assert.Equal([5, 2, 4, 1, 3], await Keys(record => true, 9, new()
        {
            OrderBy = order => order.Ascending(record => record.Identity),
        }));
        Assert.Equal([3, 1, 4, 2, 5], await Keys(record => true, 9, new()
        {
            OrderBy = order => order.Descending(record => record.Identity).Descending(record => record.Key),
        }));
        Assert.Equal([1, 2], await Keys(record => true, 2, new()
        {
            OrderBy = order => order.Ascending(record => record.Enrolled), Skip = 1,
        }));
        Assert.Equal([4], await Keys(record => record.Key != 1, 1, new() { OrderBy = order => order.Ascending(record => record.Source) }));
        Assert.Equal(2, Assert.Single(await TestGalleries.All(collection.GetAsync(
            record => record.Vector.ToArray()[0] < -0.5f, 1, new() { IncludeVectors = true }, Cancelled))).Vector.Length);

        async Task<List<long>> Keys(
            Expression<Func<GalleryRecord, bool>> filter, int top, FilteredRecordRetrievalOptions<GalleryRecord>? options = null)
        {
            var records = await TestGalleries.All(collection.GetAsync(filter, top, options, Cancelled));
            Assert.All(records, record => Assert.True(record.Vector.IsEmpty));
            return [.. records.Select(record => record.Key)];
        }
    }

    [Fact]
    public async Task What_cannot_be_used_is_refused_and_leaves_nothing()
    {
        await using var store = Create();
        using var collection = await Filled(store);
        var good = new GalleryRecord { Identity = "new", Vector = new float[] { 1, 0 } };
        await Refused("the embedding", "Expected 2 values", () => collection.UpsertAsync(
            [good, new GalleryRecord { Identity = "long", Vector = new float[3] }], Cancelled));
        await Refused("'ada'", "key 0", () => collection.UpsertAsync(
            [good, new GalleryRecord { Key = 2, Identity = "ada", Vector = new float[] { 1, 0 } }], Cancelled));
        await Refused("twice", "'new'", () => collection.UpsertAsync([good, good], Cancelled));
        await Refused("visible", "nothing", () => collection.UpsertAsync(
            [good, new GalleryRecord { Identity = "", Vector = new float[] { 1, 0 } }], Cancelled));
        Assert.Equal((0, default), (good.Key, good.Enrolled));
        Assert.Equal(new GallerySize(4, 5), await store.CountAsync(Cancelled));

        await Refused("Expected 2 values", "found 3", () => Search(new float[] { 1, 2, 3 }));
        await Refused("zeros", "query", () => Search(new float[] { 0, 0 }));
        await Refused("NaN", "query", () => Search(new float[] { 1, float.NaN }));
        await Refused("Int32", "ReadOnlyMemory<float>", () => Search(5));
        await Refused("String", "ImageEmbeddingGenerator", () => Search("a.png"));
        await Refused("NaN", "threshold", () => Search(new float[] { 1, 0 }, new() { ScoreThreshold = double.NaN }));
        await Refused("Identity", "Vector", () => Search(new float[] { 1, 0 }, new() { VectorProperty = record => record.Identity }));
        await Refused("Vector", "Enrolled", () => TestGalleries.All(collection.GetAsync(
            record => true, 1, new() { OrderBy = order => order.Ascending(record => record.Vector) }, Cancelled)));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => TestGalleries.All(
            collection.SearchAsync(new float[] { 1, 0 }, 0, null, Cancelled)));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => TestGalleries.All(
            collection.GetAsync(record => true, 0, null, Cancelled)));

        Task Search<T>(T value, VectorSearchOptions<GalleryRecord>? options = null)
            where T : notnull => TestGalleries.All(collection.SearchAsync(value, 1, options, Cancelled));

        static async Task Refused(string one, string two, Func<Task> work)
        {
            string message = (await Assert.ThrowsAsync<InvalidInputException>(work)).Message;
            Assert.Contains(one, message, StringComparison.Ordinal);
            Assert.Contains(two, message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', message);
        }
    }

    [Fact]
    public async Task It_is_there_while_the_gallery_is_and_a_gallery_that_is_gone_is_told_in_a_line()
    {
        await using var store = Create();
        using var collection = await Filled(store);
        Assert.True(await collection.CollectionExistsAsync(Cancelled));
        await collection.EnsureCollectionExistsAsync(Cancelled);
        var refused = await Assert.ThrowsAsync<NotSupportedException>(() => collection.EnsureCollectionDeletedAsync(Cancelled));
        Assert.Contains(store.Name, refused.Message, StringComparison.Ordinal);
        Assert.Equal(new GallerySize(4, 5), await store.CountAsync(Cancelled));

        Directory.Move(store.Name, store.Name + "-elsewhere");
        Func<Task>[] calls =
        [
            () => collection.CollectionExistsAsync(Cancelled), () => collection.EnsureCollectionExistsAsync(Cancelled),
            () => collection.GetAsync(1, null, Cancelled), () => collection.DeleteAsync(1, Cancelled),
            () => collection.UpsertAsync(new GalleryRecord { Identity = "a", Vector = new float[] { 1, 0 } }, Cancelled),
            () => TestGalleries.All(collection.GetAsync(record => true, 1, null, Cancelled)),
            () => TestGalleries.All(collection.SearchAsync(new float[] { 1, 0 }, 1, null, Cancelled)),
            () => TestGalleries.All(collection.SearchAsync(new float[] { 1, 0 }, 1, new() { Filter = record => true }, Cancelled)),
        ];
        foreach (var call in calls)
        {
            var e = await Assert.ThrowsAsync<VectorStoreException>(call);
            Assert.Equal((store.Name, e.InnerException!.Message), (e.CollectionName, e.Message));
            Assert.DoesNotContain('\n', e.Message);
        }

        Directory.Move(store.Name + "-elsewhere", store.Name);
    }

    [Fact]
    public async Task It_tells_what_it_shows_and_leaves_the_gallery_open()
    {
        await using var store = Create();
        VectorStoreCollection<long, GalleryRecord> collection = await Filled(store);
        var metadata = Assert.IsType<VectorStoreCollectionMetadata>(collection.GetService(typeof(VectorStoreCollectionMetadata)));
        Assert.Equal((store.Name, store.Name), (metadata.CollectionName, collection.Name));
        var definition = Assert.IsType<VectorStoreCollectionDefinition>(collection.GetService(typeof(VectorStoreCollectionDefinition)));
        Assert.Equal(typeof(GalleryRecord).GetProperties().Select(property => $"{property.Name} {property.PropertyType}").Order(),
            definition.Properties.Select(property => $"{property.Name} {property.Type}").Order());
        var vector = Assert.Single(definition.Properties.OfType<VectorStoreVectorProperty>());
        Assert.Equal((2, DistanceFunction.CosineSimilarity), (vector.Dimensions, vector.DistanceFunction));
        Assert.Same(store, collection.GetService(typeof(IGalleryStore)));
        Assert.Same(store, collection.GetService(typeof(EmbeddedGallery)));
        Assert.Same(collection, collection.GetService(typeof(IVectorSearchable<GalleryRecord>)));
        Assert.Null(collection.GetService(typeof(IKeywordHybridSearchable<GalleryRecord>)));
        Assert.Null(collection.GetService(typeof(IEmbeddingGenerator)));
        Assert.Null(collection.GetService(typeof(IGalleryStore), "key"));
        collection.Dispose();
        Assert.Equal(new GallerySize(4, 5), await store.CountAsync(Cancelled));
    }

    [Fact]
    public async Task Whoever_gives_up_gets_nothing_more()
    {
        await using var store = Create();
        using var collection = await Filled(store);
        using var source = new CancellationTokenSource();
        await source.CancelAsync();
        Func<Task>[] calls =
        [
            () => collection.CollectionExistsAsync(source.Token), () => collection.GetAsync(1, null, source.Token),
            () => collection.DeleteAsync(1, source.Token), () => collection.DeleteAsync([1], source.Token),
            () => collection.UpsertAsync(new GalleryRecord { Identity = "a", Vector = new float[] { 1, 0 } }, source.Token),
            () => TestGalleries.All(collection.GetAsync([1], null, source.Token)),
            () => TestGalleries.All(collection.GetAsync(record => true, 1, null, source.Token)),
            () => TestGalleries.All(collection.SearchAsync(new float[] { 1, 0 }, 1, null, source.Token)),
        ];
        foreach (var call in calls) await Assert.ThrowsAnyAsync<OperationCanceledException>(call);
        Assert.Equal(new GallerySize(4, 5), await store.CountAsync(Cancelled));

        // In the middle of records.
        using var later = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var record in collection.GetAsync(record => true, 9, null, later.Token))
            {
                Assert.Equal(1, record.Key);
                await later.CancelAsync();
            }
        });
    }

    /// <summary>Searches while records come and go: what is found is whole, and near where it says it is.</summary>
    [Fact]
    public async Task Many_search_while_one_writes()
    {
        await using var store = Create();
        using var collection = await Filled(store);
        bool isDone = false;
        var readers = Enumerable.Range(0, 3).Select(reader => Task.Run(async () =>
        {
            for (int round = 0; !Volatile.Read(ref isDone) || round == 0; round++)
            {
                var options = new VectorSearchOptions<GalleryRecord>
                {
                    IncludeVectors = true, Filter = round % 3 == 2 ? record => record.Key > 0 : null,
                };
                var found = await TestGalleries.All(collection.SearchAsync(new float[] { 1, 0 }, 4, options, Cancelled));
                // The five of the beginning stay.
                Assert.Equal(4, found.Count);
                Assert.Equal(1, found[0].Score!.Value, 1e-6);
                foreach (var result in found) Assert.Equal(result.Record.Vector.Span[0], result.Score!.Value, 1e-6);
                Assert.NotNull(await collection.GetAsync(1 + (round % 5), null, Cancelled));
            }
        }, Cancelled)).ToArray();
        for (int i = 0; i < 40; i++)
        {
            var record = new GalleryRecord { Identity = $"guest {i}", Vector = new float[] { 9, i } };
            await collection.UpsertAsync(record, Cancelled);
            await collection.DeleteAsync(record.Key, Cancelled);
        }

        Volatile.Write(ref isDone, true);
        await Task.WhenAll(readers);
    }

    /// <summary>What is removed between search and reading is looked for again, and not for ever.</summary>
    [Fact]
    public async Task A_gallery_that_changes_in_the_middle_is_searched_again()
    {
        await using var store = Create();
        using var collection = await Filled(store);
        using var changing = new GalleryCollection(new ShrinkingStore(store, times: 1));
        Assert.Equal([2, 3], (await TestGalleries.All(changing.SearchAsync(new float[] { 1, 0 }, 2, null, Cancelled)))
            .Select(result => result.Record.Key));
        await collection.UpsertAsync(Enumerable.Range(0, 9).Select(i => new GalleryRecord
        {
            Identity = $"guest {i}", Vector = new float[] { 9, i },
        }), Cancelled);
        using var restless = new GalleryCollection(new ShrinkingStore(store, times: 9));
        var e = await Assert.ThrowsAsync<VectorStoreException>(() => TestGalleries.All(
            restless.SearchAsync(new float[] { 1, 0 }, 2, null, Cancelled)));
        Assert.IsType<GalleryUnavailableException>(e.InnerException);
    }

    [Fact]
    public async Task With_a_generator_it_is_searched_by_images_of_its_own_network_alone()
    {
        string model = SmallModel.Save(_root);
        using var network = GalleryNetwork.Open(SmallModel.Opener, model);
        using var generator = new ImageEmbeddingGenerator(GalleryNetwork.Open(SmallModel.Opener, model), "small");
        await using var store = EmbeddedGallery.Create(
            Path.Combine(_root, "images"), new GalleryDescription { Fingerprint = network.Fingerprint, Model = "small" });
        byte[][] images = [.. Enumerable.Range(0, 3).Select(kind => SmallModel.Image(kind, 0))];
        using var collection = new GalleryCollection(store, generator);
        await collection.UpsertAsync(network.Embed([.. images.Select((image, i) => new ImageBytes($"{i}", image))], Cancelled)
            .Select(image => new GalleryRecord { Identity = $"kind {image.Image.Path}", Vector = image.Embedding }), Cancelled);
        string path = Path.Combine(_root, "two.png");
        await File.WriteAllBytesAsync(path, images[2], Cancelled);
        string broken = Path.Combine(_root, "broken.png");
        await File.WriteAllBytesAsync(broken, [], Cancelled);

        var byPath = Assert.Single(await TestGalleries.All(collection.SearchAsync(path, 1, null, Cancelled)));
        Assert.Equal((3, "kind 2"), (byPath.Record.Key, byPath.Record.Identity));
        Assert.Equal(1, byPath.Score!.Value, 1e-5);
        var byContent = Assert.Single(await TestGalleries.All(collection.SearchAsync(new DataContent(images[1], "image/png"), 1, null,
            Cancelled)));
        Assert.Equal("kind 1", byContent.Record.Identity);
        Assert.Same(generator, collection.GetService(typeof(IEmbeddingGenerator<DataContent, Embedding<float>>)));
        foreach (string wrong in new[] { broken, Path.Combine(_root, "missing.png"), "red shoes" })
        {
            var e = await Assert.ThrowsAsync<InvalidInputException>(() => TestGalleries.All(
                collection.SearchAsync(wrong, 1, null, Cancelled)));
            Assert.Contains(wrong, e.Message, StringComparison.Ordinal);
        }

        await Assert.ThrowsAsync<InvalidInputException>(() => TestGalleries.All(collection.SearchAsync(7L, 1, null, Cancelled)));
        await using var other = Create();
        var refused = Assert.Throws<InvalidInputException>(() => new GalleryCollection(other, generator));
        Assert.Contains("'small'", refused.Message, StringComparison.Ordinal);
    }

    private static async Task<GalleryCollection> Filled(EmbeddedGallery store)
    {
        var collection = new GalleryCollection(store, clock: new FixedClock(Noon.AddTicks(17)));
        await collection.UpsertAsync(Five(), Cancelled);
        return collection;
    }

    private EmbeddedGallery Create() => EmbeddedGallery.Create(Path.Combine(_root, Path.GetRandomFileName()), TestGalleries.Description(2));

    /// <summary>Loses the nearest embedding as soon as it is found.</summary>
    private sealed class ShrinkingStore(IGalleryStore store, int times) : IGalleryStore
    {
        private int _left = times;

        public string Name => store.Name;

        public GalleryDescription Description => store.Description;

        public async Task<ImmutableArray<ImmutableArray<GalleryMatch>>> SearchAsync(
            IReadOnlyList<ReadOnlyMemory<float>> queries, int count, CancellationToken cancellationToken = default)
        {
            var found = await store.SearchAsync(queries, count, cancellationToken);
            if (_left-- > 0) await store.RemoveSampleAsync(found[0][0].SampleId, cancellationToken);
            return found;
        }

        public Task<GallerySize> CountAsync(CancellationToken cancellationToken = default) => store.CountAsync(cancellationToken);

        public Task<ImmutableArray<long>> AddAsync(
            IReadOnlyList<GallerySample> samples, CancellationToken cancellationToken = default) =>
            store.AddAsync(samples, cancellationToken);

        public Task<int> RemoveAsync(string identity, CancellationToken cancellationToken = default) =>
            store.RemoveAsync(identity, cancellationToken);

        public Task<bool> RemoveSampleAsync(long id, CancellationToken cancellationToken = default) =>
            store.RemoveSampleAsync(id, cancellationToken);

        public IAsyncEnumerable<GalleryIdentity> ListAsync(CancellationToken cancellationToken = default) =>
            store.ListAsync(cancellationToken);

        public IAsyncEnumerable<GallerySample> ReadAsync(string? identity = null, CancellationToken cancellationToken = default) =>
            store.ReadAsync(identity, cancellationToken);

        public Task<ImmutableArray<GallerySample>> FindAsync(
            IReadOnlyList<long> ids, CancellationToken cancellationToken = default) => store.FindAsync(ids, cancellationToken);

        public Task<ImmutableArray<ImmutableArray<string>>> FindContentAsync(
            IReadOnlyList<string> contentHashes, CancellationToken cancellationToken = default) =>
            store.FindContentAsync(contentHashes, cancellationToken);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class FixedClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
