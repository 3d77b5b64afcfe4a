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
    /// <param name="names">Names for numbers, position by position; <see langword="null"/> for none.</param>
    public static ClassLabels Of(IReadOnlyCollection<string> used, IReadOnlyList<string>? names)
    {
        if (used.Count > 0 && used.All(label => Number(label) is not null))
        {
            int count = used.Max(label => Number(label)!.Value) + 1;
            // Numbers with wide gaps, such as years or identifiers, are names.
            if (names is not null && names.Count >= count)
            {
                return new ClassLabels(
                    [.. names], used.ToDictionary(label => label, label => Number(label)!.Value, StringComparer.Ordinal));
            }
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

    private static int? Number(string label) =>
        NumberText.TryParseDigits(label, out int number) && number < int.MaxValue ? number : null;
}
