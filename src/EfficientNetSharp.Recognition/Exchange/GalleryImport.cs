namespace EfficientNetSharp.Recognition.Exchange;

/// <summary>
/// Takes an export into a gallery, a part at a time; started again it goes on, since what is there already is known by its file.
/// </summary>
public static class GalleryImport
{
    // What is stored together: two flushes of the disk for so many.
    private const int PartSize = 512;

    /// <summary>Adds the embeddings of an export that the gallery has not.</summary>
    /// <param name="store">The gallery; it is made for the same network.</param>
    /// <param name="path">The export.</param>
    /// <param name="onPart">Told after each part how many embeddings were read and how many of them added.</param>
    /// <param name="cancellationToken">Ends the work between parts.</param>
    /// <returns>How many embeddings were read and how many of them added; the others were there.</returns>
    /// <exception cref="InvalidInputException">The file is no export, is damaged, or of another network; what was added before
    /// stays.</exception>
    /// <exception cref="GalleryUnavailableException">The store does not answer; what was added before stays.</exception>
    public static async Task<(long Read, long Added)> RunAsync(
        IGalleryStore store, string path, Action<long, long>? onPart = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        var description = GalleryExport.ReadDescription(path);
        store.Description.EnsureFits(description.Fingerprint, store.Name, description.Model);
        long read = 0, added = 0;
        foreach (var part in GalleryExport.Read(path).Chunk(PartSize))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var fresh = await WithoutKnownAsync(store, part, cancellationToken).ConfigureAwait(false);
            await store.AddAsync(fresh, cancellationToken).ConfigureAwait(false);
            read += part.Length;
            added += fresh.Count;
            onPart?.Invoke(read, added);
        }

        return (read, added);
    }

    // Embeddings of no file are known by being equal to one of their identity.
    private static async Task<List<GallerySample>> WithoutKnownAsync(
        IGalleryStore store, GallerySample[] part, CancellationToken cancellationToken)
    {
        var owners = await store.FindContentAsync([.. part.Select(sample => sample.ContentHash)], cancellationToken).ConfigureAwait(false);
        var fresh = new List<GallerySample>();
        var inPart = new HashSet<(string, string)>();
        for (int i = 0; i < part.Length; i++)
        {
            var sample = part[i];
            bool isKnown = sample.ContentHash.Length > 0
                ? owners[i].Contains(sample.Identity) || !inPart.Add((sample.ContentHash, sample.Identity))
                : await HasAsync(store, sample, cancellationToken).ConfigureAwait(false);
            if (!isKnown) fresh.Add(sample);
        }

        return fresh;
    }

    // As equal as the coarsest store holds them.
    private const double SameCosine = 0.9999;

    private static async Task<bool> HasAsync(IGalleryStore store, GallerySample sample, CancellationToken cancellationToken)
    {
        var direction = sample.CheckedDirection(store.Description.Fingerprint.Length);
        await foreach (var known in store.ReadAsync(sample.Identity, cancellationToken).ConfigureAwait(false))
        {
            if (known.Source == sample.Source && known.Enrolled == sample.Enrolled
                && UnitVector.Cosine(known.Embedding.Span, direction) >= SameCosine) return true;
        }

        return false;
    }
}
