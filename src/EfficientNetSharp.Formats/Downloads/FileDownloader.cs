using System.Collections.Immutable;
using System.Net.Http.Headers;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Formats.Downloads;

/// <summary>
/// Fetches published files into the cache: goes on with what an earlier run left, repeats what fails in passing, checks the hash, and
/// gives the file its name only then. Safe for use from several threads and processes at once.
/// </summary>
public sealed class FileDownloader : IDisposable
{
    // A connection that is not made within this is not made at all; browsers wait about as long.
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(30);

    private readonly DownloadOptions _options;
    private readonly Mirror? _mirror;
    private readonly HttpClient _client;

    /// <summary>Creates a downloader.</summary>
    /// <exception cref="InvalidInputException"><see cref="DownloadOptions.From"/> is neither a folder nor an address.</exception>
    public FileDownloader(DownloadOptions? options = null)
    {
        _options = options ?? new DownloadOptions();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(_options.Attempts);
        string? folder = _options.CacheFolder;
        CacheFolder = Path.GetFullPath(string.IsNullOrWhiteSpace(folder) ? DownloadCache.DefaultFolder() : folder);
        _mirror = _options.From is { } from ? Mirror.Of(from) : null;
        // Redirections are followed here, since the hash that the Hugging Face hub states stands in the redirecting answer.
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            Proxy = _options.Proxy,
            UseProxy = true,
            ConnectTimeout = ConnectTimeout,
        };
        _client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        string version = typeof(FileDownloader).Assembly.GetName().Version?.ToString(2) ?? "0";
        _client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("effnet", version));
    }

    /// <summary>The cache's folder, as a full path.</summary>
    public string CacheFolder { get; }

    /// <summary>Where a file lies once it is fetched, or may be put by hand.</summary>
    public string PathOf(RemoteFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return DownloadCache.PathOf(CacheFolder, file.Url);
    }

    /// <summary>Gives a file, from the cache or by fetching it.</summary>
    /// <param name="file">Its address and hashes.</param>
    /// <param name="progress">Told of each piece that comes, on the thread that receives it.</param>
    /// <param name="cancellationToken">Stops the transfer; what has come is kept, and the next run goes on behind it.</param>
    /// <exception cref="DownloadException">It cannot be fetched or written, or is not the file that was published.</exception>
    /// <exception cref="InvalidInputException">The mirror is a folder that does not hold the file, or holds another one.</exception>
    public async Task<FetchedFile> FetchAsync(
        RemoteFile file, IProgress<DownloadProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        string target = PathOf(file);
        try
        {
            if (await CachedAsync(file, target, progress, cancellationToken).ConfigureAwait(false) is { } cached) return cached;
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            void Waiting() => progress?.Report(new DownloadProgress(0, null, "Another process is fetching this file; waiting for it."));
            var held = await FileLock.TakeAsync(target, _options.Time, Waiting, cancellationToken).ConfigureAwait(false);
            await using (held.ConfigureAwait(false))
            {
                // The one that had the lock before may have fetched it.
                return await CachedAsync(file, target, null, cancellationToken).ConfigureAwait(false)
                    ?? await FetchIntoAsync(file, target, progress, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DownloadException($"Cannot write '{target}': {WriteFailedException.ReasonOf(e)} with --cache.", e);
        }
    }

    /// <summary>
    /// As <see cref="FetchAsync"/>, but a file of a mirror that is a folder is checked and used where it lies, not copied: archives may be
    /// larger than what the disk has left.
    /// </summary>
    /// <inheritdoc cref="FetchAsync" />
    public async Task<FetchedFile> LocateAsync(
        RemoteFile file, IProgress<DownloadProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (_mirror is not { IsFolder: true }) return await FetchAsync(file, progress, cancellationToken).ConfigureAwait(false);
        string path = _mirror.FindFile(file);
        var hashes = await FileHashes.OfAsync(path, cancellationToken).ConfigureAwait(false);
        if ((hashes.Mismatch(file.Hashes) ?? NotTheFile(path)) is { } wrong)
            throw new InvalidInputException($"'{path}' is not the file of {file.Name}: {wrong}. Put the file of {file.Url} there.");
        return new FetchedFile(path, hashes.Sha256, file.Hashes.Any ? HashCheck.Published : HashCheck.None, WasCached: true);
    }

    /// <inheritdoc />
    public void Dispose() => _client.Dispose();

    private static async Task<FetchedFile?> CachedAsync(
        RemoteFile file, string target, IProgress<DownloadProgress>? progress, CancellationToken cancellationToken)
    {
        if (!File.Exists(target)) return null;
        var hashes = await FileHashes.OfAsync(target, cancellationToken).ConfigureAwait(false);
        var published = file.Hashes;
        // What has no published hash is to stay as it was when it was fetched; what a person put there is taken for good.
        string? wrong = hashes.Mismatch(published.Any ? published : HashNote.Read(target)) ?? (published.Any ? null : NotTheFile(target));
        if (wrong is null)
            return new FetchedFile(target, hashes.Sha256, published.Any ? HashCheck.Published : HashCheck.None, WasCached: true);
        progress?.Report(new DownloadProgress(0, null, $"'{target}' is not the file that was published ({wrong}); fetching it again."));
        return null;
    }

    private async Task<FetchedFile> FetchIntoAsync(
        RemoteFile file, string target, IProgress<DownloadProgress>? progress, CancellationToken cancellationToken)
    {
        var part = new PartFile(target);
        string origin;
        var server = StatedHashes.None;
        if (_mirror is { IsFolder: true })
        {
            origin = _mirror.FindFile(file);
            await CopyAsync(origin, part, progress, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            ImmutableArray<Uri> addresses = _mirror?.Addresses(file) ?? [file.Url];
            var byHand = new ByHand(file, target);
            var transfer = new RetryingTransfer(_client, _options, file.MaxBytes ?? _options.MaxBytes);
            (var from, server) = await transfer.RunAsync(addresses, part, byHand, progress, cancellationToken).ConfigureAwait(false);
            origin = from.ToString();
        }

        var hashes = await FileHashes.OfAsync(part.Path, cancellationToken).ConfigureAwait(false);
        var published = file.Hashes;
        if ((hashes.Mismatch(published) ?? hashes.Mismatch(server) ?? NotTheFile(part.Path)) is { } wrong)
        {
            part.Delete();
            throw _mirror is { IsFolder: true }
                ? new InvalidInputException($"'{origin}' is not the file of {file.Name}: {wrong}. Put the file of {file.Url} there.")
                : new DownloadException(
                    $"What {origin} gave is not the file of {file.Name}: {wrong}. "
                    + "It was removed; try again, or name a mirror with --from.");
        }

        if (!published.Any) HashNote.Write(target, hashes.Sha256);
        part.Finish(target);
        var check = published.Any ? HashCheck.Published : server.Any ? HashCheck.StatedByServer : HashCheck.None;
        return new FetchedFile(target, hashes.Sha256, check, WasCached: false);
    }

    private static async Task CopyAsync(
        string source, PartFile part, IProgress<DownloadProgress>? progress, CancellationToken cancellationToken)
    {
        part.Delete();
        using var input = InputFile.Open(source);
        var output = part.OpenAt(0);
        await using (output.ConfigureAwait(false))
        {
            var buffer = new byte[1 << 20];
            long position = 0;
            for (int read; (read = input.ReadAtMost(position, buffer)) > 0;)
            {
                await output.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
                position += read;
                progress?.Report(new DownloadProgress(position, input.Length));
            }
        }
    }

    // Networks that want a log-in first answer every request with a page.
    private static string? NotTheFile(string path)
    {
        using var found = InputFile.Open(path);
        return found.DescribeKind() is ("a web page" or "an empty file") and { } kind ? $"it is {kind}" : null;
    }
}
