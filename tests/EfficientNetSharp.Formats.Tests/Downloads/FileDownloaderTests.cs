using System.Net;
using EfficientNetSharp.Formats.Downloads;

namespace EfficientNetSharp.Formats.Tests.Downloads;

public sealed class FileDownloaderTests : DownloadTestBase
{
    [Fact]
    public async Task A_file_is_fetched_checked_and_then_taken_from_the_cache_without_a_request()
    {
        using var server = new TinyServer(request => FileResponse.To(request, Content));
        var file = Remote(server.Address, Sha256[..8]);
        var fetched = await FetchAsync(file);
        Assert.Equal(Path.Combine(Cache, "127.0.0.1", "models", "net-weights.pth"), fetched.Path);
        Assert.Equal(Content, File.ReadAllBytes(fetched.Path));
        Assert.Equal((Sha256, HashCheck.Published, false), (fetched.Sha256, fetched.Check, fetched.WasCached));
        Assert.Equal(new DownloadProgress(Content.Length, Content.Length), Moments[^1]);
        var beside = Directory.EnumerateFiles(Path.GetDirectoryName(fetched.Path)!).Select(Path.GetFileName);
        Assert.Equal(["net-weights.pth", "net-weights.pth.lock"], beside.Order());

        Assert.True((await FetchAsync(file)).WasCached);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_broken_transfer_goes_on_where_it_stopped()
    {
        using var server = new TinyServer(request => FileResponse.To(request, Content, cutAfter: request.Range is null ? 100_000 : null));
        await FetchAsync(Remote(server.Address, Sha256));
        var requests = server.Requests.ToArray();
        Assert.Equal(2, requests.Length);
        Assert.Matches("^bytes=[1-9][0-9]*-$", requests[1].Range);
        Assert.Equal("\"v1\"", requests[1].Headers["If-Range"]);
        Assert.Equal([TimeSpan.FromSeconds(1)], Clock.Pauses);
        Assert.Contains(Notes, note => note.Contains("trying again", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_later_run_goes_on_as_well_and_by_the_date_where_there_is_no_tag()
    {
        const string date = "Fri, 02 Jan 2026 03:04:05 GMT";
        bool broken = true;
        using var server = new TinyServer(request =>
        {
            var response = FileResponse.To(request, Content, date, broken ? 200_000 : null);
            return response with { Headers = [("Last-Modified", date), .. response.Headers!.Where(header => header.Name != "ETag")] };
        });
        await FailureAsync(Remote(server.Address, Sha256), Options with { Attempts = 1 });
        Assert.False(File.Exists(Path.Combine(Cache, "127.0.0.1", "models", "net-weights.pth")));
        broken = false;
        await FetchAsync(Remote(server.Address, Sha256));
        Assert.Equal(date, server.Requests.Last().Headers["If-Range"]);
        Assert.NotNull(server.Requests.Last().Range);
    }

    [Fact]
    public async Task A_server_that_sends_no_parts_is_asked_for_the_whole_again()
    {
        int requests = 0;
        using var server = new TinyServer(
            request => FileResponse.To(request, Content, cutAfter: ++requests == 1 ? 100_000 : null, ranges: false));
        Assert.Equal(Sha256, (await FetchAsync(Remote(server.Address, Sha256))).Sha256);
        Assert.NotNull(server.Requests.Last().Range);
    }

    [Fact]
    public async Task A_server_that_names_no_version_is_asked_for_the_whole_again()
    {
        int requests = 0;
        using var server = new TinyServer(_ => new Response(200, Content, CutAfter: ++requests == 1 ? 100_000 : null));
        await FetchAsync(Remote(server.Address, Sha256));
        Assert.All(server.Requests, request => Assert.Null(request.Range));
    }

    [Fact]
    public async Task A_file_that_changes_between_attempts_is_fetched_from_its_start()
    {
        byte[] before = RandomBytes(290_000)[1..];
        int requests = 0;
        using var server = new TinyServer(request => ++requests == 1
            ? FileResponse.To(request, before, "\"old\"", 100_000)
            : FileResponse.To(request, Content, "\"new\""));
        Assert.Equal(Content, File.ReadAllBytes((await FetchAsync(Remote(server.Address, Sha256))).Path));
    }

    [Fact]
    public async Task A_part_that_does_not_fit_is_thrown_away()
    {
        // The server forgets If-Range and sends another part than was asked for, then behaves.
        int requests = 0;
        using var server = new TinyServer(request => ++requests switch
        {
            1 => FileResponse.To(request, Content, cutAfter: 100_000),
            2 => new Response(206, Content[5..], [("ETag", "\"v1\""), ("Content-Range", $"bytes 5-{Content.Length - 1}/{Content.Length}")]),
            _ => FileResponse.To(request, Content),
        });
        Assert.Equal(Content, File.ReadAllBytes((await FetchAsync(Remote(server.Address, Sha256))).Path));
        Assert.Equal(3, server.Requests.Count);
    }

    [Fact]
    public async Task A_run_that_was_stopped_after_the_last_byte_does_not_fetch_again()
    {
        using var server = new TinyServer(request => FileResponse.To(request, Content));
        var file = Remote(server.Address, Sha256);
        var fetched = await FetchAsync(file);
        File.Move(fetched.Path, fetched.Path + ".part");
        File.WriteAllText(fetched.Path + ".part.json", $$"""{"Url":"{{file.Url}}","ETag":"\u0022v1\u0022","LastModified":null}""");
        Assert.Equal(Content, File.ReadAllBytes((await FetchAsync(file)).Path));
        Assert.Equal($"bytes={Content.Length}-", server.Requests.Last().Range);
        Assert.Equal(2, server.Requests.Count);
    }

    [Theory]
    [InlineData("deadbeef", "start with deadbeef")]
    [InlineData("deadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeef", "be deadbeefdeadbeef")]
    public async Task A_wrong_file_is_removed_and_the_message_has_both_hashes(string published, string expected)
    {
        using var server = new TinyServer(request => FileResponse.To(request, Content));
        string message = await FailureAsync(Remote(server.Address, published));
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.Contains(Sha256, message, StringComparison.Ordinal);
        Assert.Equal(["net-weights.pth.lock"], Directory.EnumerateFiles(Cache, "*", SearchOption.AllDirectories).Select(Path.GetFileName));
    }

    [Fact]
    public async Task An_md5_is_checked_where_that_is_what_is_published()
    {
        // The MD5 of "abc" (RFC 1321, A.5).
        using var server = new TinyServer(request => FileResponse.To(request, "abc"u8.ToArray()));
        var file = Remote(server.Address, null) with { Md5 = "900150983cd24fb0d6963f7d28e17f72" };
        Assert.Equal(HashCheck.Published, (await FetchAsync(file)).Check);
        var wrong = file with { Md5 = "00000000000000000000000000000000", Url = new Uri(server.Address, "other.h5") };
        Assert.Contains("MD5", await FailureAsync(wrong), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("X-Linked-ETag", "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\"")]
    [InlineData("x-goog-hash", "crc32c=AAAAAA==,md5=kAFQmDzST7DWlj99KOF/cg==")]
    public async Task A_hash_that_the_server_states_stands_in_for_a_published_one(string header, string value)
    {
        // "abc" again (FIPS 180-4's example).
        bool damaged = false;
        using var server = new TinyServer(_ => new Response(200, damaged ? "abd"u8.ToArray() : "abc"u8.ToArray(), [(header, value)]));
        Assert.Equal(HashCheck.StatedByServer, (await FetchAsync(Remote(server.Address, null))).Check);
        damaged = true;
        Assert.Contains("is not the file", await FailureAsync(Remote(server.Address, null, "again.pth")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_any_hash_later_damage_in_the_cache_still_shows()
    {
        using var server = new TinyServer(request => FileResponse.To(request, Content));
        var file = Remote(server.Address, null);
        var fetched = await FetchAsync(file);
        Assert.Equal(HashCheck.None, fetched.Check);
        Assert.Equal($"{Sha256}  net-weights.pth\n", File.ReadAllText(fetched.Path + ".sha256"));
        Assert.True((await FetchAsync(file)).WasCached);
        File.WriteAllBytes(fetched.Path, Content[1..]);
        Assert.False((await FetchAsync(file)).WasCached);
        Assert.Equal(Content, File.ReadAllBytes(fetched.Path));
    }

    [Fact]
    public async Task A_damaged_file_in_the_cache_is_fetched_again()
    {
        using var server = new TinyServer(request => FileResponse.To(request, Content));
        var file = Remote(server.Address, Sha256[..10]);
        string path = (await FetchAsync(file)).Path;
        File.WriteAllText(path, "damage");
        Assert.Equal(Content, File.ReadAllBytes((await FetchAsync(file)).Path));
        Assert.Contains(Notes, note => note.Contains("fetching it again", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_page_in_place_of_weights_is_refused()
    {
        using var server = new TinyServer(_ => new Response(200, "<!DOCTYPE html><html>Log in first</html>"u8.ToArray()));
        Assert.Contains("web page", await FailureAsync(Remote(server.Address, null)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redirections_are_followed_to_other_paths_and_hosts_and_their_hash_is_kept()
    {
        using var storage = new TinyServer(
            request => request.Target == "/blob?signed=1" ? FileResponse.To(request, Content) : new Response(404, []));
        using var hub = new TinyServer(request => request.Target switch
        {
            "/models/net-weights.pth" => new Response(307, [], [("Location", "/second%20place")]),
            "/second%20place" => new Response(
                302, [], [("Location", $"{storage.Address}blob?signed=1"), ("X-Linked-ETag", $"\"{Sha256}\"")]),
            _ => new Response(404, []),
        });
        Assert.Equal(HashCheck.StatedByServer, (await FetchAsync(Remote(hub.Address, null))).Check);
    }

    [Theory]
    [InlineData("ftp://example.org/file")]
    [InlineData("file:///etc/passwd")]
    public async Task Redirections_to_other_kinds_of_address_are_refused(string to)
    {
        using var server = new TinyServer(_ => new Response(302, [], [("Location", to)]));
        Assert.Contains("not safe", await FailureAsync(Remote(server.Address, Sha256)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redirections_in_a_circle_end()
    {
        using var server = new TinyServer(_ => new Response(302, [], [("Location", "/models/net-weights.pth")]));
        Assert.Contains("without end", await FailureAsync(Remote(server.Address, Sha256)), StringComparison.Ordinal);
        Assert.InRange(server.Requests.Count, 2, 20);
    }

    [Fact]
    public async Task A_missing_file_is_not_asked_for_twice()
    {
        using var server = new TinyServer(_ => new Response(404, []));
        string message = await FailureAsync(Remote(server.Address, "00c0ffee"));
        Assert.Contains("404", message, StringComparison.Ordinal);
        Assert.Contains("00c0ffee", message, StringComparison.Ordinal);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_busy_server_is_asked_again_after_growing_pauses()
    {
        int requests = 0;
        using var server = new TinyServer(request => ++requests < 4 ? new Response(503, []) : FileResponse.To(request, Content));
        await FetchAsync(Remote(server.Address, Sha256));
        Assert.Equal([1.0, 2.0, 4.0], Clock.Pauses.Select(pause => pause.TotalSeconds));
    }

    [Fact]
    public async Task A_server_that_stays_busy_is_given_up()
    {
        using var server = new TinyServer(_ => new Response(503, []));
        string message = await FailureAsync(Remote(server.Address, Sha256), Options with { Attempts = 3 });
        Assert.Contains("503", message, StringComparison.Ordinal);
        Assert.Equal(3, server.Requests.Count);
    }

    [Theory]
    [InlineData("7", 7)]
    [InlineData("Fri, 02 Jan 2026 03:04:35 GMT", 30)]
    [InlineData("Fri, 02 Jan 2026 03:00:00 GMT", 1)]
    public async Task The_pause_that_a_server_asks_for_is_kept(string retryAfter, int seconds)
    {
        int requests = 0;
        using var server = new TinyServer(
            request => ++requests == 1 ? new Response(429, [], [("Retry-After", retryAfter)]) : FileResponse.To(request, Content));
        await FetchAsync(Remote(server.Address, Sha256));
        Assert.Equal([TimeSpan.FromSeconds(seconds)], Clock.Pauses);
    }

    [Fact]
    public async Task A_server_that_asks_for_an_hour_is_not_waited_for()
    {
        using var server = new TinyServer(_ => new Response(429, [], [("Retry-After", "3600")]));
        Assert.Contains("3600", await FailureAsync(Remote(server.Address, Sha256)), StringComparison.Ordinal);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_connection_that_brings_nothing_more_counts_as_dropped()
    {
        using var server = new TinyServer(_ => new Response(200, Content, [("ETag", "\"v1\"")], HangAfter: 0));
        var options = Options with { StallTimeout = TimeSpan.FromSeconds(20), Attempts = 2 };
        string message = await FailureAsync(Remote(server.Address, Sha256), options);
        Assert.Contains("nothing came for 20 seconds", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stopped_download_leaves_a_part_to_go_on_with()
    {
        bool hang = true;
        using var server = new TinyServer(
            request => hang ? FileResponse.To(request, Content) with { HangAfter = 150_000 } : FileResponse.To(request, Content));
        var file = Remote(server.Address, Sha256);
        using var stop = new CancellationTokenSource();
        using var downloader = new FileDownloader(Options);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => downloader.FetchAsync(file, new Direct(moment =>
        {
            if (moment.Received == 150_000) stop.Cancel();
        }), stop.Token));

        hang = false;
        Assert.Equal(Content, File.ReadAllBytes((await FetchAsync(file)).Path));
        Assert.Equal("bytes=150000-", server.Requests.Last().Range);
    }

    [Fact]
    public async Task A_proxy_is_asked_for_the_whole_address()
    {
        const string whole = "http://weights.invalid/models/net-weights.pth";
        using var proxy = new TinyServer(request => request.Target == whole ? FileResponse.To(request, Content) : new Response(404, []));
        await FetchAsync(Remote(new Uri("http://weights.invalid/"), Sha256), Options with { Proxy = new WebProxy(proxy.Address) });
        Assert.Single(proxy.Requests);
    }

    [Fact]
    public async Task Without_network_the_message_says_what_to_put_where_and_then_the_next_run_finds_it()
    {
        // Names under .invalid never resolve (RFC 6761).
        var file = Remote(new Uri("https://weights.invalid/"), Sha256[..8]);
        string message = await FailureAsync(file);
        string place = Path.Combine(Cache, "weights.invalid", "models", "net-weights.pth");
        Assert.All([file.Url.ToString(), Sha256[..8], place], part => Assert.Contains(part, message, StringComparison.Ordinal));
        Assert.Empty(Clock.Pauses);

        File.WriteAllBytes(place, Content);
        Assert.True((await FetchAsync(file)).WasCached);
    }

    [Fact]
    public async Task A_refused_connection_through_a_proxy_names_the_proxy()
    {
        var proxy = new TinyServer(_ => new Response(200, []));
        var address = proxy.Address;
        proxy.Dispose();
        var options = Options with { Proxy = new WebProxy($"http://me:secret@127.0.0.1:{address.Port}") };
        string message = await FailureAsync(Remote(new Uri("http://weights.invalid/"), Sha256), options);
        Assert.Contains($"proxy 127.0.0.1:{address.Port}", message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_at_once_fetch_the_file_once()
    {
        using var server = new TinyServer(request => FileResponse.To(request, Content));
        var file = Remote(server.Address, Sha256);
        var options = Options with { Time = TimeProvider.System };
        using var first = new FileDownloader(options);
        using var second = new FileDownloader(options);
        var token = TestContext.Current.CancellationToken;
        var all = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => (i % 2 == 0 ? first : second).FetchAsync(file, null, token)));
        Assert.Single(server.Requests);
        Assert.Single(all, fetched => !fetched.WasCached);
        Assert.Equal(Content, File.ReadAllBytes(all[0].Path));
    }

    [Fact]
    public async Task A_cache_that_cannot_be_written_is_one_line()
    {
        Directory.CreateDirectory(Root);
        string file = Path.Combine(Root, "a file");
        File.WriteAllText(file, "");
        var options = Options with { CacheFolder = Path.Combine(file, "cache") };
        string message = await FailureAsync(Remote(new Uri("https://weights.invalid/"), Sha256), options);
        Assert.Contains("--cache", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_full_disk_is_one_line()
    {
        // Linux's device that is always full stands in for the disk.
        if (!File.Exists("/dev/full")) return;
        using var server = new TinyServer(request => FileResponse.To(request, Content));
        string folder = Path.Combine(Cache, "127.0.0.1", "models");
        Directory.CreateDirectory(folder);
        File.CreateSymbolicLink(Path.Combine(folder, "net-weights.pth.sha256"), "/dev/full");
        Assert.Contains("disk is full", await FailureAsync(Remote(server.Address, null)), StringComparison.Ordinal);
    }
}
