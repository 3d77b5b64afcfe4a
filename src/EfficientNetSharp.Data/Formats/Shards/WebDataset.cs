using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using EfficientNetSharp.Data.Folders;
using EfficientNetSharp.Files;
using EfficientNetSharp.Formats.Tar;
using EfficientNetSharp.Imaging.Codecs;

namespace EfficientNetSharp.Data.Formats.Shards;

/// <summary>
/// WebDataset shards: tar archives in which neighbouring members of one name are a sample, <c>0001.jpg</c> with <c>0001.cls</c> (the
/// class as a number or a name) or <c>0001.json</c> (the same under <c>label</c>, <c>cls</c> or <c>class</c>). The name ends at the first
/// dot behind the folder. Numbers are called by <c>classes.txt</c> or <c>classnames.txt</c> beside the shards, one name per line, where
/// there is one.
/// </summary>
internal sealed class WebDataset : IDatasetFormat
{
    private static readonly string[] NameFiles = ["classes.txt", "classnames.txt"];

    public DatasetParts? TryOpen(string path)
    {
        string[] files = File.Exists(path) ? (IsTar(path) ? [path] : []) : [.. Directory.EnumerateFiles(path).Where(IsTar)];
        if (files.Length == 0) return null;
        var (train, validation, test) = ShardNames.ByPart(files);
        string[][] groups = [train, validation, test];
        var shards = groups.Select(group => ShardListing.ReadAll(group, TarShard.Read)).ToArray();
        var all = shards.SelectMany(group => group).ToArray();
        // An archive of folders (as datasets are downloaded) has no labels beside its images.
        if (all.All(shard => shard.Samples.Length == 0))
        {
            if (Directory.Exists(path) && Directory.EnumerateDirectories(path).Any()) return null;
            throw new InvalidInputException(
                $"Expected tar archives with images and their labels (0001.jpg and 0001.cls or .json) in '{path}', found no such pair in " +
                $"{files.Length} archives. Unpack them, or name the folder that they are unpacked in.");
        }

        var parts = new DatasetParts("WebDataset shards", path);
        var reader = LabelReader.Of(all.SelectMany(shard => shard.Samples.Select(sample => sample.Label)).Distinct(), $"'{path}'");
        shards = [.. shards.Select(group => group.Select(shard => shard.WithLabels(reader)).ToArray())];
        all = [.. shards.SelectMany(group => group)];
        foreach (string name in all.SelectMany(shard => shard.Unlabelled)) parts.LeftOutItems.Add(LeftOutReason.Unlabelled, name);
        var classes = ClassLabels.Of(
            [.. all.SelectMany(shard => shard.Samples.Select(sample => sample.Label)).Distinct()],
            ReadNames(File.Exists(path) ? Path.GetDirectoryName(Path.GetFullPath(path))! : path), path);
        TarImages? Make(int group) => groups[group].Length == 0 ? null : new TarImages(
            classes.Names,
            groups[group],
            [.. shards[group]
                .Select(
                    shard => shard.Samples.Select(sample => new ShardRecord(sample.Offset, sample.Length, classes.LabelOf(sample.Label)))
                    .ToArray())],
            [.. shards[group].SelectMany(shard => shard.Samples.Select(sample => sample.Name))]);
        (parts.Train, parts.Validation, parts.Test) = (Make(0), Make(1), Make(2));
        return parts;
    }

    private static bool IsTar(string file) => file.EndsWith(".tar", StringComparison.OrdinalIgnoreCase);

    private static string[]? ReadNames(string folder) =>
        NameFiles.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists) is { } list
            ? [.. DatasetFiles.ReadLines(list)]
            : null;
}

/// <summary>An image in a tar archive with its label as the archive has it.</summary>
internal readonly record struct TarSample(string Name, long Offset, int Length, string Label);

/// <summary>The labelled images of a tar archive.</summary>
/// <param name="Path">The archive.</param>
/// <param name="Samples">Its labelled images.</param>
/// <param name="Unlabelled">Names of images without a label.</param>
internal sealed record TarShard(string Path, TarSample[] Samples, string[] Unlabelled)
{
    // Labels are numbers and names; a sample's JSON holds its caption and address too.
    private const int MaxLabelBytes = 1 << 20;

    public static TarShard Read(string path)
    {
        using var file = InputFile.Open(path);
        using var stream = file.OpenStream();
        var samples = new List<TarSample>();
        var unlabelled = new List<string>();
        string? key = null, label = null;
        (string Name, long Offset, int Length)? image = null;
        foreach (var member in TarMembers.Read(stream, path, DatasetErrors.Kind))
        {
            long offset = stream.Position;
            if (member.IsFile)
            {
                int dot = member.Name.IndexOf('.', member.Name.LastIndexOf('/') + 1);
                string name = dot < 0 ? member.Name : member.Name[..dot],
                    ending = dot < 0 ? "" : member.Name[(dot + 1)..].ToLowerInvariant();
                if (name != key)
                {
                    Finish();
                    key = name;
                }

                if (ImageFiles.IsImage(member.Name) && member.Length <= Array.MaxLength)
                    image ??= (member.Name, offset, (int)member.Length);
                else if (ending is "cls" or "cls.txt" or "json") label = ReadLabel(file, path, member, offset, ending) ?? label;
            }

            stream.Position = offset;
            TarMembers.Skip(stream, member.Length, path, DatasetErrors.Kind);
        }

        Finish();
        return new TarShard(path, [.. samples], [.. unlabelled]);

        void Finish()
        {
            if (image is { } found && label is not null) samples.Add(new TarSample(found.Name, found.Offset, found.Length, label));
            else if (image is { } bare) unlabelled.Add($"{System.IO.Path.GetFileName(path)}/{bare.Name}");
            (image, label) = (null, null);
        }
    }

    /// <summary>The shard with labels as classes are called, and without the images whose label says that there is none.</summary>
    public TarShard WithLabels(LabelReader reader)
    {
        var labelled = Samples.Select(sample => (Sample: sample, Label: reader.Read(sample.Label)))
            .ToLookup(pair => pair.Label is not null);
        return this with
        {
            Samples = [.. labelled[true].Select(pair => pair.Sample with { Label = pair.Label! })],
            Unlabelled =
                [.. Unlabelled, .. labelled[false].Select(pair => $"{System.IO.Path.GetFileName(Path)}/{pair.Sample.Name}")],
        };
    }

    private static string? ReadLabel(InputFile file, string path, TarMember member, long offset, string ending)
    {
        if (member.Length > MaxLabelBytes)
            throw DatasetErrors.Damaged(path, $"the label {OneLine.Quote(member.Name)} in it has {member.Length} bytes");
        var bytes = new byte[member.Length];
        file.ReadExactly(offset, bytes);
        if (ending != "json") return Encoding.UTF8.GetString(bytes).Trim();
        try
        {
            using var json = JsonDocument.Parse(bytes);
            if (json.RootElement.ValueKind != JsonValueKind.Object) return null;
            foreach (string name in (ReadOnlySpan<string>)["label", "cls", "class"])
            {
                if (json.RootElement.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String or JsonValueKind.Number)
                    return value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText();
            }

            return null;
        }
        catch (JsonException e)
        {
            throw DatasetErrors.Damaged(path, $"{OneLine.Quote(member.Name)} in it is no JSON", e);
        }
    }
}

/// <summary>The images of tar shards.</summary>
internal sealed class TarImages(ImmutableArray<string> classes, string[] paths, IReadOnlyList<ShardRecord[]> records, string[] names)
    : ShardedDataset(classes, paths, records)
{
    public override string NameOf(int index) => $"{Path.GetFileName(paths[ShardOf(index)])}/{names[index]}";

    protected override void Read(InputFile file, ShardRecord record, string name, EncodedBuffer buffer) =>
        file.ReadExactly(record.Offset, buffer.Resize(record.Length));
}
