using System.CommandLine;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Cli.Support.Words;

/// <summary>Options of which the value is one of some words.</summary>
internal static class Choices
{
    /// <summary>Lets an option take these words alone; the help and the shell's completion show them.</summary>
    public static void Among(this Option option, params IReadOnlyList<string> words)
    {
        option.Validators.Add(result =>
        {
            foreach (var token in result.Tokens)
            {
                if (!words.Contains(token.Value, StringComparer.Ordinal)) result.AddError(Refusal(option.Name, words, token.Value));
            }
        });
        Show(option, words);
    }

    /// <summary>An option of the values of an enumeration, in small letters.</summary>
    public static Option<T?> Of<T>(string name, string description)
        where T : struct, Enum
    {
        string[] words = [.. Enum.GetNames<T>().Select(word => word.ToLowerInvariant())];
        var option = new Option<T?>(name)
        {
            Description = description,
            // Numbers, which the library's own reading takes too, are no names.
            CustomParser = result =>
            {
                string given = result.Tokens.Count == 0 ? "" : result.Tokens[0].Value;
                if (Enum.GetNames<T>().FirstOrDefault(word => word.Equals(given, StringComparison.OrdinalIgnoreCase)) is { } known)
                    return Enum.Parse<T>(known);
                result.AddError(Refusal(name, words, given));
                return null;
            },
        };
        Show(option, words);
        return option;
    }

    private static void Show(Option option, IReadOnlyList<string> words)
    {
        option.CompletionSources.Clear();
        option.CompletionSources.Add([.. words]);
        option.HelpName = "WORD";
        // A description that explains the words names them already.
        string description = option.Description ?? "";
        if (words.All(word => description.Contains(word, StringComparison.Ordinal))) return;
        option.Description = description.EndsWith('.') ? $"{description} One of {OneOf(words)}." : $"{description}: {OneOf(words)}.";
    }

    private static string Refusal(string name, IReadOnlyList<string> words, string given) =>
        $"{name}: expected {OneOf(words)}, found {OneLine.Quote(given)}.{NearestNames.Question(given, words)}";

    private static string OneOf(IReadOnlyList<string> words) =>
        words.Count == 1 ? words[0] : $"{string.Join(", ", words.SkipLast(1))} or {words[^1]}";
}
