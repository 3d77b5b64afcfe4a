using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Recognition;

/// <summary>Who an image shows.</summary>
/// <param name="Path">The image file.</param>
/// <param name="Matches">The nearest identities, best first.</param>
/// <param name="IsKnown">
/// Whether the best reaches the threshold; <see langword="null"/> where no threshold is given, or the image has no embedding.
/// </param>
/// <param name="Error">Why it has none; <see langword="null"/> where it has one.</param>
public sealed record IdentificationResult(string Path, ImmutableArray<GalleryMatch> Matches, bool? IsKnown, string? Error);

/// <summary>Finds who images show: embeds them and searches a gallery.</summary>
public sealed class Identification
{
    private readonly IGalleryStore _store;
    private readonly GalleryNetwork _network;

    /// <summary>Joins a gallery and the network that it is made for.</summary>
    /// <exception cref="InvalidInputException">The network is another than the gallery's.</exception>
    public Identification(IGalleryStore store, GalleryNetwork network)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(network);
        store.Description.EnsureFits(network.Fingerprint, store.Name, "given");
        (_store, _network) = (store, network);
    }

    /// <summary>
    /// The cosine above which the best match is taken for who the image shows; <see langword="null"/> to say nothing of that.
    /// </summary>
    public double? Threshold { get; init; }

    /// <summary>What finds the identities; the gallery itself, exactly, where <see langword="null"/>.</summary>
    public IGallerySearch? Search { get; init; }

    /// <summary>Identities to name, 1 to <see cref="IGallerySearch.MaxMatches"/>.</summary>
    public int Count { get; init; } = 1;

    /// <summary>Identifies images, a batch at a time. One that cannot be used gets an error and does not disturb the others.</summary>
    /// <param name="paths">The image files.</param>
    /// <param name="batchSize">Images that the network and the search see at once, at least 1.</param>
    /// <param name="cancellationToken">Ends the work between batches.</param>
    public async IAsyncEnumerable<IdentificationResult> RunAsync(
        IEnumerable<string> paths, int batchSize = 16, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(paths);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        foreach (string[] batch in paths.Chunk(batchSize))
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var result in await RunBatchAsync(batch, cancellationToken).ConfigureAwait(false)) yield return result;
        }
    }

    private async Task<IdentificationResult[]> RunBatchAsync(string[] paths, CancellationToken cancellationToken)
    {
        var results = new IdentificationResult?[paths.Length];
        var files = new ImageBytes?[paths.Length];
        Parallel.For(0, paths.Length, new ParallelOptions { CancellationToken = cancellationToken }, i =>
        {
            try
            {
                files[i] = new ImageBytes(paths[i], InputFile.ReadAllBytes(paths[i]));
            }
            catch (InvalidInputException e)
            {
                results[i] = new IdentificationResult(paths[i], [], null, e.Message);
            }
        });
        int[] read = [.. Enumerable.Range(0, paths.Length).Where(i => files[i] is not null)];
        var embedded = _network.Embed([.. read.Select(i => files[i]!)], cancellationToken);
        int[] good = [.. Enumerable.Range(0, read.Length).Where(n => embedded[n].Error is null)];
        for (int n = 0; n < read.Length; n++)
            results[read[n]] = new IdentificationResult(paths[read[n]], [], null, embedded[n].Error);
        if (good.Length == 0) return results!;
        var found = await (Search ?? _store).SearchAsync([.. good.Select(n => embedded[n].Embedding)], Count,
            cancellationToken).ConfigureAwait(false);
        for (int i = 0; i < good.Length; i++)
        {
            string path = paths[read[good[i]]];
            bool? isKnown = Threshold is { } threshold ? found[i] is [var best, ..] && best.Score > threshold : null;
            results[read[good[i]]] = new IdentificationResult(path, found[i], isKnown, null);
        }

        return results!;
    }
}
