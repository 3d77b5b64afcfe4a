using System.Collections.Immutable;
using System.Globalization;

namespace EfficientNetSharp.Data;

/// <summary>
/// A class list from the labels that a list of images uses. Where all of them are whole numbers from 0 they are positions, called by
/// given names or by themselves; else they are names, sorted by code point as folders are.
/// </summary>
internal sealed class ClassLabels
{
    private readonly Dictionary<string, int> _labels;

    private ClassLabels(ImmutableArray<string> names, Dictionary<string, int> labels) => (Names, _labels) = (names, labels);

    public ImmutableArray<string> Names { get; }

    /// <summary>Makes the list.</summary>
    /// <param name="used">All labels that occur.</param>
    /// <param name="names">Names by position, for numbers and for labels that are such names; <see langword="null"/> for none.</param>
    /// <param name="source">What states the labels, for messages.</param>
    /// <exception cref="InvalidInputException">The labels are more than the names, or others.</exception>
    public static ClassLabels Of(IReadOnlyCollection<string> used, IReadOnlyList<string>? names, string source)
    {
        if (names is not null && ByName(used, names) is { } named) return named;
        if (names is not null && !used.All(label => Number(label) < names.Count))
        {
            string[] others =
                [.. used.Where(label => !(Number(label) < names.Count) && !names.Contains(label)).Order(CodePointOrder.Instance)];
            throw new InvalidInputException(
                $"Expected the labels in '{source}' to be among the {names.Count} names of its classes or their positions from 0, found " +
                $"{NameList.Of(others)}. Correct the list of names or the labels.");
        }

        if (used.Count > 0 && used.All(label => Number(label) is not null))
        {
            int count = used.Max(label => Number(label)!.Value) + 1;
            if (names is not null)
            {
                return new ClassLabels(
                    [.. names], used.ToDictionary(label => label, label => Number(label)!.Value, StringComparer.Ordinal));
            }
            // Numbers with wide gaps, such as years or identifiers, are names.
            if (count <= 2L * used.Count)
            {
                return new ClassLabels(
                    [.. Enumerable.Range(0, count).Select(label => label.ToString(CultureInfo.InvariantCulture))],
                    used.ToDictionary(label => label, label => Number(label)!.Value, StringComparer.Ordinal));
            }
        }

        string[] sorted = [.. used.Order(CodePointOrder.Instance)];
        return new ClassLabels(
            [.. sorted],
            sorted.Select((name, label) => (name, label)).ToDictionary(pair => pair.name, pair => pair.label, StringComparer.Ordinal));
    }

    public int LabelOf(string label) => _labels[label];

    /// <summary>The positions of classes by their names, as files list them.</summary>
    /// <param name="names">The classes' names.</param>
    /// <param name="source">The file that lists them.</param>
    /// <exception cref="InvalidInputException">A name is listed twice: an image of it would have two labels.</exception>
    public static Dictionary<string, int> Positions(IReadOnlyList<string> names, string source)
    {
        var positions = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < names.Count; i++)
        {
            if (!positions.TryAdd(names[i], i))
                throw DatasetErrors.Damaged(source, $"it lists the class {Files.OneLine.Quote(names[i])} twice");
        }

        return positions;
    }

    private static ClassLabels? ByName(IReadOnlyCollection<string> used, IReadOnlyList<string> names)
    {
        var positions = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < names.Count; i++)
        {
            // A name that two classes have does not tell which of them is meant.
            if (!positions.TryAdd(names[i], i)) positions[names[i]] = -1;
        }

        return used.All(label => positions.GetValueOrDefault(label, -1) >= 0)
            ? new ClassLabels([.. names], used.ToDictionary(label => label, label => positions[label], StringComparer.Ordinal))
            : null;
    }

    // 007 is a code: as a number it would be one class with 7.
    private static int? Number(string label) =>
        label is "0" or [not '0', ..] && NumberText.TryParseDigits(label, out int number) && number < int.MaxValue ? number : null;
}
