using System.Globalization;
using System.Linq.Expressions;
using EfficientNetSharp.Randomness;
using EfficientNetSharp.Recognition.Extensions;
using Microsoft.Extensions.VectorData;

namespace EfficientNetSharp.Recognition.Tests;

/// <summary>What every store does, held against lists in memory.</summary>
public abstract class GalleryStoreSpecification
{
    /// <summary>Makes an empty gallery.</summary>
    protected abstract Task<IGalleryStore> CreateAsync(GalleryDescription description);

    /// <summary>Closes a gallery and opens it again.</summary>
    protected abstract Task<IGalleryStore> ReopenAsync(IGalleryStore store);

    /// <summary>How far a score may be from the cosine of the embeddings as they were given.</summary>
    protected virtual double Tolerance => 2e-6;

    /// <summary>How the stores of this kind hold values.</summary>
    protected virtual VectorPrecision Precision => VectorPrecision.F32;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, 3)]
    [InlineData(2, 16)]
    [InlineData(3, 33)]
    [InlineData(4, 128)]
    public async Task Any_changes_leave_what_lists_would_hold(int seed, int length)
    {
        var store = await CreateAsync(TestGalleries.Description(length, Precision));
        var expected = new List<GallerySample>();
        var random = new SeededRandom((ulong)seed);
        for (int step = 0; step < 40; step++)
        {
            int kind = random.NextInt(8);
            if (kind < 5)
            {
                var added = Enumerable.Range(0, 1 + random.NextInt(5)).Select(i =>
                    Sample(length, random.NextInt(12), seed, step, i)).ToList();
                var ids = await store.AddAsync(added, Cancelled);
                Assert.Equal(added.Count, ids.Length);
                expected.AddRange(added.Select((sample, i) => sample with { Id = ids[i] }));
            }
            else if (kind == 5)
            {
                string name = NameOf(random.NextInt(12));
                Assert.Equal(expected.RemoveAll(sample => sample.Identity == name), await store.RemoveAsync(name, Cancelled));
            }
            else if (kind == 6 && expected.Count > 0)
            {
                var gone = expected[random.NextInt(expected.Count)];
                expected.Remove(gone);
                Assert.True(await store.RemoveSampleAsync(gone.Id, Cancelled));
                Assert.False(await store.RemoveSampleAsync(gone.Id, Cancelled));
            }
            else if (kind == 7)
            {
                store = await ReopenAsync(store);
            }

            if (step % 8 == 7) await EnsureHolds(store, expected, length, (ulong)(seed + step));
        }

        await EnsureHolds(store, expected, length, (ulong)seed);
        Assert.Equal(expected.Count, expected.Select(sample => sample.Id).Distinct().Count());
        await store.DisposeAsync();
    }

    [Fact]
    public async Task A_batch_that_does_not_fit_leaves_nothing()
    {
        var store = await CreateAsync(TestGalleries.Description(8, Precision));
        var good = Sample(8, 1, 1, 1, 1);
        GallerySample[] bad =
        [
            good with { Embedding = new float[7] }, good with { Embedding = new float[8] }, good with { Identity = "" },
            good with { Identity = " a" }, good with { Identity = "a\nb" }, good with { Identity = new string('a', 501) },
            good with { Embedding = new[] { 1, 2, 3, 4, 5, 6, 7, float.NaN } }, good with { ContentHash = "abc" },
            good with { Embedding = new[] { 1, 2, 3, 4, 5, 6, 7, float.PositiveInfinity } }, good with { Source = "a\0b" },
        ];
        foreach (var sample in bad)
            await Assert.ThrowsAsync<InvalidInputException>(() => store.AddAsync([good, sample], Cancelled));
        Assert.Equal(new GallerySize(0, 0), await store.CountAsync(Cancelled));
        await Assert.ThrowsAsync<InvalidInputException>(() => store.SearchAsync([new float[7]], 1, Cancelled));
        await Assert.ThrowsAsync<InvalidInputException>(() => store.SearchAsync([new float[8]], 1, Cancelled));
        Assert.Empty((await store.SearchAsync([good.Embedding], 3, Cancelled))[0]);
        Assert.Empty(await store.AddAsync([], Cancelled));
        await store.DisposeAsync();
    }

    [Fact]
    public async Task Names_are_kept_as_they_are()
    {
        string[] names = ["Ada", "ada", "Ådå", "名前", "a'; DROP TABLE samples; --", "%", "_", "🙂", "a\\b", "\"q\"", new string('x', 500)];
        var store = await CreateAsync(TestGalleries.Description(4, Precision));
        await store.AddAsync([.. names.Select((name, i) => Sample(4, i, 7, 7, i) with { Identity = name, Source = name })], Cancelled);
        store = await ReopenAsync(store);
        Assert.Equal(names.Order(StringComparer.Ordinal), (await TestGalleries.All(store.ListAsync(Cancelled))).Select(identity =>
            identity.Name));
        foreach (string name in names)
        {
            var sample = Assert.Single(await TestGalleries.All(store.ReadAsync(name, Cancelled)));
            Assert.Equal((name, name), (sample.Identity, sample.Source));
        }

        await store.DisposeAsync();
    }

    [Fact]
    public async Task Searches_during_changes_see_one_moment()
    {
        const int Pairs = 30;
        var store = await CreateAsync(TestGalleries.Description(8, Precision));
        var query = TestGalleries.Vector(8, 5);
        bool isDone = false;
        var reader = Task.Run(async () =>
        {
            int most = 0;
            while (!Volatile.Read(ref isDone))
            {
                // Both or neither of each pair.
                var size = await store.CountAsync(Cancelled);
                Assert.Equal(0, size.Samples % 2);
                var found = (await store.SearchAsync([query], 1000, Cancelled))[0];
                Assert.Equal(0, found.Length % 2);
                Assert.True(found.Length >= most);
                most = found.Length;
            }
        }, Cancelled);
        for (int pair = 0; pair < Pairs; pair++)
        {
            await store.AddAsync(
                [Sample(8, 0, 1, pair, 0) with { Identity = $"a{pair}" }, Sample(8, 0, 1, pair, 1) with { Identity = $"b{pair}" }],
                    Cancelled);
        }

        Volatile.Write(ref isDone, true);
        await reader;
        Assert.Equal(new GallerySize(2 * Pairs, 2 * Pairs), await store.CountAsync(Cancelled));
        await store.DisposeAsync();
    }

    /// <summary>Searched by records, with few identities of many embeddings and many of few, what is nearest of all is found.</summary>
    [Theory]
    [InlineData(1, 4)]
    [InlineData(2, 90)]
    public async Task A_collection_over_it_finds_the_nearest_of_all_records(int seed, int identities)
    {
        var store = await CreateAsync(TestGalleries.Description(16, Precision));
        var random = new SeededRandom((ulong)seed, 3);
        await store.AddAsync([.. Enumerable.Range(0, 90).Select(i => Sample(16, random.NextInt(identities), seed, i % 5, i))], Cancelled);
        var held = await TestGalleries.All(store.ReadAsync(null, Cancelled));
        using var collection = new GalleryCollection(store);
        for (int round = 0; round < 12; round++)
        {
            float[] query = TestGalleries.Vector(16, (ulong)seed, 77, (ulong)round);
            string name = NameOf(random.NextInt(identities));
            Expression<Func<GalleryRecord, bool>>? filter = (round % 4) switch
            {
                0 => null,
                1 => record => record.Identity == name,
                2 => record => record.Key % 3 == 0 && record.Identity != name,
                _ => record => name == record.Identity || record.Source.StartsWith("2/"),
            };
            var matches = filter?.Compile() ?? (_ => true);
            var options = new VectorSearchOptions<GalleryRecord>
            {
                Filter = filter, Skip = random.NextInt(4), IncludeVectors = round % 3 == 0, ScoreThreshold = round % 5 == 4 ? 0.1 : null,
            };
            int top = 1 + random.NextInt(30);
            double[] expected = [.. held
                .Where(sample => matches(new GalleryRecord
                {
                    Key = sample.Id, Identity = sample.Identity, Vector = sample.Embedding, Source = sample.Source,
                }))
                .Select(sample => TestGalleries.Cosine(sample.Embedding.Span, query)).OrderDescending()
                .Where(score => !(score < options.ScoreThreshold)).Skip(options.Skip).Take(top)];
            var found = await TestGalleries.All(collection.SearchAsync(query, top, options, Cancelled));
            Assert.Equal(expected.Length, found.Count);
            Assert.Equal(found.Count, found.Select(result => result.Record.Key).Distinct().Count());
            foreach (var (score, result) in expected.Zip(found))
            {
                // Ones that are as near as the values are held may change places.
                Assert.InRange(result.Score!.Value, score - Tolerance, score + Tolerance);
                var sample = held.Single(sample => sample.Id == result.Record.Key);
                Assert.InRange(result.Score.Value, TestGalleries.Cosine(sample.Embedding.Span, query) - 1e-2,
                    TestGalleries.Cosine(sample.Embedding.Span, query) + 1e-2);
                Assert.Equal((sample.Identity, sample.Source, sample.ContentHash, sample.Enrolled),
                    (result.Record.Identity, result.Record.Source, result.Record.ContentHash, result.Record.Enrolled));
                Assert.Equal(options.IncludeVectors ? sample.Embedding.ToArray() : [], result.Record.Vector.ToArray());
            }
        }

        await store.DisposeAsync();
    }

    private async Task EnsureHolds(IGalleryStore store, List<GallerySample> expected, int length, ulong seed)
    {
        var groups = expected.GroupBy(sample => sample.Identity).OrderBy(group => group.Key, StringComparer.Ordinal).ToList();
        Assert.Equal(new GallerySize(groups.Count, expected.Count), await store.CountAsync(Cancelled));
        Assert.Equal(
            groups.Select(group => new GalleryIdentity(group.Key, group.Count(), group.Max(sample => sample.Enrolled))),
            await TestGalleries.All(store.ListAsync(Cancelled)));

        var read = await TestGalleries.All(store.ReadAsync(null, Cancelled));
        Assert.Equal(
            expected.OrderBy(sample => sample.Id).Select(Facts), read.Select(Facts));
        foreach (var (mine, theirs) in expected.OrderBy(sample => sample.Id).Zip(read))
            Assert.InRange(TestGalleries.Cosine(mine.Embedding.Span, theirs.Embedding.Span), 1 - Tolerance, 1 + 1e-6);

        // Every second one, the last first, one of them twice, and numbers that nothing has.
        var wanted = expected.OrderBy(sample => sample.Id).Where((_, i) => i % 2 == 0).ToList();
        long[] ids = [long.MaxValue, .. wanted.Select(sample => sample.Id).Reverse(), .. wanted.Take(1).Select(sample => sample.Id), 0, -1];
        var numbered = await store.FindAsync(ids, Cancelled);
        Assert.Equal(wanted.Select(Facts), numbered.Select(Facts));
        foreach (var sample in numbered)
            Assert.Equal(read.Single(other => other.Id == sample.Id).Embedding.ToArray(), sample.Embedding.ToArray());
        Assert.Empty(await store.FindAsync([], Cancelled));

        var known = expected.Select(sample => sample.ContentHash).Where(hash => hash.Length > 0).Distinct().ToList();
        var found = await store.FindContentAsync([.. known, new string('0', 64), ""], Cancelled);
        Assert.Equal(known.Count + 2, found.Length);
        foreach (var (hash, names) in known.Append(new string('0', 64)).Append("").Zip(found))
        {
            Assert.Equal(
                expected.Where(sample => hash.Length > 0 && sample.ContentHash == hash).Select(sample => sample.Identity).Distinct()
                    .Order(StringComparer.Ordinal),
                names);
        }

        // Few queries and many, which stores may answer in different ways.
        foreach (int count in new[] { 1, 11 })
        {
            float[][] queries = [.. Enumerable.Range(0, count).Select(i => TestGalleries.Vector(length, seed, (ulong)i))];
            var results = await store.SearchAsync([.. queries.Select(query => new ReadOnlyMemory<float>(query))], 4, Cancelled);
            Assert.Equal(count, results.Length);
            for (int i = 0; i < count; i++) EnsureBest(expected, queries[i], results[i]);
        }
    }

    private void EnsureBest(List<GallerySample> expected, float[] query, IReadOnlyList<GalleryMatch> found)
    {
        var best = expected.GroupBy(sample => sample.Identity)
            .Select(group => group.Max(sample => TestGalleries.Cosine(sample.Embedding.Span, query))).OrderDescending().Take(4).ToList();
        Assert.Equal(best.Count, found.Count);
        Assert.Equal(found.Count, found.Select(match => match.Identity).Distinct().Count());
        for (int i = 0; i < best.Count; i++)
        {
            // Ones that are as near as the values are held may change places.
            Assert.InRange(found[i].Score, best[i] - Tolerance, best[i] + Tolerance);
            var sample = expected.Single(sample => sample.Id == found[i].SampleId);
            Assert.Equal((sample.Identity, sample.Source), (found[i].Identity, found[i].Source));
            Assert.InRange(found[i].Score, TestGalleries.Cosine(sample.Embedding.Span, query) - Tolerance,
                TestGalleries.Cosine(sample.Embedding.Span, query) + Tolerance);
        }
    }

    private static (long, string, string, string, DateTimeOffset) Facts(GallerySample sample) =>
        (sample.Id, sample.Identity, sample.Source, sample.ContentHash, sample.Enrolled);

    private static string NameOf(int identity) => $"identity {identity}";

    private static GallerySample Sample(int length, int identity, int seed, int step, int index) => new()
    {
        Identity = NameOf(identity), Embedding = TestGalleries.Vector(length, (ulong)seed, (ulong)step, (ulong)index),
        Source = $"{step}/{index}.png",
        ContentHash = index % 3 == 0 ? "" : Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData([(byte)(step % 7), (
            byte)index])),
        Enrolled = DateTimeOffset.Parse("2026-01-02T03:04:05.678Z", CultureInfo.InvariantCulture).AddSeconds(step),
    };
}
