using System.Runtime.CompilerServices;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Recognition.Enrolment;

/// <summary>An image and whose it is said to be.</summary>
/// <param name="Path">The image file.</param>
/// <param name="Identity">The name.</param>
public sealed record EnrolmentImage(string Path, string Identity);

/// <summary>What became of an image.</summary>
public enum EnrolmentOutcome
{
    /// <summary>It is enrolled, and on disk.</summary>
    Enrolled,

    /// <summary>The same file was enrolled for this identity before.</summary>
    AlreadyEnrolled,

    /// <summary>It is not enrolled, for the reason given.</summary>
    Rejected,
}

/// <summary>What became of an image.</summary>
/// <param name="Image">The image.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Rejection">Why it was rejected; <see langword="null"/> where it was not.</param>
/// <param name="SampleId">The store's number of its embedding; <see langword="null"/> where none was stored now.</param>
public sealed record EnrolmentResult(EnrolmentImage Image, EnrolmentOutcome Outcome, Rejection? Rejection, long? SampleId);

/// <summary>How images are enrolled.</summary>
public sealed record EnrolmentOptions
{
    /// <summary>How they are looked at before; <see cref="ReviewMode.Standard"/> by default.</summary>
    public ReviewMode Review { get; init; } = ReviewMode.Standard;

    /// <summary>The cosine above which two images count as of one identity; <see langword="null"/> where none is known.</summary>
    public double? Threshold { get; init; }

    /// <summary>Images that are embedded and stored together, 16 by default: what a crash undoes at most.</summary>
    public int BatchSize { get; init; } = 16;
}

/// <summary>
/// Enrolls images: reads, reviews, embeds and stores them, a batch at a time. What was enrolled before is known by the file's contents and
/// costs no network run, so that an enrolment that was interrupted goes on where it was by being started again.
/// </summary>
public sealed class Enroller
{
    private readonly IGalleryStore _store;
    private readonly GalleryNetwork _network;
    private readonly EnrolmentOptions _options;
    private readonly TimeProvider _clock;
    private readonly Review _review;

    /// <summary>Joins a gallery and the network that it is made for.</summary>
    /// <param name="store">The gallery.</param>
    /// <param name="network">Its network.</param>
    /// <param name="options">How; <see langword="null"/> for the defaults.</param>
    /// <param name="clock">Says when an image is enrolled; the system's where <see langword="null"/>.</param>
    /// <exception cref="InvalidInputException">The network is another than the gallery's.</exception>
    public Enroller(IGalleryStore store, GalleryNetwork network, EnrolmentOptions? options = null, TimeProvider? clock = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(network);
        store.Description.EnsureFits(network.Fingerprint, store.Name, "given");
        (_store, _network, _options, _clock) = (store, network, options ?? new EnrolmentOptions(), clock ?? TimeProvider.System);
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.BatchSize, 1);
        var preprocessing = network.Fingerprint.Preprocessing;
        _review = new Review(_options.Review, _options.Threshold, Math.Min(preprocessing.Height, preprocessing.Width));
    }

    /// <summary>
    /// Refuses names that cannot be enrolled, or that differ from each other or from those of the gallery in capitals alone, before any
    /// work.
    /// </summary>
    /// <exception cref="InvalidInputException">There is such a name; the message has both.</exception>
    public async Task EnsureNamesAsync(IEnumerable<string> names, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(names);
        var known = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (string name in names.Distinct(StringComparer.Ordinal))
        {
            GallerySample.CheckName(name);
            EnsureSpelling(known.GetValueOrDefault(name), name, "another is");
            known.Add(name, name);
        }

        await foreach (var identity in _store.ListAsync(cancellationToken).ConfigureAwait(false))
            EnsureSpelling(identity.Name, known.GetValueOrDefault(identity.Name), "the gallery has");
    }

    /// <summary>Enrolls images. Results come as soon as their batch is stored, in the order of the images.</summary>
    /// <param name="images">The images; those of an identity had better follow each other.</param>
    /// <param name="cancellationToken">Ends the work between batches with <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="InvalidInputException">A name cannot be enrolled.</exception>
    /// <exception cref="GalleryUnavailableException">The store does not answer; what results came for is kept.</exception>
    public async IAsyncEnumerable<EnrolmentResult> EnrollAsync(
        IEnumerable<EnrolmentImage> images, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        var own = new OwnSamples(_store);
        foreach (var batch in images.Chunk(_options.BatchSize))
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var result in await EnrollBatchAsync(batch, own, cancellationToken).ConfigureAwait(false)) yield return result;
        }
    }

    private async Task<EnrolmentResult[]> EnrollBatchAsync(EnrolmentImage[] batch, OwnSamples own, CancellationToken cancellationToken)
    {
        foreach (var image in batch) GallerySample.CheckName(image.Identity);
        var results = new EnrolmentResult?[batch.Length];
        var files = new ImageBytes?[batch.Length];
        Parallel.For(0, batch.Length, new ParallelOptions { CancellationToken = cancellationToken }, i =>
        {
            try
            {
                files[i] = new ImageBytes(batch[i].Path, InputFile.ReadAllBytes(batch[i].Path));
            }
            catch (InvalidInputException e)
            {
                results[i] = Rejected(batch[i], new Rejection(RejectionReason.Unreadable, e.Message.TrimEnd('.')));
            }
        });
        await KnowAgainAsync(batch, files, results, cancellationToken).ConfigureAwait(false);

        int[] fresh = [.. Enumerable.Range(0, batch.Length).Where(i => results[i] is null)];
        var embedded = _network.Embed([.. fresh.Select(i => files[i]!)], cancellationToken);
        var accepted = new List<(int Place, GallerySample Sample)>();
        var neighbours = await NeighboursAsync(embedded, cancellationToken).ConfigureAwait(false);
        for (int n = 0; n < fresh.Length; n++)
        {
            var image = batch[fresh[n]];
            var rejection = _review.OfImage(embedded[n])
                ?? await ReviewNeighboursAsync(image, embedded[n], neighbours[n], accepted, own, cancellationToken).ConfigureAwait(false);
            if (rejection is not null)
            {
                results[fresh[n]] = Rejected(image, rejection);
                continue;
            }

            accepted.Add((fresh[n], new GallerySample
            {
                Identity = image.Identity, Embedding = embedded[n].Embedding, Source = image.Path,
                    ContentHash = embedded[n].Image.ContentHash,
                Enrolled = _clock.GetUtcNow(),
            }));
        }

        var ids = await _store.AddAsync([.. accepted.Select(one => one.Sample)], cancellationToken).ConfigureAwait(false);
        for (int i = 0; i < accepted.Count; i++)
        {
            var (place, sample) = accepted[i];
            own.Add(sample.Identity, sample.Embedding);
            results[place] = new EnrolmentResult(batch[place], EnrolmentOutcome.Enrolled, null, ids[i]);
        }

        return results!;
    }

    // Files that are enrolled already, or stand twice in the batch.
    private async Task KnowAgainAsync(
        EnrolmentImage[] batch, ImageBytes?[] files, EnrolmentResult?[] results, CancellationToken cancellationToken)
    {
        int[] read = [.. Enumerable.Range(0, batch.Length).Where(i => files[i] is not null)];
        var owners = await _store.FindContentAsync([.. read.Select(i => files[i]!.ContentHash)], cancellationToken).ConfigureAwait(false);
        var inBatch = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        for (int n = 0; n < read.Length; n++)
        {
            int i = read[n];
            if (!inBatch.TryGetValue(files[i]!.ContentHash, out var earlier)) inBatch.Add(files[i]!.ContentHash, earlier = []);
            string identity = batch[i].Identity;
            if (owners[n].Contains(identity) || earlier.Contains(identity))
                results[i] = new EnrolmentResult(batch[i], EnrolmentOutcome.AlreadyEnrolled, null, null);
            else if (_review.OfFile(identity, owners[n].Concat(earlier)) is { } rejection)
                results[i] = Rejected(batch[i], rejection);
            else
                earlier.Add(identity);
        }
    }

    private async Task<IReadOnlyList<GalleryMatch>[]> NeighboursAsync(
        IReadOnlyList<EmbeddedImage> images, CancellationToken cancellationToken)
    {
        var all = images.Select(_ => (IReadOnlyList<GalleryMatch>)[]).ToArray();
        int[] good = [.. Enumerable.Range(0, images.Count).Where(i => images[i].Error is null)];
        if (_options.Review == ReviewMode.Off || good.Length == 0) return all;
        // The nearest of another identity is among the nearest two.
        var found = await _store.SearchAsync([.. good.Select(i => images[i].Embedding)], 2, cancellationToken).ConfigureAwait(false);
        for (int i = 0; i < good.Length; i++) all[good[i]] = found[i];
        return all;
    }

    private async Task<Rejection?> ReviewNeighboursAsync(
        EnrolmentImage image, EmbeddedImage embedded, IReadOnlyList<GalleryMatch> matches, List<(int Place, GallerySample Sample)> accepted,
        OwnSamples own, CancellationToken cancellationToken)
    {
        if (_options.Review == ReviewMode.Off) return null;
        double? mine = null;
        (string Identity, double Cosine)? other = null;
        foreach (var match in matches) Look(match.Identity, match.Score);
        // One that did not come near enough to be among the matches may still have images.
        foreach (var sample in await own.OfAsync(image.Identity, cancellationToken).ConfigureAwait(false))
            Look(image.Identity, UnitVector.Cosine(sample.Span, embedded.Embedding.Span));
        foreach (var (_, sample) in accepted) Look(sample.Identity, UnitVector.Cosine(sample.Embedding.Span, embedded.Embedding.Span));
        return _review.OfNeighbours(mine, other);

        void Look(string identity, double cosine)
        {
            if (identity == image.Identity) mine = Math.Max(mine ?? cosine, cosine);
            else if (other is null || cosine > other.Value.Cosine) other = (identity, cosine);
        }
    }

    private static EnrolmentResult Rejected(EnrolmentImage image, Rejection rejection) =>
        new(image, EnrolmentOutcome.Rejected, rejection, null);

    private static void EnsureSpelling(string? known, string? name, string who)
    {
        if (known is null || name is null || known == name) return;
        throw new InvalidInputException(
            $"The identity {OneLine.Quote(name)} differs in capitals alone from {OneLine.Quote(known)}, which {who} as well; write one of them.");
    }

    /// <summary>Embeddings of the identities that came last.</summary>
    private sealed class OwnSamples(IGalleryStore store)
    {
        // Images of an identity follow each other; a batch may hold as many identities as images.
        private const int MaxIdentities = 64;

        private readonly Dictionary<string, List<ReadOnlyMemory<float>>> _known = new(StringComparer.Ordinal);

        public async Task<IReadOnlyList<ReadOnlyMemory<float>>> OfAsync(string identity, CancellationToken cancellationToken)
        {
            if (_known.TryGetValue(identity, out var samples)) return samples;
            if (_known.Count == MaxIdentities) _known.Clear();
            samples = [];
            await foreach (var sample in store.ReadAsync(identity, cancellationToken).ConfigureAwait(false)) samples.Add(sample.Embedding);
            _known.Add(identity, samples);
            return samples;
        }

        public void Add(string identity, ReadOnlyMemory<float> embedding)
        {
            if (_known.TryGetValue(identity, out var samples)) samples.Add(embedding);
        }
    }
}
