using System.Text.RegularExpressions;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Data;

/// <summary>
/// What labels say as people and their programs write them: which of them are no labels, and that <c>3.0</c> is the class 3. It is made of
/// all labels of a dataset, since a label means what it does among the others.
/// </summary>
/// <remarks>
/// No label: nothing or blanks, <c>nan</c> (pandas), <c>null</c> (JSON, SQL), <c>&lt;NA&gt;</c>, <c>#N/A</c>, <c>N/A</c>, and −1 among
/// numbers from 0, which is how the Hugging Face hub and others mark images without a label. What may be one or a class's name
/// (<c>none</c>, <c>NA</c>, <c>?</c>, <c>-</c>) is refused.
/// </remarks>
internal sealed partial class LabelReader
{
    private static readonly HashSet<string> Missing = new(StringComparer.OrdinalIgnoreCase)
    {
        "nan", "-nan", "null", "<NA>", "#N/A", "#NA", "N/A", "1.#IND", "1.#QNAN", "-1.#IND", "-1.#QNAN",
    };

    private static readonly HashSet<string> Unclear = new(StringComparer.OrdinalIgnoreCase) { "none", "na", "?", "-", "--", "." };

    private readonly bool _areNumbers, _isMinusOneMissing;

    private LabelReader(bool areNumbers, bool isMinusOneMissing) => (_areNumbers, _isMinusOneMissing) = (areNumbers, isMinusOneMissing);

    /// <summary>Judges the labels of a dataset.</summary>
    /// <param name="labels">All that occur; each once is enough.</param>
    /// <param name="source">The file that has them, and the column, for messages.</param>
    /// <exception cref="InvalidInputException">One may be a class or the lack of one; they are several in one; they are
    /// measures.</exception>
    public static LabelReader Of(IEnumerable<string?> labels, string source)
    {
        string[] used = [.. labels.Where(label => !IsMissing(label)).Select(label => label!.Trim()).Distinct(StringComparer.Ordinal)];
        if (used.FirstOrDefault(Unclear.Contains) is { } unclear)
        {
            throw new InvalidInputException(
                $"Expected labels in {source}, found {OneLine.Quote(unclear)}, which may be a class or say that there is none. Leave the " +
                "label empty where an image has none; call a class of images that show none of the others by another name.");
        }

        RefuseSeveralInOne(used, source);
        var numbers = used.Select(label => Number().Match(label)).ToArray();
        if (numbers.Length == 0 || !numbers.All(match => match.Success)) return new LabelReader(false, false);
        if (used.FirstOrDefault(label => Number().Match(label).Groups[2].Value.Trim('0').Length > 0) is { } fraction)
        {
            throw new InvalidInputException(
                $"Expected labels in {source}, found numbers with fractions ({OneLine.Quote(fraction)}), which are measures and no " +
                "classes. Write the class of each image.");
        }

        string[] whole = [.. numbers.Select(match => match.Groups[1].Value).Distinct(StringComparer.Ordinal)];
        string[] negative = [.. whole.Where(number => number.StartsWith('-'))];
        if (negative is not ["-1"]) return new LabelReader(true, false);
        bool isSign = whole.All(number => number is "-1" or "0" or "1");
        if (isSign && whole.Length == 3)
        {
            throw new InvalidInputException(
                $"Expected labels in {source}, found -1, 0 and 1, of which -1 may be a class or say that there is none. Leave the label " +
                "empty where an image has none, or write the classes in words.");
        }

        return new LabelReader(true, !isSign);
    }

    /// <summary>The label as a class is called; <see langword="null"/> where it says that there is none.</summary>
    public string? Read(string? label)
    {
        if (IsMissing(label)) return null;
        string text = label!.Trim();
        if (_areNumbers) text = Number().Match(text).Groups[1].Value;
        return _isMinusOneMissing && text == "-1" ? null : text;
    }

    private static bool IsMissing(string? label) => string.IsNullOrWhiteSpace(label) || Missing.Contains(label.Trim());

    // "rust|scab" beside "rust" and "scab" are two labels of an image.
    private static void RefuseSeveralInOne(string[] used, string source)
    {
        if (used.FirstOrDefault(label => label is ['[', .., ']'] && label.Contains(',', StringComparison.Ordinal)) is { } list)
        {
            throw new InvalidInputException(
                $"Expected one class for each image in {source}, found the list {OneLine.Quote(list)}. Several classes of one image are " +
                "not supported; keep one of them.");
        }

        var all = used.ToHashSet(StringComparer.Ordinal);
        foreach (char separator in "|;, ")
        {
            foreach (string label in used)
            {
                string[] pieces = label.Split(separator, StringSplitOptions.TrimEntries);
                if (pieces.Length < 2 || !pieces.All(all.Contains)) continue;
                throw new InvalidInputException(
                    $"Expected one class for each image in {source}, found {OneLine.Quote(label)}, which is several of the others. " +
                    "Several classes of one image are not supported; keep one of them.");
            }
        }
    }

    // A whole number without leading zeros, which pandas writes as 3.0 where a row has none.
    [GeneratedRegex(@"^(-?(?:0|[1-9][0-9]*))(?:\.([0-9]*))?$")]
    private static partial Regex Number();
}
