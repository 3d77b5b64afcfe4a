using System.Text.RegularExpressions;

namespace EfficientNetSharp.Data.Formats.Shards;

/// <summary>
/// What shards are told by their names: the part of the dataset (<see cref="PartNames"/>; <c>train-00000-of-01024</c>,
/// <c>imagenet-val-000003.tar</c>, <c>validation-00000-of-00001.parquet</c>), and how many there are.
/// </summary>
internal static partial class ShardNames
{
    /// <summary>The files of a folder by part, each part's sorted by name.</summary>
    /// <param name="files">Paths.</param>
    public static (string[] Train, string[] Validation, string[] Test) ByPart(IEnumerable<string> files)
    {
        var groups = files.ToLookup(file => PartNames.OfShard(Path.GetFileName(file)));
        return (Sorted(groups[PartNames.Train]), Sorted(groups[PartNames.Validation]), Sorted(groups[PartNames.Test]));
    }

    /// <summary>A note where numbered shards (<c>…-00003-of-00010</c>) are missing; <see langword="null"/> where all are there.</summary>
    public static string? MissingNote(IReadOnlyCollection<string> files)
    {
        var numbered = files.Select(file => Numbered().Match(Path.GetFileName(file))).Where(match => match.Success).ToList();
        foreach (var group in numbered.GroupBy(match => (match.Groups[1].Value, match.Groups[3].Value)))
        {
            int present = group.Count();
            if (NumberText.TryParseDigits(group.Key.Item2, out int announced) && present < announced)
                return $"Of the {announced} shards '{group.Key.Item1}-…-of-{group.Key.Item2}' only {present} are there.";
        }

        return null;
    }

    /// <summary>Whether the name is that of a numbered shard without an ending, as TFRecord files have.</summary>
    public static bool IsBareNumbered(string fileName) =>
        Numbered().Match(fileName) is { Success: true } match && match.Length == fileName.Length;

    private static string[] Sorted(IEnumerable<string> files) => [.. files.Order(CodePointOrder.Instance)];

    [GeneratedRegex(@"^(.+)-([0-9]{5})-of-([0-9]{5})")]
    private static partial Regex Numbered();
}
