using EfficientNetSharp.Recognition.Qdrant;

namespace EfficientNetSharp.Recognition.Tests.Qdrant;

/// <summary>The store in Qdrant as the specification has it, against the stand-in.</summary>
public abstract class QdrantSpecification : GalleryStoreSpecification, IAsyncLifetime
{
    private QdrantStandIn _server = null!;

    public async ValueTask InitializeAsync() => _server = await QdrantStandIn.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected override async Task<IGalleryStore> CreateAsync(GalleryDescription description) =>
        await QdrantGallery.CreateAsync(Address, description, cancellationToken: TestContext.Current.CancellationToken);

    protected override async Task<IGalleryStore> ReopenAsync(IGalleryStore store)
    {
        await store.DisposeAsync();
        return await QdrantGallery.OpenAsync(Address, cancellationToken: TestContext.Current.CancellationToken);
    }

    private QdrantAddress Address => new("127.0.0.1", _server.Port, "gallery");
}

public sealed class QdrantFloat32Tests : QdrantSpecification;

public sealed class QdrantFloat16Tests : QdrantSpecification
{
    protected override VectorPrecision Precision => VectorPrecision.F16;

    protected override double Tolerance => 1e-3;
}

public sealed class QdrantGalleryTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_there_already_or_not_there_or_gone_is_told_in_a_line()
    {
        var server = await QdrantStandIn.StartAsync();
        var address = new QdrantAddress("127.0.0.1", server.Port, "once");
        await Refused<InvalidInputException>("no gallery", () => QdrantGallery.OpenAsync(address, cancellationToken: Cancelled));
        await Refused<InvalidInputException>("int8", () => QdrantGallery.CreateAsync(address, TestGalleries.Description(4,
            VectorPrecision.I8), cancellationToken: Cancelled));
        await using var store = await QdrantGallery.CreateAsync(address, TestGalleries.Description(4), cancellationToken: Cancelled);
        await Refused<InvalidInputException>("already", () =>
            QdrantGallery.CreateAsync(address, TestGalleries.Description(4), cancellationToken: Cancelled));
        await store.AddAsync([new GallerySample { Identity = "a", Embedding = new float[] { 1, 2, 3, 4 } }], Cancelled);
        await server.DisposeAsync();
        await Refused<GalleryUnavailableException>("does not answer", () =>
            store.AddAsync([new GallerySample { Identity = "a", Embedding = new float[] { 1, 2, 3, 4 } }], Cancelled));
    }

    [Theory]
    [InlineData("qdrant://host/faces", "qdrant://host:6334/faces", null, false)]
    [InlineData("qdrants://:k%20y@host:7000/a-b_c", "qdrants://host:7000/a-b_c", "k y", true)]
    public void Addresses_are_read_and_shown_without_their_keys(string text, string name, string? key, bool tls)
    {
        var address = QdrantAddress.Parse(text);
        Assert.Equal((name, key, tls), (address.Name, address.ApiKey, address.UsesTls));
    }

    [Theory]
    [InlineData("qdrant://host")]
    [InlineData("qdrant://host/a/b")]
    [InlineData("qdrant://host/a%20b")]
    [InlineData("qdrant:///a")]
    [InlineData("http://host/a")]
    public void What_is_no_address_is_refused(string text) => Assert.Throws<InvalidInputException>(() => QdrantAddress.Parse(text));

    private static async Task Refused<T>(string says, Func<Task> work)
        where T : Exception
    {
        var e = await Assert.ThrowsAsync<T>(work);
        Assert.Contains(says, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }
}
