using System.IO.Compression;
using EfficientNetSharp.Formats.Downloads;

namespace EfficientNetSharp.Formats.Tests.Downloads;

/// <summary>Servers that would keep a program busy or fill its disk: each download ends, with little on the disk and one line.</summary>
public sealed class HostileServerTests : DownloadTestBase
{
    private const int MaxBytes = 1_000_000;

    private DownloadOptions Bounded => Options with { MaxBytes = MaxBytes, Attempts = 3 };

    [Fact]
    public async Task A_body_without_end_is_cut_off()
    {
        using var server = new TinyServer(_ => new Response(200, Content, [("ETag", "\"v1\"")], IsEndless: true));
        string message = await FailureAsync(Remote(server.Address, null), Bounded);
        Assert.Contains($"at most {MaxBytes} are expected", message, StringComparison.Ordinal);
        Assert.InRange(BytesOnDisk(), 0, 2 * MaxBytes);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_length_beyond_the_bound_is_not_begun()
    {
        using var server = new TinyServer(_ => new Response(200, new byte[MaxBytes + 1], HangAfter: 0));
        Assert.Contains($"sends {MaxBytes + 1} bytes", await FailureAsync(Remote(server.Address, null), Bounded), StringComparison.Ordinal);
        Assert.Equal(0, BytesOnDisk());
    }

    [Fact]
    public async Task A_files_own_bound_goes_before_that_of_all()
    {
        using var server = new TinyServer(_ => new Response(200, Content));
        string message = await FailureAsync(Remote(server.Address, Sha256) with { MaxBytes = Content.Length - 1 }, Bounded);
        Assert.Contains($"at most {Content.Length - 1} are expected", message, StringComparison.Ordinal);
        await FetchAsync(Remote(server.Address, Sha256) with { MaxBytes = Content.Length }, Bounded);
    }

    [Fact]
    public async Task A_server_that_sends_parts_without_end_is_cut_off()
    {
        // Each attempt brings the transfer on, so that attempts alone would never end it.
        using var server = new TinyServer(request =>
        {
            int from = request.Range is { } range ? int.Parse(range.Split('=', '-')[1],
                System.Globalization.CultureInfo.InvariantCulture) : 0;
            (string, string)[] tag = [("ETag", "\"v1\"")];
            return from == 0
                ? new Response(200, new byte[500_000], tag, CutAfter: 300_000)
                : new Response(206, new byte[500_000], [.. tag, ("Content-Range", $"bytes {from}-{from + 499_999}/*")], CutAfter: 300_000);
        });
        await FailureAsync(Remote(server.Address, null), Bounded);
        Assert.InRange(BytesOnDisk(), 0, 2 * MaxBytes);
    }

    [Fact]
    public async Task A_connection_that_drips_counts_as_dropped()
    {
        using var server = new TinyServer(_ => new Response(200, Content, [("ETag", "\"v1\"")], Drip: TimeSpan.FromMilliseconds(5)));
        var options = Bounded with { Time = new Wall(), StallTimeout = TimeSpan.FromSeconds(1), MinBytesPerSecond = 100_000,
            FirstPause = TimeSpan.Zero, Attempts = 2 };
        string message = await FailureAsync(Remote(server.Address, Sha256), options);
        Assert.Contains("bytes came in", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(100_000)]
    [InlineData(0)]
    public async Task A_body_that_ends_early_is_asked_for_again_and_then_given_up(int bytes)
    {
        using var server = new TinyServer(_ => new Response(200, Content, CutAfter: bytes));
        await FailureAsync(Remote(server.Address, Sha256), Bounded);
        Assert.Equal(3, server.Requests.Count);
    }

    [Fact]
    public async Task A_compressed_answer_is_not_unpacked()
    {
        using var bomb = new MemoryStream();
        using (var gzip = new GZipStream(bomb, CompressionLevel.Optimal, leaveOpen: true)) gzip.Write(new byte[50_000_000]);
        byte[] packed = bomb.ToArray();
        using var server = new TinyServer(_ => new Response(200, packed, [("Content-Encoding", "gzip")]));
        Assert.Contains("not the file", await FailureAsync(Remote(server.Address, Sha256), Bounded), StringComparison.Ordinal);
        Assert.DoesNotContain(server.Requests, request => request.Headers.ContainsKey("Accept-Encoding"));
        Assert.InRange(BytesOnDisk(), 0, packed.Length);
    }

    private long BytesOnDisk() => Directory.Exists(Cache)
        ? Directory.EnumerateFiles(Cache, "*.part", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length)
        : 0;

    // The machine's clock, whose stalls are short here.
    private sealed class Wall : TimeProvider;
}
