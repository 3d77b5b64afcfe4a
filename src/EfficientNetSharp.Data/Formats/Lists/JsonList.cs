using System.Text.Json;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Data.Formats.Lists;

/// <summary>
/// Lists as JSON: an object on each line (<c>.jsonl</c>, as the Hugging Face hub's <c>metadata.jsonl</c>), an array of objects, alone or as
/// the only array of an object, or one object of images and their labels. The objects' keys are the columns.
/// </summary>
internal static class JsonList
{
    // A document takes several times its bytes in memory; a million images have some 100 MB.
    private const int MaxBytes = 1 << 28;

    /// <summary>Whether a file is called so.</summary>
    public static bool IsCalledSo(string path) => IsLines(path) || path.EndsWith(".json", StringComparison.OrdinalIgnoreCase);

    /// <summary>The columns' names and the rows.</summary>
    /// <exception cref="InvalidInputException">It cannot be read, or is no list.</exception>
    public static (string[] Header, List<CsvRow> Rows) Read(string path)
    {
        using var file = InputFile.Open(path);
        if (file.Length > MaxBytes)
            throw DatasetErrors.Unusable(path, $"it has {file.Length} bytes", "lists of images have less; check what it is");
        try
        {
            if (!IsLines(path))
            {
                using var whole = JsonDocument.Parse(file.OpenStream());
                return Labels(whole.RootElement) ?? Table(path, Entries(path, whole.RootElement));
            }

            using var reader = new StreamReader(file.OpenStream());
            var documents = new List<JsonElement>();
            while (reader.ReadLine() is { } line)
            {
                if (string.IsNullOrWhiteSpace(line)) continue;
                using var document = JsonDocument.Parse(line);
                documents.Add(document.RootElement.Clone());
            }

            return Table(path, documents);
        }
        catch (InvalidOperationException e)
        {
            // Only so the library says that an escape is half of a surrogate pair.
            throw DatasetErrors.Damaged(path, "a text of it has half of a character", e);
        }
        catch (JsonException e)
        {
            throw DatasetErrors.Damaged(path, $"it is no JSON ({OneLine.Clean(e.Message, 120).TrimEnd('.')})", e);
        }
    }

    private static bool IsLines(string path) => path.EndsWith(".jsonl", StringComparison.OrdinalIgnoreCase);

    private static IReadOnlyList<JsonElement> Entries(string path, JsonElement root)
    {
        if (root.ValueKind == JsonValueKind.Array) return [.. root.EnumerateArray()];
        if (root.ValueKind != JsonValueKind.Object) throw NoList(path);
        JsonProperty[] arrays = [.. root.EnumerateObject().Where(property => property.Value.ValueKind == JsonValueKind.Array)];
        return arrays.Length == 1 ? [.. arrays[0].Value.EnumerateArray()] : throw NoList(path);
    }

    // {"1.jpg": "cat", "2.jpg": "dog"}
    private static (string[] Header, List<CsvRow> Rows)? Labels(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object) return null;
        JsonProperty[] properties = [.. root.EnumerateObject()];
        bool areLabels = properties.Length > 0 && Array.TrueForAll(
            properties, property => property.Value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array));
        return areLabels
            ? (["path", "label"], [.. properties.Select((property, i) => new CsvRow(i + 1, [property.Name, Text(property.Value)]))])
            : null;
    }

    private static (string[] Header, List<CsvRow> Rows) Table(string path, IReadOnlyList<JsonElement> entries)
    {
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var entry in entries)
        {
            if (entry.ValueKind != JsonValueKind.Object) throw NoList(path);
            foreach (var property in entry.EnumerateObject()) places.TryAdd(property.Name, places.Count);
        }

        var rows = new List<CsvRow>(entries.Count);
        foreach (var (number, entry) in entries.Index())
        {
            string[] cells = new string[places.Count];
            Array.Fill(cells, "");
            foreach (var property in entry.EnumerateObject()) cells[places[property.Name]] = Text(property.Value);
            rows.Add(new CsvRow(number + 1, cells));
        }

        return ([.. places.Keys], rows);
    }

    private static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Null => "",
        JsonValueKind.Array when value.GetArrayLength() == 1 => Text(value[0]),
        _ => value.GetRawText(),
    };

    private static InvalidInputException NoList(string path) => DatasetErrors.Unusable(
        path, "it is no list of images: expected an array of objects such as {\"path\": \"1.jpg\", \"label\": \"cat\"}, such an object " +
        "on each line of a .jsonl file, or one object of images and their labels", "write it as one of these");
}
