using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using EfficientNetSharp.Files;
using Parquet;
using Parquet.Data;
using Parquet.Schema;

namespace EfficientNetSharp.Data.Formats.Shards;

/// <summary>
/// Parquet files as the Hugging Face hub holds image sets: a column <c>image</c> of records with <c>bytes</c> and <c>path</c>, and a
/// column of labels, whose class names stand in the files' metadata under <c>huggingface</c> (<c>info.features.*.names</c>). Read with
/// Parquet.Net.
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

    public static ParquetShard Read(string path) => Guard(path, () => ReadAsync(path).GetAwaiter().GetResult());

    /// <summary>The file with labels as classes are called.</summary>
    public ParquetShard WithLabels(LabelReader reader) =>
        this with { Groups = [.. Groups.Select(group => group with { Labels = [.. group.Labels.Select(reader.Read)] })] };

    /// <summary>The encoded images of a row group.</summary>
    public static byte[]?[] ReadImages(string path, int group) => Guard(path, () => ReadImagesAsync(path, group).GetAwaiter().GetResult());

    private static async Task<ParquetShard> ReadAsync(string path)
    {
        using var file = InputFile.Open(path);
        var reader = await ParquetReader.CreateAsync(file.OpenStream()).ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            var features = Features.Of(reader.CustomMetadata, path);
            FindImages(reader.Schema, path);
            var labels = reader.Schema.DataFields.FirstOrDefault(field => field.Path.ToString() == features.Label)
                ?? LabelNames.Select(name => reader.Schema.DataFields.FirstOrDefault(field => field.Path.ToString() == name))
                    .FirstOrDefault(field => field is not null)
                ?? throw DatasetErrors.Unusable(path, $"it has no column of labels ({string.Join(", ", LabelNames)})", "rename the column");
            var groups = ImmutableArray.CreateBuilder<ParquetGroup>();
            for (int i = 0; i < reader.RowGroupCount; i++)
            {
                using var rows = reader.OpenRowGroupReader(i);
                groups.Add(new ParquetGroup(rows.RowGroup.TotalByteSize, await ReadLabelsAsync(rows, labels, path).ConfigureAwait(false)));
            }

            return new ParquetShard(path, groups.ToImmutable(), features.Names);
        }
    }

    private static async Task<string?[]> ReadLabelsAsync(ParquetRowGroupReader rows, DataField field, string path)
    {
        using var column = await rows.ReadRawColumnDataBaseAsync(field).ConfigureAwait(false);
        return column switch
        {
            RawColumnData<long> numbers => Spread(numbers, field, number => number.ToString(CultureInfo.InvariantCulture)),
            RawColumnData<int> numbers => Spread(numbers, field, number => number.ToString(CultureInfo.InvariantCulture)),
            RawColumnData<ReadOnlyMemory<char>> texts => Spread(texts, field, text => text.ToString()),
            _ => throw DatasetErrors.Unusable(
                path, $"its column '{field.Path}' has the type {field.ClrType.Name}",
                "labels are whole numbers of 32 or 64 bits, or texts"),
        };
    }

    // Only values that are there are stored; the definition level of a row says whether it has one. The library's own way to spread them
    // counts a record that lacks a field as if it had it.
    private static TOut?[] Spread<T, TOut>(RawColumnData<T> column, DataField field, Func<T, TOut> convert)
        where T : struct
        where TOut : class
    {
        var values = column.Values;
        var levels = column.DefinitionLevels;
        var spread = new TOut?[levels.IsEmpty ? values.Length : levels.Length];
        int next = 0;
        for (int row = 0; row < spread.Length; row++)
        {
            if (levels.IsEmpty || levels[row] == field.MaxDefinitionLevel) spread[row] = convert(values[next++]);
        }

        return spread;
    }

    private static async Task<byte[]?[]> ReadImagesAsync(string path, int group)
    {
        using var file = InputFile.Open(path);
        var reader = await ParquetReader.CreateAsync(file.OpenStream()).ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            using var rows = reader.OpenRowGroupReader(group);
            var field = FindImages(reader.Schema, path);
            using var column = await rows.ReadRawColumnDataBaseAsync(field).ConfigureAwait(false);
            return column is RawColumnData<ReadOnlyMemory<byte>> images
                ? Spread(images, field, image => image.ToArray())
                : throw DatasetErrors.Unusable(path, $"its column '{field.Path}' has the type {field.ClrType.Name}", "images are bytes");
        }
    }

    private static DataField FindImages(ParquetSchema schema, string path) =>
        schema.DataFields.FirstOrDefault(field => field.Path.ToString() is "image/bytes" or "img/bytes")
        ?? schema.DataFields.FirstOrDefault(
            field => field.Path.ToString().EndsWith("/bytes", StringComparison.Ordinal) && field.MaxRepetitionLevel == 0)
        ?? schema.DataFields.FirstOrDefault(
            field => field.Path.ToString() is "image" or "img" or "bytes" && field.ClrType == typeof(ReadOnlyMemory<byte>))
        ?? throw DatasetErrors.Unusable(path, "it has no column of images (image.bytes)", "name the column 'image'");

    private static T Guard<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is not InvalidInputException)
        {
            // The library throws whatever it comes upon in a damaged file, and asks for as much memory as that says.
            throw DatasetErrors.Damaged(path, $"it cannot be read as Parquet ({OneLine.Clean(e.Message, 120).TrimEnd('.')})", e);
        }
    }

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
