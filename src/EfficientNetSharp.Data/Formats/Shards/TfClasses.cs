using System.Collections.Immutable;
using System.Globalization;

namespace EfficientNetSharp.Data.Formats.Shards;

/// <summary>
/// The class list of TFRecord shards: from what lies beside them (<see cref="TfNames"/>), from the names in the records, or from the
/// numbers.
/// </summary>
internal sealed class TfClasses
{
    // Lists go from the first to the last number; ImageNet-21k has 21,843 classes.
    private const int MaxClass = 1_000_000;

    private readonly Dictionary<TfLabel, int> _positions;

    private TfClasses(ImmutableArray<string> names, Dictionary<TfLabel, int> positions) => (Names, _positions) = (names, positions);

    /// <summary>The classes.</summary>
    public ImmutableArray<string> Names { get; }

    /// <summary>The class of a label.</summary>
    public int PositionOf(TfLabel label) => _positions[label];

    /// <summary>Makes the list.</summary>
    /// <param name="used">The labels that occur, without those that say that there is none.</param>
    /// <param name="beside">What lies beside the shards.</param>
    /// <param name="parts">The dataset, for messages and warnings.</param>
    /// <exception cref="InvalidInputException">Numbers and names do not fit, or it is not clear where the numbers begin.</exception>
    public static TfClasses Of(IReadOnlyCollection<TfLabel> used, TfNames beside, DatasetParts parts)
    {
        if (used.Any(label => label.Number is null))
        {
            var byName = ClassLabels.Of([.. used.Select(Text).Distinct()], beside.InOrder, parts.Root);
            return new TfClasses(byName.Names, used.ToDictionary(label => label, label => byName.LabelOf(Text(label))));
        }

        long lowest = used.Min(label => label.Number!.Value), highest = used.Max(label => label.Number!.Value);
        if (lowest < 0 || highest > MaxClass)
            throw DatasetErrors.Unusable(parts.Root, $"its labels go from {lowest} to {highest}", "write classes as numbers from 0 or 1");
        if (beside.ByNumber is { } numbered) return Numbered(used, numbered, parts);
        if (beside.InOrder is { } names) return Ordered(used, names, FirstOf(names, lowest, highest, beside, parts));
        bool countsFromOne = used.All(label => label.Key is TfKeys.BuilderLabel or TfKeys.ObjectLabel);
        int first = countsFromOne && lowest > 0 ? 1 : 0;
        if (countsFromOne && first == 0) parts.Warn("Labels count from 0 here; ImageNet's TFRecords count from 1.");
        return FromRecords(used, first, (int)highest);
    }

    private static string Text(TfLabel label) => label.Name?.Trim() ?? label.Number!.Value.ToString(CultureInfo.InvariantCulture);

    // A label map says which number is which class.
    private static TfClasses Numbered(IReadOnlyCollection<TfLabel> used, SortedDictionary<long, string> names, DatasetParts parts)
    {
        long[] others = [.. used.Select(label => label.Number!.Value).Where(number => !names.ContainsKey(number)).Distinct().Order()];
        if (others.Length > 0)
        {
            throw new InvalidInputException(
                $"Expected labels of the {names.Count} classes that are numbered beside the shards of '{parts.Root}', found " +
                $"{NameList.Of([.. others.Select(number => $"{number}")])}. Correct the list of classes.");
        }

        var positions = names.Keys.Index().ToDictionary(pair => pair.Item, pair => pair.Index);
        return new TfClasses([.. names.Values], used.ToDictionary(label => label, label => positions[label.Number!.Value]));
    }

    private static TfClasses Ordered(IReadOnlyCollection<TfLabel> used, IReadOnlyList<string> names, int first) =>
        new([.. names], used.ToDictionary(label => label, label => (int)label.Number!.Value - first));

    // A list of names fits numbers from 0 or from 1; which of them, the lowest and the highest number tell, else nobody.
    private static int FirstOf(IReadOnlyList<string> names, long lowest, long highest, TfNames beside, DatasetParts parts)
    {
        if (highest > names.Count || (highest == names.Count && (lowest == 0 || beside.CountsFromZero)))
        {
            throw new InvalidInputException(
                $"Expected labels of the {names.Count} classes that '{beside.Source}' lists, found numbers from {lowest} to {highest} in " +
                $"'{parts.Root}'. Give the list of these classes.");
        }

        if (highest == names.Count) return 1;
        if (lowest == 0 || beside.CountsFromZero) return 0;
        throw new InvalidInputException(
            $"Expected to tell whether labels count from 0 or from 1 in '{parts.Root}', found {names.Count} classes in '{beside.Source}' " +
            $"and labels from {lowest} to {highest}. Put the number of each class before its name there, as in '{lowest}:{names[0]}'.");
    }

    // Names as the records have them, and numbers where they have none.
    private static TfClasses FromRecords(IReadOnlyCollection<TfLabel> used, int first, int highest)
    {
        if (used.All(label => label.Name is null) && first == 0)
        {
            var byNumber = ClassLabels.Of([.. used.Select(Text).Distinct()], null, "");
            return new TfClasses(byNumber.Names, used.ToDictionary(label => label, label => byNumber.LabelOf(Text(label))));
        }

        var names = new Dictionary<long, string>();
        foreach (var label in used.Where(label => label.Name is not null)) names.TryAdd(label.Number!.Value, label.Name!);
        return new TfClasses(
            [.. Enumerable.Range(first, highest - first + 1)
                .Select(number => names.TryGetValue(number, out string? name) ? name : number.ToString(CultureInfo.InvariantCulture))],
            used.ToDictionary(label => label, label => (int)label.Number!.Value - first));
    }
}
