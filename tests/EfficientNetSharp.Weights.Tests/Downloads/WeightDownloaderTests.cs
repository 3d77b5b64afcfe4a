using System.Security.Cryptography;
using EfficientNetSharp.Formats.Downloads;
using EfficientNetSharp.Models;
using EfficientNetSharp.Tests.Files;
using EfficientNetSharp.Weights.Downloads;

namespace EfficientNetSharp.Weights.Tests.Downloads;

/// <summary>Rows as files to fetch; what a download may meet is tested with the downloader itself.</summary>
public sealed class WeightDownloaderTests : IDisposable
{
    private static readonly byte[] Content = "some weights"u8.ToArray();

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_row_is_fetched_to_its_place_and_checked_against_its_hash()
    {
        Directory.CreateDirectory(_folder["mirror"]);
        _folder.Write("mirror/net-weights.pth", Content);
        var row = new PublishedWeights
        {
            Name = "test/net",
            Architecture = "efficientnet_b0",
            Source = "test",
            Url = new Uri("https://weights.invalid/models/net-weights.pth"),
            Sha256 = Convert.ToHexStringLower(SHA256.HashData(Content)),
            Licence = "MIT",
            Preprocessing = Preprocessing.ForSize(224),
        };
        using var downloader = Downloader();
        var fetched = await downloader.FetchAsync(row, null, TestContext.Current.CancellationToken);
        Assert.Equal(downloader.PathOf(row), fetched.Path);
        Assert.Equal(HashCheck.Published, fetched.Check);
        Assert.Equal(Content, File.ReadAllBytes(fetched.Path));

        var wrong = row with { Sha256 = "deadbeef", Url = new Uri("https://weights.invalid/other/net-weights.pth") };
        await Assert.ThrowsAsync<InvalidInputException>(() => downloader.FetchAsync(wrong, null, TestContext.Current.CancellationToken));
        wrong = row with { Sha256 = null, Md5 = new string('0', 32), Url = wrong.Url };
        await Assert.ThrowsAsync<InvalidInputException>(() => downloader.FetchAsync(wrong, null, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_mirror_does_not_give_one_file_of_the_hub_for_another()
    {
        // All files of the hub are called model.safetensors.
        Directory.CreateDirectory(_folder["mirror"]);
        _folder.Write("mirror/model.safetensors", Content);
        var row = PublishedWeightsTable.Find("timm/efficientnet_b0.ra4_e3600_r224_in1k")[0];
        using var downloader = Downloader();
        var token = TestContext.Current.CancellationToken;
        var refusal = await Assert.ThrowsAsync<InvalidInputException>(() => downloader.FetchAsync(row, null, token));
        Assert.Contains("does not hold the file", refusal.Message, StringComparison.Ordinal);
    }

    private WeightDownloader Downloader() => new(new DownloadOptions { CacheFolder = _folder["cache"], From = _folder["mirror"] });
}
