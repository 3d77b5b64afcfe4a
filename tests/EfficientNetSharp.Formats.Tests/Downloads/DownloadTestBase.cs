using System.Security.Cryptography;
using EfficientNetSharp.Formats.Downloads;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Formats.Tests.Downloads;

/// <summary>A cache folder of its own, a clock without waiting, and files that lie on a local server.</summary>
public abstract class DownloadTestBase : IDisposable
{
    private protected static readonly byte[] Content = RandomBytes(300_000);

    private protected static readonly string Sha256 = Convert.ToHexStringLower(SHA256.HashData(Content));

    private protected string Root { get; } = Directory.CreateTempSubdirectory("effnet").FullName;

    private protected string Cache => Path.Combine(Root, "cache");

    private protected ImpatientTime Clock { get; } = new();

    private protected List<DownloadProgress> Moments { get; } = [];

    private protected IEnumerable<string> Notes => Moments.Select(moment => moment.Note).OfType<string>();

    public void Dispose()
    {
        Directory.Delete(Root, recursive: true);
        GC.SuppressFinalize(this);
    }

    private protected static byte[] RandomBytes(int count)
    {
        var random = new SeededRandom(5);
        var bytes = new byte[count];
        foreach (ref byte value in bytes.AsSpan()) value = (byte)random.NextInt(256);
        return bytes;
    }

    private protected static RemoteFile Remote(Uri address, string? sha256, string path = "models/net-weights.pth") => new()
    {
        Name = "test/net",
        Url = new Uri(address, path),
        Sha256 = sha256,
    };

    private protected DownloadOptions Options => new() { CacheFolder = Cache, Time = Clock, StallTimeout = TimeSpan.FromHours(1) };

    private protected async Task<FetchedFile> FetchAsync(RemoteFile file, DownloadOptions? options = null, CancellationToken? token = null)
    {
        using var downloader = new FileDownloader(options ?? Options);
        return await downloader.FetchAsync(file, new Direct(Moments.Add), token ?? TestContext.Current.CancellationToken);
    }

    private protected async Task<string> FailureAsync(RemoteFile file, DownloadOptions? options = null)
    {
        string message = (await Assert.ThrowsAsync<DownloadException>(() => FetchAsync(file, options))).Message;
        Assert.DoesNotContain('\n', message);
        return message;
    }

    private protected sealed class Direct(Action<DownloadProgress> report) : IProgress<DownloadProgress>
    {
        public void Report(DownloadProgress value) => report(value);
    }

    /// <summary>A clock whose pauses end at once and are noted. Timers of an hour or more never fire.</summary>
    private protected sealed class ImpatientTime : TimeProvider
    {
        public List<TimeSpan> Pauses { get; } = [];

        public override DateTimeOffset GetUtcNow() => new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime >= TimeSpan.FromHours(1) || dueTime < TimeSpan.Zero)
                return base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            Pauses.Add(dueTime);
            return base.CreateTimer(callback, state, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }
}
