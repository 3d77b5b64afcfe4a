using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Data.Formats.Shards.Parquet;

/// <summary>
/// Parquet files as the Hugging Face hub holds image sets: a column <c>image</c> of records with <c>bytes</c> and <c>path</c>, and a
/// column of labels, whose class names stand in the files' metadata under <c>huggingface</c> (<c>info.features.*.names</c>). Read by
/// <see cref="ParquetPages"/>, since a file from elsewhere must not be able to ask for more than it has.
/// </summary>
internal sealed class ParquetFiles : IDatasetFormat
{
    public DatasetParts? TryOpen(string path)
    {
        string[] files = File.Exists(path) ? (IsParquet(path) ? [path] : []) : [.. Directory.EnumerateFiles(path).Where(IsParquet)];
        if (files.Length == 0 && Directory.Exists(Path.Combine(path, "data")))
            files = [.. Directory.EnumerateFiles(Path.Combine(path, "data")).Where(IsParquet)];
        if (files.Length == 0) return null;
        var parts = new DatasetParts("Parquet files", path);
        if (ShardNames.MissingNote(files) is { } missing) parts.Warn(missing);
        var (train, validation, test) = ShardNames.ByPart(files);
        string[][] groups = [train, validation, test];
        var shards = groups.Select(group => ShardListing.ReadAll(group, ParquetShard.Read)).ToArray();
        var reader = LabelReader.Of(
            shards.SelectMany(group => group).SelectMany(shard => shard.Groups).SelectMany(group => group.Labels).Distinct(), $"'{path}'");
        shards = [.. shards.Select(group => group.Select(shard => shard.WithLabels(reader)).ToArray())];
        var all = shards.SelectMany(group => group).ToArray();
        var names = all.Select(shard => shard.ClassNames).FirstOrDefault(found => found is not null);
        var classes = ClassLabels.Of(
            [.. all.SelectMany(shard => shard.Groups).SelectMany(group => group.Labels).OfType<string>().Distinct()], names, path);
        ImmutableArray<string> unlabelled = [.. all.SelectMany(shard => shard.UnlabelledRows)];
        if (!unlabelled.IsEmpty)
            parts.LeftOutOfLists.Add(new LeftOut(LeftOutReason.Unlabelled, unlabelled) { What = "rows without a label" });
        ParquetImages? Make(int group) => groups[group].Length == 0 ? null : new ParquetImages(classes, shards[group]);
        (parts.Train, parts.Validation, parts.Test) = (Make(0), Make(1), Make(2));
        return parts;
    }

    private static bool IsParquet(string file) => file.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase);
}

/// <summary>A row group: the rows that are packed together.</summary>
/// <param name="Bytes">Its size unpacked.</param>
/// <param name="Labels">The rows' labels as text; <see langword="null"/> where a row has none.</param>
internal sealed record ParquetGroup(long Bytes, string?[] Labels);

/// <summary>What a Parquet file holds, without its images.</summary>
internal sealed record ParquetShard(string Path, ImmutableArray<ParquetGroup> Groups, IReadOnlyList<string>? ClassNames)
{
    /// <summary>The rows without a label, as their images would be called.</summary>
    public IEnumerable<string> UnlabelledRows => Groups.SelectMany((group, number) => group.Labels.Index()
        .Where(row => row.Item is null).Select(row => ParquetImages.NameOf(Path, number, row.Index)));

    private static readonly string[] LabelNames = ["label", "labels", "class", "target", "fine_label"];

    public static ParquetShard Read(string path)
    {
        using var file = InputFile.Open(path);
        var metadata = ParquetMetadata.Read(file);
        var features = Features.Of(metadata.Texts, path);
        var images = FindImages(metadata, path);
        var labels = LabelNames.Prepend(features.Label).Select(name => metadata.Columns.FirstOrDefault(column => column.Path == name))
            .FirstOrDefault(found => found is not null)
            ?? throw DatasetErrors.Unusable(path, $"it has no column of labels ({string.Join(", ", LabelNames)})", "rename the column");
        if (labels.Type is not (ParquetType.Int32 or ParquetType.Int64 or ParquetType.ByteArray))
        {
            throw DatasetErrors.Unusable(
                path, $"its column {OneLine.Quote(labels.Path)} has the type {labels.Type}",
                "labels are whole numbers of 32 or 64 bits, or texts");
        }

        var groups = ImmutableArray.CreateBuilder<ParquetGroup>();
        long left = ParquetPages.MaxRows(file.Length), room = ParquetPages.MaxBytes(file.Length);
        foreach (var chunks in metadata.Groups)
        {
            left -= chunks[labels.Index].Values;
            if (left < 0)
                throw DatasetErrors.Damaged(path, $"it has over {ParquetPages.MaxRows(file.Length)} rows in {file.Length} bytes");
            var stated = chunks[images.Index];
            groups.Add(new ParquetGroup(Math.Max(stated.UnpackedBytes, stated.PackedBytes),
                ReadLabels(file, labels, chunks[labels.Index], ref room)));
        }

        return new ParquetShard(path, groups.ToImmutable(), features.Names);
    }

    /// <summary>The file with labels as classes are called.</summary>
    public ParquetShard WithLabels(LabelReader reader) =>
        this with { Groups = [.. Groups.Select(group => group with { Labels = [.. group.Labels.Select(reader.Read)] })] };

    /// <summary>The encoded images of a row group; nothing for rows without.</summary>
    public static ReadOnlyMemory<byte>?[] ReadImages(string path, int group)
    {
        using var file = InputFile.Open(path);
        var metadata = ParquetMetadata.Read(file);
        if (group >= metadata.Groups.Length) throw DatasetErrors.Damaged(path, "it has fewer row groups than before");
        var column = FindImages(metadata, path);
        long room = ParquetPages.MaxBytes(file.Length);
        return ParquetPages.Read<ReadOnlyMemory<byte>>(
            file, column, metadata.Groups[group][column.Index], ref room, _ => throw new InvalidOperationException("Bytes are asked for."),
            bytes => bytes);
    }

    // Labels are told apart by their texts, of which there are few; each is kept once.
    private static string?[] ReadLabels(InputFile file, ParquetColumn column, ParquetChunk chunk, ref long room)
    {
        var known = new Dictionary<string, string>(StringComparer.Ordinal);
        var labels = ParquetPages.Read(
            file, column, chunk, ref room, number => new Label(number.ToString(CultureInfo.InvariantCulture)),
            bytes => new Label(Encoding.UTF8.GetString(bytes.Span)));
        return [.. labels.Select(label => label is { } found ? Once(found.Text) : null)];

        string Once(string text) => known.TryGetValue(text, out string? kept) ? kept : known[text] = text;
    }

    private static ParquetColumn FindImages(ParquetMetadata metadata, string path)
    {
        var column = metadata.Columns.FirstOrDefault(column => column.Path is "image/bytes" or "img/bytes")
            ?? metadata.Columns.FirstOrDefault(column => column.Path.EndsWith("/bytes", StringComparison.Ordinal) && !column.IsRepeated)
            ?? metadata.Columns.FirstOrDefault(
                column => column.Path is "image" or "img" or "bytes" && column is { Type: ParquetType.ByteArray, IsText: false })
            ?? throw DatasetErrors.Unusable(path, "it has no column of images (image.bytes)", "name the column 'image'");
        return column.Type == ParquetType.ByteArray
            ? column
            : throw DatasetErrors.Unusable(path, $"its column {OneLine.Quote(column.Path)} has the type {column.Type}", "images are bytes");
    }

    private readonly record struct Label(string Text);

    /// <summary>What the metadata of the hub say of the columns.</summary>
    private sealed record Features(string? Label, IReadOnlyList<string>? Names)
    {
        public static Features Of(Dictionary<string, string> metadata, string path)
        {
            if (!metadata.TryGetValue("huggingface", out string? text)) return new Features(null, null);
            try
            {
                using var json = JsonDocument.Parse(text);
                if (!json.RootElement.TryGetProperty("info", out var info) || !info.TryGetProperty("features", out var features))
                    return new Features(null, null);
                foreach (var feature in features.EnumerateObject())
                {
                    if (feature.Value.ValueKind == JsonValueKind.Object && feature.Value.TryGetProperty("_type", out var type)
                        && type.ValueEquals("ClassLabel") && feature.Value.TryGetProperty("names", out var names))
                        return new Features(feature.Name, [.. names.EnumerateArray().Select(name => name.GetString() ?? "")]);
                }

                return new Features(null, null);
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException)
            {
                throw DatasetErrors.Damaged(path, "its metadata 'huggingface' are no JSON of features", e);
            }
        }
    }
}
