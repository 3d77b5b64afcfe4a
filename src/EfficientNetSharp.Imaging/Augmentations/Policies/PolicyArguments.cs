using EfficientNetSharp.Files;

namespace EfficientNetSharp.Imaging.Augmentations.Policies;

/// <summary>
/// The words after a policy's name, timm's form: a key and its value without anything between them, such as <c>m9</c> and <c>mstd0.5</c>.
/// Each key may come once; a key that nobody asks for is unknown.
/// </summary>
internal sealed class PolicyArguments
{
    private readonly string _text;
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    internal PolicyArguments(string text, ReadOnlySpan<string> words, params ReadOnlySpan<string> known)
    {
        _text = text;
        foreach (string word in words)
        {
            // Texts begin after their key's one letter; numbers at their first digit.
            int split = word.StartsWith('t') && known.Contains("t") ? 1 : word.AsSpan().IndexOfAnyInRange('0', '9');
            string key = split < 0 ? word : word[..split];
            if (known.IsEmpty) throw Refused($"{OneLine.Quote(word)} is not known", known);
            if (!known.Contains(key))
                throw Refused($"{OneLine.Quote(word)} is not known; nearest: {NearestNames.Of(key, known.ToArray(), 1)[0]}", known);
            if (split < 0 || split == word.Length) throw Refused($"'{key}' has no value", known);
            if (!_values.TryAdd(key, word[split..])) throw Refused($"'{key}' comes twice", known);
        }
    }

    internal string? Text(string key) => _values.GetValueOrDefault(key);

    internal double? Number(string key)
    {
        if (Text(key) is not { } value) return null;
        if (NumberText.TryParse(value, out double number)) return number;
        throw new InvalidInputException(
            $"Expected a number after '{key}' in the augmentation policy {OneLine.Quote(_text)}, found {OneLine.Quote(value)}; correct " +
            "it.");
    }

    internal int? Whole(string key)
    {
        if (Number(key) is not { } number) return null;
        if (number <= int.MaxValue && number == Math.Floor(number)) return (int)number;
        throw new InvalidInputException(
            $"Expected a whole number after '{key}' in the augmentation policy {OneLine.Quote(_text)}, " +
            $"found {OneLine.Quote(Text(key)!)}; correct it.");
    }

    internal InvalidInputException Refused(string what, ReadOnlySpan<string> known)
    {
        string keys = known.IsEmpty
            ? "nothing after its name"
            : "after its name " + string.Join(", ", known.ToArray()) + " with their values";
        return new InvalidInputException(
            $"The augmentation policy {OneLine.Quote(_text)}: {what}. Expected {keys}, such as rand-m9-mstd0.5.");
    }
}
