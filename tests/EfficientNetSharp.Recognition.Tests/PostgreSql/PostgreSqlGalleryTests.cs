using EfficientNetSharp.Recognition.PostgreSql;

namespace EfficientNetSharp.Recognition.Tests.PostgreSql;

/// <summary>The store in PostgreSQL as the specification has it.</summary>
public abstract class PostgreSqlSpecification(PgliteServer server) : GalleryStoreSpecification, IClassFixture<PgliteServer>
{
    private static int _galleries;

    private readonly Dictionary<IGalleryStore, PostgreSqlAddress> _addresses = [];

    protected override async Task<IGalleryStore> CreateAsync(GalleryDescription description)
    {
        if (PgliteServer.Missing is { } missing) Assert.Skip(missing);
        var address = server.AddressOf($"gallery_{Interlocked.Increment(ref _galleries)}");
        var store = await PostgreSqlGallery.CreateAsync(address, description, TestContext.Current.CancellationToken);
        _addresses.Add(store, address);
        return store;
    }

    protected override async Task<IGalleryStore> ReopenAsync(IGalleryStore store)
    {
        await store.DisposeAsync();
        var again = await PostgreSqlGallery.OpenAsync(_addresses[store], TestContext.Current.CancellationToken);
        _addresses.Add(again, _addresses[store]);
        return again;
    }
}

public sealed class PostgreSqlVectorTests(PgliteServer server) : PostgreSqlSpecification(server);

public sealed class PostgreSqlHalfVectorTests(PgliteServer server) : PostgreSqlSpecification(server)
{
    protected override VectorPrecision Precision => VectorPrecision.F16;

    protected override double Tolerance => 1e-3;
}

public sealed class PostgreSqlGalleryTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_there_already_or_not_there_or_of_another_kind_is_told()
    {
        if (PgliteServer.Missing is { } missing) Assert.Skip(missing);
        using var server = new PgliteServer();
        var address = server.AddressOf("once");
        await (await PostgreSqlGallery.CreateAsync(address, TestGalleries.Description(4), Cancelled)).DisposeAsync();
        await Refused("already", () => PostgreSqlGallery.CreateAsync(address, TestGalleries.Description(4), Cancelled));
        await Refused("no gallery", () => PostgreSqlGallery.OpenAsync(server.AddressOf("never"), Cancelled));
        await Refused("int8", () => PostgreSqlGallery.CreateAsync(server.AddressOf("bytes"), TestGalleries.Description(4,
            VectorPrecision.I8), Cancelled));
        await Refused("16000", () => PostgreSqlGallery.CreateAsync(server.AddressOf("long"), TestGalleries.Description(16_001), Cancelled));
    }

    /// <summary>The database is gone in the middle of an enrolment: a line, and the next start knows what was acknowledged.</summary>
    [Fact]
    public async Task A_database_that_goes_away_is_told_in_a_line()
    {
        if (PgliteServer.Missing is { } missing) Assert.Skip(missing);
        using var server = new PgliteServer();
        await using var store = await PostgreSqlGallery.CreateAsync(server.AddressOf("gone"), TestGalleries.Description(4), Cancelled);
        var sample = new GallerySample { Identity = "a", Embedding = new float[] { 1, 2, 3, 4 } };
        await store.AddAsync([sample], Cancelled);
        server.Kill();
        var e = await Assert.ThrowsAsync<GalleryUnavailableException>(() => store.AddAsync([sample], Cancelled));
        Assert.DoesNotContain('\n', e.Message);
        Assert.Contains("does not answer", e.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<GalleryUnavailableException>(() => store.CountAsync(Cancelled));
    }

    [Theory]
    [InlineData("postgresql://me:s%20x@db.example:5433/shop/faces", "postgresql://db.example:5433/shop/faces", "s x")]
    [InlineData("postgres://db/shop/faces_2?SSL%20Mode=Disable", "postgresql://db:5432/shop/faces_2", null)]
    public void Addresses_are_read_and_shown_without_their_passwords(string text, string name, string? password)
    {
        var address = PostgreSqlAddress.Parse(text);
        Assert.Equal(name, address.Name);
        Assert.Equal(password, new Npgsql.NpgsqlConnectionStringBuilder(address.ConnectionString).Password);
    }

    [Theory]
    [InlineData("postgresql://host")]
    [InlineData("postgresql://host/db")]
    [InlineData("postgresql://host/db/a/b")]
    [InlineData("postgresql://host/db/Faces")]
    [InlineData("postgresql://host/db/1a")]
    [InlineData("postgresql://host/db/a?Nonsense=1")]
    [InlineData("mysql://host/db/a")]
    public void What_is_no_address_is_refused(string text)
    {
        var e = Assert.Throws<InvalidInputException>(() => PostgreSqlAddress.Parse(text));
        Assert.DoesNotContain('\n', e.Message);
    }

    private static async Task Refused(string says, Func<Task> work)
    {
        var e = await Assert.ThrowsAsync<InvalidInputException>(work);
        Assert.Contains(says, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }
}
