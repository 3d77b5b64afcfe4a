using EfficientNetSharp.Formats.Downloads;

namespace EfficientNetSharp.Weights.Downloads;

/// <summary>
/// Fetches published weights into the cache by <see cref="FileDownloader"/>. Safe for use from several threads and processes at once.
/// </summary>
public sealed class WeightDownloader : IDisposable
{
    private readonly FileDownloader _downloader;

    /// <summary>Creates a downloader.</summary>
    /// <exception cref="InvalidInputException"><see cref="DownloadOptions.From"/> is neither a folder nor an address.</exception>
    public WeightDownloader(DownloadOptions? options = null) => _downloader = new FileDownloader(options);

    /// <summary>The cache's folder, as a full path.</summary>
    public string CacheFolder => _downloader.CacheFolder;

    /// <summary>Where the file of a row lies once it is fetched, or may be put by hand.</summary>
    public string PathOf(PublishedWeights row) => WeightCache.PathOf(CacheFolder, row);

    /// <summary>Gives the file of a row, from the cache or by fetching it.</summary>
    /// <param name="row">A row of <see cref="PublishedWeightsTable"/>, or one of one's own.</param>
    /// <param name="progress">Told of each piece that comes, on the thread that receives it.</param>
    /// <param name="cancellationToken">Stops the transfer; what has come is kept, and the next run goes on behind it.</param>
    /// <exception cref="DownloadException">It cannot be fetched or written, or is not the file that was published.</exception>
    /// <exception cref="InvalidInputException">The mirror is a folder that does not hold the file, or holds another one.</exception>
    public Task<FetchedFile> FetchAsync(PublishedWeights row, IProgress<DownloadProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(row);
        return _downloader.FetchAsync(FileOf(row), progress, cancellationToken);
    }

    /// <inheritdoc />
    public void Dispose() => _downloader.Dispose();

    private static RemoteFile FileOf(PublishedWeights row) => new()
    {
        Name = row.Name,
        Url = row.Url,
        Sha256 = row.Sha256,
        Md5 = row.Md5,
        // A name that several files have would bring one for another.
        HasUniqueFileName = !PublishedWeightsTable.All.Any(other => other.FileName == row.FileName && other.Url != row.Url),
    };
}
