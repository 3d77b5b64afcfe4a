using System.Text.Json;
using System.Text.RegularExpressions;
using EfficientNetSharp.Data.Folders;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Data.Formats.Shards;

/// <summary>
/// What tools write beside TFRecord shards: TensorFlow Datasets its <c>features.json</c>, which declares the label, and
/// <c>label.labels.txt</c>, its names from 0 on; TF-Slim <c>labels.txt</c> with lines <c>0:daisy</c>; the object detection API and Roboflow
/// a label map (<c>.pbtxt</c>); people a list <c>classes.txt</c>.
/// </summary>
internal sealed partial record TfNames
{
    private static readonly string[] Lists = ["labels.txt", "classes.txt", "classnames.txt"];

    /// <summary>The feature that is declared as the label.</summary>
    public string? Label { get; private init; }

    /// <summary>The file with the names.</summary>
    public string? Source { get; private init; }

    /// <summary>Names without numbers.</summary>
    public IReadOnlyList<string>? InOrder { get; private init; }

    /// <summary>Names by their numbers.</summary>
    public SortedDictionary<long, string>? ByNumber { get; private init; }

    /// <summary>Whether labels are positions in <see cref="InOrder"/> from 0 by the format's definition.</summary>
    public bool CountsFromZero { get; private init; }

    /// <summary>Reads what is there.</summary>
    /// <param name="folders">The folders of the shards and of the dataset.</param>
    /// <exception cref="InvalidInputException">A file is damaged.</exception>
    public static TfNames Read(IEnumerable<string> folders)
    {
        string? label = null;
        foreach (string folder in folders.Distinct(StringComparer.Ordinal))
        {
            if (File.Exists(Path.Combine(folder, "features.json"))) label ??= DeclaredLabel(Path.Combine(folder, "features.json"));
            string declared = Path.Combine(folder, $"{label ?? "label"}.labels.txt");
            if (File.Exists(declared))
            {
                return new TfNames
                {
                    Label = label, Source = declared, InOrder = [.. DatasetFiles.ReadLines(declared)], CountsFromZero = true,
                };
            }

            string[] maps = [.. Directory.EnumerateFiles(folder, "*.pbtxt").Where(file => !SystemNames.Contains(Path.GetFileName(file)))];
            if (maps is [var map]) return new TfNames { Label = label, Source = map, ByNumber = ReadMap(map) };
            if (Lists.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists) is { } list)
                return ReadList(list) with { Label = label };
        }

        return new TfNames { Label = label };
    }

    private static TfNames ReadList(string path)
    {
        string[] lines = [.. DatasetFiles.ReadLines(path)];
        var numbered = lines.Select(line => NumberedLine().Match(line)).ToArray();
        if (!Array.TrueForAll(numbered, match => match.Success)) return new TfNames { Source = path, InOrder = lines };
        return new TfNames
        {
            Source = path, ByNumber = Numbered(path, numbered.Select(match => (match.Groups[1].Value, match.Groups[2].Value))),
        };
    }

    private static SortedDictionary<long, string> ReadMap(string path) => Numbered(
        path, Item().Matches(string.Join('\n', DatasetFiles.ReadLines(path)))
            .Select(item => (Number().Match(item.Value).Groups[1].Value, Name().Match(item.Value).Groups[1].Value)));

    private static SortedDictionary<long, string> Numbered(string path, IEnumerable<(string Number, string Name)> rows)
    {
        var names = new SortedDictionary<long, string>();
        foreach (var (text, name) in rows)
        {
            if (!NumberText.TryParseDigits(text, out long number) || name.Length == 0)
                throw DatasetErrors.Damaged(path, $"a class in it has no number and name ({OneLine.Quote(text + " " + name)})");
            if (!names.TryAdd(number, name)) throw DatasetErrors.Damaged(path, $"it gives the number {number} to two classes");
        }

        return names.Count > 0 ? names : throw DatasetErrors.Damaged(path, "it lists no class");
    }

    // {"featuresDict": {"features": {"label": {"pythonClassName": "….ClassLabel", "classLabel": {"numClasses": "5"}}, …}}}
    private static string? DeclaredLabel(string path)
    {
        try
        {
            using var json = JsonDocument.Parse(string.Join('\n', DatasetFiles.ReadLines(path)));
            if (!json.RootElement.TryGetProperty("featuresDict", out var dictionary)
                || !dictionary.TryGetProperty("features", out var features))
                return null;
            string[] labels =
            [
                .. features.EnumerateObject().Where(feature => feature.Value.TryGetProperty("classLabel", out _))
                    .Select(feature => feature.Name),
            ];
            // CIFAR-100 has a coarse label beside the label.
            return labels.Contains("label") ? "label" : labels.Length == 1 ? labels[0] : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw DatasetErrors.Damaged(path, "it is no JSON of features", e);
        }
    }

    [GeneratedRegex(@"^\s*([0-9]+)\s*:\s*(.+?)\s*$")]
    private static partial Regex NumberedLine();

    [GeneratedRegex(@"item\s*\{[^}]*\}")]
    private static partial Regex Item();

    [GeneratedRegex(@"\bid\s*:\s*([0-9]+)")]
    private static partial Regex Number();

    [GeneratedRegex(@"(?:^|[\s{,])name\s*:\s*[""']([^""']*)[""']")]
    private static partial Regex Name();
}
