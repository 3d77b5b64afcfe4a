using System.Collections.Immutable;
using System.Security.Cryptography;
using EfficientNetSharp.Imaging.Codecs;

namespace EfficientNetSharp.Data.Inspection;

/// <summary>
/// Looks at every image of a dataset: whether it decodes, its size and kind, and whether it is there more than once, within a part or
/// across parts.
/// </summary>
public static class DatasetInspector
{
    /// <summary>What is kept of an image: 50 bytes for each of a million.</summary>
    private readonly record struct Look(UInt128 Content, ulong Hash, int Width, int Height, EncodedKind Kind, string? Failure);

    /// <summary>Inspects a dataset.</summary>
    /// <param name="dataset">The dataset as it lies on disk.</param>
    /// <param name="options">Threads and distance; <see langword="null"/> for the defaults.</param>
    /// <param name="progress">Told of the images looked at so far, from several threads.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static DatasetReport Inspect(
        DatasetParts dataset, InspectionOptions? options = null, IProgress<int>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        options ??= new InspectionOptions();
        (string Name, IImageDataset Images)[] parts = [.. dataset.All];
        int[] starts = new int[parts.Length + 1];
        for (int i = 0; i < parts.Length; i++) starts[i + 1] = starts[i] + parts[i].Images.Count;
        var looks = LookAtAll(parts, starts, options, progress, cancellationToken);
        InspectedImage Describe(int at)
        {
            int part = PartOf(starts, at), index = at - starts[part];
            var images = parts[part].Images;
            return new InspectedImage(parts[part].Name, index, images.NameOf(index), images.Classes[images.LabelOf(index)]);
        }

        var groups = Duplicates.Find(
            [.. looks.Select(look => look.Content)], [.. looks.Select(look => look.Failure is null ? look.Hash : (ulong?)null)],
            options.NearDistance, cancellationToken);
        return new DatasetReport
        {
            Format = dataset.Format,
            Classes = parts.Length == 0 ? [] : parts[0].Images.Classes,
            Parts = [.. parts.Select((part, i) => Summarize(part.Name, part.Images, looks.AsSpan(starts[i], starts[i + 1] - starts[i])))],
            Broken = [.. Enumerable.Range(0, looks.Length).Where(at => looks[at].Failure is not null)
                .Select(at => new UnreadableImage(Describe(at), looks[at].Failure!))],
            Duplicates = [.. groups.Select(group => new DuplicateGroup([.. group.Members.Select(Describe)], group.IsExact))
                .OrderBy(group => !group.IsExact).ThenBy(group => !group.IsLeak).ThenBy(group => !group.IsContradiction)],
            LeftOut = dataset.LeftOut,
            Warnings = [.. dataset.Warnings],
        };
    }

    private static Look[] LookAtAll(
        (string Name, IImageDataset Images)[] parts, int[] starts, InspectionOptions options, IProgress<int>? progress,
        CancellationToken cancellationToken)
    {
        var looks = new Look[starts[^1]];
        int done = 0;
        var settings = new ParallelOptions
        {
            MaxDegreeOfParallelism = options.Workers ?? Environment.ProcessorCount,
            CancellationToken = cancellationToken,
        };
        Parallel.For(0, looks.Length, settings, () => new EncodedBuffer(), (at, _, buffer) =>
        {
            int part = PartOf(starts, at);
            looks[at] = LookAt(parts[part].Images, at - starts[part], buffer, options.NearDistance >= 0);
            progress?.Report(Interlocked.Increment(ref done));
            return buffer;
        }, _ => { });
        return looks;
    }

    private static Look LookAt(IImageDataset images, int index, EncodedBuffer buffer, bool hash)
    {
        try
        {
            images.ReadEncoded(index, buffer);
            Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(buffer.Bytes, digest);
            var content = new UInt128(BitConverter.ToUInt64(digest), BitConverter.ToUInt64(digest[8..]));
            using var image = ImageDecoder.Decode(buffer.Bytes, images.NameOf(index));
            return new Look(content, hash ? PerceptualHash.Of(image) : 0, image.Width, image.Height, EncodedKind.Of(buffer.Bytes), null);
        }
        catch (InvalidInputException failure)
        {
            return new Look(UInt128.Zero, 0, 0, 0, default, failure.Message);
        }
    }

    private static PartReport Summarize(string name, IImageDataset images, ReadOnlySpan<Look> looks)
    {
        int[] counts = new int[images.Classes.Length];
        for (int i = 0; i < images.Count; i++) counts[images.LabelOf(i)]++;
        Look[] good = [.. looks.ToArray().Where(look => look.Failure is null)];
        return new PartReport
        {
            Name = name,
            Count = images.Count,
            ClassCounts = [.. counts],
            Widths = SpreadOf(good, look => look.Width),
            Heights = SpreadOf(good, look => look.Height),
            Aspects = SpreadOf(good, look => (double)look.Width / look.Height),
            Formats = CountOf(good, look => look.Kind.Format),
            Channels = CountOf(good, look => look.Kind.Channels),
        };
    }

    private static Spread SpreadOf(Look[] looks, Func<Look, double> measure)
    {
        if (looks.Length == 0) return default;
        double[] sorted = [.. looks.Select(measure).Order()];
        return new Spread(sorted[0], sorted[(sorted.Length - 1) / 2], sorted[^1]);
    }

    private static ImmutableArray<KeyValuePair<string, int>> CountOf(Look[] looks, Func<Look, string> key) =>
        [.. looks.GroupBy(key).Select(group => KeyValuePair.Create(group.Key, group.Count())).OrderByDescending(pair => pair.Value)
            .ThenBy(pair => pair.Key, StringComparer.Ordinal)];

    private static int PartOf(int[] starts, int at)
    {
        int part = 0;
        while (at >= starts[part + 1]) part++;
        return part;
    }
}
