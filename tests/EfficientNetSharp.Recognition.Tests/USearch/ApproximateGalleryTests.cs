using EfficientNetSharp.Recognition.Embedded;
using EfficientNetSharp.Recognition.USearch;

namespace EfficientNetSharp.Recognition.Tests.USearch;

public sealed class ApproximateGalleryTests : IDisposable
{
    private const int Length = 32;

    private readonly string _root = Directory.CreateTempSubdirectory("effnet-hnsw-").FullName;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task It_finds_nearly_what_the_exact_search_finds_and_says_how_nearly()
    {
        await using var store = EmbeddedGallery.Create(Path.Combine(_root, "a"), TestGalleries.Description(Length));
        await store.AddAsync([.. Enumerable.Range(0, 2000).Select(i => new GallerySample
        {
            Identity = $"{i / 3}", Embedding = TestGalleries.Near(TestGalleries.Vector(Length, (ulong)(i / 3)), 0.3, (ulong)i),
                Source = $"{i}",
        })], Cancelled);
        await using var index = await ApproximateGallery.BuildAsync(store, cancellationToken: Cancelled);
        Assert.InRange(index.Recall!.Value, 0.95, 1);
        Assert.Equal(200, index.RecallQueries);
        ReadOnlyMemory<float>[] queries = [.. Enumerable.Range(0, 50).Select(i =>
            new ReadOnlyMemory<float>(TestGalleries.Near(TestGalleries.Vector(Length, (ulong)i), 0.3, 77)))];
        var exact = await store.SearchAsync(queries, 5, Cancelled);
        var found = await index.SearchAsync(queries, 5, Cancelled);
        int same = 0;
        for (int i = 0; i < queries.Length; i++)
        {
            Assert.Equal(5, found[i].Select(match => match.Identity).Distinct().Count());
            if (exact[i][0].SampleId != found[i][0].SampleId) continue;
            same++;
            Assert.Equal(exact[i][0].Source, found[i][0].Source);
            Assert.InRange(found[i][0].Score, exact[i][0].Score - 1e-4f, exact[i][0].Score + 1e-4f);
        }

        Assert.InRange(same, 46, 50);
    }

    [Fact]
    public async Task Few_identities_are_all_found_and_an_empty_gallery_finds_nobody()
    {
        await using var store = EmbeddedGallery.Create(Path.Combine(_root, "b"), TestGalleries.Description(Length));
        await using (var empty = await ApproximateGallery.BuildAsync(store, cancellationToken: Cancelled))
        {
            Assert.Null(empty.Recall);
            Assert.Empty((await empty.SearchAsync([TestGalleries.Vector(Length, 1)], 3, Cancelled))[0]);
        }

        // So many of one that its embeddings fill the first candidates.
        await store.AddAsync([.. Enumerable.Range(0, 400).Select(i => new GallerySample
        {
            Identity = i < 398 ? "many" : $"few {i}", Embedding = i < 398
                ? TestGalleries.Near(TestGalleries.Vector(Length, 1), 0.1, (ulong)i) : TestGalleries.Vector(Length, (ulong)i),
        })], Cancelled);
        await using var index = await ApproximateGallery.BuildAsync(store, cancellationToken: Cancelled);
        Assert.Equal(3, (await index.SearchAsync([TestGalleries.Vector(Length, 1)], 5, Cancelled))[0].Length);
    }
}
