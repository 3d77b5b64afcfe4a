using System.Text.RegularExpressions;

namespace EfficientNetSharp.Data.Formats.Shards;

/// <summary>
/// Which part of a dataset a shard belongs to, by the words in its file name: <c>train-00000-of-01024</c>,
/// <c>imagenet-val-000003.tar</c>, <c>validation-00000-of-00001.parquet</c>. A name without such a word belongs to the training part.
/// </summary>
internal static partial class ShardNames
{
    /// <summary>The files of a folder by part, each part's sorted by name.</summary>
    /// <param name="files">Paths.</param>
    public static (string[] Train, string[] Validation, string[] Test) ByPart(IEnumerable<string> files)
    {
        var groups = files.ToLookup(file => PartOf(Path.GetFileName(file)));
        return (Sorted(groups["train"]), Sorted(groups["val"]), Sorted(groups["test"]));
    }

    /// <summary><c>train</c>, <c>val</c> or <c>test</c>.</summary>
    public static string PartOf(string fileName)
    {
        string[] words = Words().Split(fileName.ToLowerInvariant());
        if (words.Any(word => word is "val" or "valid" or "validation" or "dev" or "eval")) return "val";
        return words.Contains("test") ? "test" : "train";
    }

    /// <summary>A note where numbered shards (<c>…-00003-of-00010</c>) are missing; <see langword="null"/> where all are there.</summary>
    public static string? MissingNote(IReadOnlyCollection<string> files)
    {
        var numbered = files.Select(file => Numbered().Match(Path.GetFileName(file))).Where(match => match.Success).ToList();
        foreach (var group in numbered.GroupBy(match => (match.Groups[1].Value, match.Groups[3].Value)))
        {
            int announced = int.Parse(group.Key.Item2, System.Globalization.CultureInfo.InvariantCulture), present = group.Count();
            if (present < announced) return $"Of the {announced} shards '{group.Key.Item1}-…-of-{group.Key.Item2}' only {present} are there.";
        }

        return null;
    }

    /// <summary>Whether the name is that of a numbered shard without an ending, as TFRecord files have.</summary>
    public static bool IsBareNumbered(string fileName) => Numbered().Match(fileName) is { Success: true } match && match.Length == fileName.Length;

    private static string[] Sorted(IEnumerable<string> files) => [.. files.Order(CodePointOrder.Instance)];

    [GeneratedRegex("[^a-z]+")]
    private static partial Regex Words();

    [GeneratedRegex(@"^(.+)-(\d{5})-of-(\d{5})")]
    private static partial Regex Numbered();
}
