using System.Diagnostics.CodeAnalysis;
using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using EfficientNetSharp.Data.Downloads;
using EfficientNetSharp.Data.Formats;
using EfficientNetSharp.Data.Tests.Formats;
using EfficientNetSharp.Formats.Downloads;
using EfficientNetSharp.Formats.Tests.Downloads;

namespace EfficientNetSharp.Data.Tests.Downloads;

/// <summary>Getting a dataset from a server on this machine or from a folder.</summary>
public sealed class DatasetFetcherTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly byte[] _images = Pack(GoldenSet.PathOf("oxford-iiit-pet"), "images");
    private readonly byte[] _annotations = Pack(GoldenSet.PathOf("oxford-iiit-pet"), "annotations");
    private readonly List<DatasetProgress> _moments = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_set_is_fetched_checked_unpacked_and_recognised()
    {
        using var server = new TinyServer(Answer);
        await GetAsync(Set(server.Address));
        GoldenSet.AssertEqual("oxford-iiit-pet", Datasets.Open(_folder["pets"]));
        Assert.Contains(_moments, moment => moment is { File: "images.tar.gz", IsUnpacking: true });
        // Fetched archives do not stay where the images are there.
        Assert.Empty(Directory.EnumerateFiles(_folder["cache"], "*.tar.gz", SearchOption.AllDirectories));
        int requests = server.Requests.Count;

        _moments.Clear();
        await GetAsync(Set(server.Address));
        Assert.Equal(requests, server.Requests.Count);
        Assert.Contains(_moments, moment => moment.Note?.Contains("already", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task A_run_that_was_stopped_goes_on_behind_what_it_has()
    {
        bool broken = true;
        using var server = new TinyServer(
            request => request.Target.Contains("annotations", StringComparison.Ordinal) && broken
            ? Answer(request) with { CutAfter = 200 }
            : Answer(request));
        await Assert.ThrowsAsync<DownloadException>(() => GetAsync(Set(server.Address)));
        Assert.True(Directory.Exists(_folder["pets/images"]));
        Assert.Null(Record.Exception(() => Directory.EnumerateFiles(_folder["pets/images"]).First()));
        broken = false;
        await GetAsync(Set(server.Address));
        Assert.Single(server.Requests, request => request.Target.Contains("images", StringComparison.Ordinal));
        Assert.Equal("bytes=200-", server.Requests.Last().Range);
        GoldenSet.AssertEqual("oxford-iiit-pet", Datasets.Open(_folder["pets"]));
    }

    [Fact]
    public async Task A_file_with_another_hash_is_not_unpacked()
    {
        using var server = new TinyServer(request => FileResponse.To(request, _annotations));
        string message = (await Assert.ThrowsAsync<DownloadException>(() => GetAsync(Set(server.Address)))).Message;
        Assert.Contains("MD5", message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["pets/annotations"]));
    }

    [Fact]
    public async Task A_folder_of_archives_will_do_and_keeps_them()
    {
        Directory.CreateDirectory(_folder["mirror"]);
        File.WriteAllBytes(_folder["mirror/images.tar.gz"], _images);
        File.WriteAllBytes(_folder["mirror/annotations.tar.gz"], _annotations);
        var set = Set(new Uri("http://nowhere.invalid/")) with { ByHand = "Sign in." };
        await GetAsync(set, from: _folder["mirror"]);
        GoldenSet.AssertEqual("oxford-iiit-pet", Datasets.Open(_folder["pets"]));
        Assert.True(File.Exists(_folder["mirror/images.tar.gz"]));
        Assert.False(Directory.Exists(_folder["cache"]));

        File.WriteAllText(_folder["mirror/annotations.tar.gz"], "not it");
        Directory.Delete(_folder["pets"], recursive: true);
        string message = (await Assert.ThrowsAsync<InvalidInputException>(() => GetAsync(set, from: _folder["mirror"]))).Message;
        Assert.Contains("annotations.tar.gz", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_needs_a_log_in_says_what_to_do_by_hand()
    {
        string message = (await Assert.ThrowsAsync<InvalidInputException>(() => GetAsync(PublishedDatasets.ImageNet))).Message;
        Assert.Contains("https://image-net.org/download.php", message, StringComparison.Ordinal);
        Assert.Contains("--from", message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<InvalidInputException>(() => GetAsync(PublishedDatasets.Birdsnap, from: _folder.Path));
    }

    [Fact]
    public void Hashes_and_addresses_of_the_table_are_well_formed()
    {
        foreach (var set in PublishedDatasets.All)
        {
            Assert.True(set.ByHand is not null || set.Archives.Length > 0, set.Name);
            Assert.All(
                set.Archives,
                archive => Assert.True(
                    archive.File.Md5 is null || (archive.File.Md5.Length == 32 && archive.File.Md5.All(char.IsAsciiHexDigitLower)),
                    archive.File.Name));
            Assert.All(set.Archives, archive => Assert.True(archive.Bytes > 0));
        }
    }

    private async Task GetAsync(PublishedDataset set, string? from = null)
    {
        using var fetcher = new DatasetFetcher(new DownloadOptions { CacheFolder = _folder["cache"], From = from, Attempts = 1 });
        await fetcher.GetAsync(set, _folder["pets"], new Direct(_moments.Add), TestContext.Current.CancellationToken);
    }

    private Response Answer(Request request) =>
        FileResponse.To(request, request.Target.Contains("images", StringComparison.Ordinal) ? _images : _annotations);

    private PublishedDataset Set(Uri address) => PublishedDatasets.Pets with
    {
        Archives = [Archive(address, "images.tar.gz", _images), Archive(address, "annotations.tar.gz", _annotations)],
    };

    [SuppressMessage("Security", "CA5351", Justification = "MD5 is what the makers publish.")]
    private static DatasetArchive Archive(Uri address, string name, byte[] content) =>
        new(
            new RemoteFile { Name = name, Url = new Uri(address, name), Md5 = Convert.ToHexStringLower(MD5.HashData(content)) },
            content.Length);

    private static byte[] Pack(string root, string folder)
    {
        using var stream = new MemoryStream();
        using (var packed = new GZipStream(stream, CompressionLevel.Fastest, leaveOpen: true))
        using (var writer = new TarWriter(packed))
        {
            foreach (string file in Directory.EnumerateFiles(Path.Combine(root, folder)))
                writer.WriteEntry(file, $"{folder}/{Path.GetFileName(file)}");
        }

        return stream.ToArray();
    }

    private sealed class Direct(Action<DatasetProgress> report) : IProgress<DatasetProgress>
    {
        public void Report(DatasetProgress value) => report(value);
    }
}
