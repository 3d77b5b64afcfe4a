using EfficientNetSharp.Files;
using EfficientNetSharp.Formats.Downloads;

namespace EfficientNetSharp.Data.Downloads;

/// <summary>A moment of getting a dataset.</summary>
/// <param name="File">The archive at work.</param>
/// <param name="IsUnpacking">Whether it is unpacked; else it is fetched or checked.</param>
/// <param name="Done">Bytes of the archive that are done.</param>
/// <param name="Total">All its bytes; <see langword="null"/> while not known.</param>
/// <param name="Note">Something that a person may want to know; usually <see langword="null"/>.</param>
public sealed record DatasetProgress(string File, bool IsUnpacking, long Done, long? Total, string? Note = null);

/// <summary>
/// Gets a published dataset: fetches its archives from their makers or a mirror, checks their hashes, and unpacks them. What was done is
/// noted beside the images, so that a run that was stopped goes on where it was.
/// </summary>
/// <param name="options">Cache, mirror, retries and timeouts.</param>
/// <param name="keepArchives">
/// Whether fetched archives stay in the cache once they are unpacked. Those of a mirror folder always stay.
/// </param>
public sealed class DatasetFetcher(DownloadOptions options, bool keepArchives = false) : IDisposable
{
    // Published sizes are rounded, and sets are packed anew; what is twice as long is another file.
    private const long FreeBytes = 1L << 30;

    private readonly FileDownloader _downloader = new(options);

    /// <summary>Gets a dataset.</summary>
    /// <param name="dataset">A row of <see cref="PublishedDatasets"/>, or one of one's own.</param>
    /// <param name="folder">Where the images are to be; made when needed.</param>
    /// <param name="progress">Told of each step, on the thread that does it.</param>
    /// <param name="cancellationToken">Stops; the next run goes on.</param>
    /// <exception cref="DownloadException">An archive cannot be fetched or written.</exception>
    /// <exception cref="InvalidInputException">
    /// The set has to be fetched by hand, a mirror lacks a file, or an archive is unusable.
    /// </exception>
    public async Task GetAsync(
        PublishedDataset dataset, string folder, IProgress<DatasetProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        if (dataset.ByHand is { } byHand && (options.From is null || dataset.Archives.IsEmpty))
            throw new InvalidInputException($"{dataset.Title} cannot be fetched by a program. {byHand}");
        folder = Path.GetFullPath(folder);
        foreach (var archive in dataset.Archives)
        {
            var note = new UnpackedNote(folder, archive.File);
            if (note.IsThere)
            {
                progress?.Report(
                    new DatasetProgress(archive.File.FileName, true, 0, null, $"{archive.File.FileName} is unpacked already."));
                continue;
            }

            await GetAsync(archive, folder, note, progress, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc />
    public void Dispose() => _downloader.Dispose();

    private async Task GetAsync(
        DatasetArchive archive, string folder, UnpackedNote note, IProgress<DatasetProgress>? progress, CancellationToken cancellationToken)
    {
        string name = archive.File.FileName;
        var relay = progress is null
            ? null
            : new SynchronousProgress<DownloadProgress>(
                moment => progress.Report(new DatasetProgress(name, false, moment.Received, moment.Total, moment.Note)));
        var fetched = await _downloader.LocateAsync(
            archive.File with { MaxBytes = archive.File.MaxBytes ?? Math.Max(FreeBytes, 2 * archive.Bytes) }, relay, cancellationToken).ConfigureAwait(false);
        string target = Path.Combine(folder, archive.Folder);
        try
        {
            Directory.CreateDirectory(target);
            if (archive.Unpacking == Unpacking.Copy)
            {
                File.Copy(fetched.Path, Path.Combine(target, name), overwrite: true);
            }
            else
            {
                var unpacking = progress is null
                    ? null
                    : new SynchronousProgress<(long Done, long Total)>(at => progress.Report(new DatasetProgress(name, true, at.Done, at.Total)));
                ArchiveUnpacker.Unpack(
                    fetched.Path, target, archive.Unpacking == Unpacking.ArchiveOfArchives, unpacking, cancellationToken);
            }

            note.Write(fetched.Sha256);
            bool isOurs = Path.GetFullPath(fetched.Path) == _downloader.PathOf(archive.File);
            if (isOurs && !keepArchives) File.Delete(fetched.Path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DownloadException(
                $"Cannot unpack '{fetched.Path}' to '{target}': {WriteFailedException.ReasonOf(e)}.", e);
        }
    }

    /// <summary>
    /// Says that an archive was unpacked whole: a hidden file with its hash, in the form that <c>sha256sum --check</c> reads.
    /// </summary>
    private sealed class UnpackedNote(string folder, RemoteFile file)
    {
        private readonly string _path = Path.Combine(folder, $".{file.FileName}.sha256");

        public bool IsThere => File.Exists(_path);

        public void Write(string sha256) => AtomicFile.WriteText(_path, $"{sha256}  {file.FileName}\n");
    }
}
