using System.CommandLine;
using System.CommandLine.Parsing;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Cli.Support.Words;

/// <summary>
/// What is wrong with the words of a command, as one line: of several errors the one that the others follow from. A mistyped option makes
/// its value one argument too many; a mistyped verb makes all that follows unknown.
/// </summary>
internal static class WordErrors
{
    /// <summary>The line; <see langword="null"/> where the words are right.</summary>
    /// <param name="parsed">The words as they were read.</param>
    /// <param name="words">The words as they were typed.</param>
    public static string? LineOf(ParseResult parsed, IReadOnlyList<string> words)
    {
        var command = parsed.CommandResult.Command;
        string path = HelpPage.PathOf(command);
        if (UnknownVerb(parsed) is { } verb) return verb;
        string? error = UnknownOption(parsed, command, words, path) ?? (parsed.Errors.Count == 0 ? null : Telling(parsed, command, path));
        return error is null ? null : $"{error} '{path} --help' shows what it takes.";
    }

    /// <summary>That there is no such verb, as a line; <see langword="null"/> where there is, or none was named.</summary>
    /// <param name="parsed">The words as they were read.</param>
    public static string? UnknownVerb(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        if (command.Subcommands.Count == 0 || parsed.UnmatchedTokens is not [var wanted, ..] || IsOption(wanted)) return null;
        return $"{NoVerb(wanted, command)} '{HelpPage.PathOf(command)} --help' shows all.";
    }

    /// <summary>That a verb holds no verb of a name.</summary>
    /// <param name="wanted">The name.</param>
    /// <param name="command">The verb that should hold it.</param>
    public static string NoVerb(string wanted, Command command)
    {
        string question = NearestNames.Question(wanted, command.Subcommands.Select(verb => verb.Name));
        return $"There is no verb {OneLine.Quote(wanted)}{(command is RootCommand ? "" : $" of '{HelpPage.PathOf(command)}'")}.{question}";
    }

    private static string? UnknownOption(ParseResult parsed, Command command, IReadOnlyList<string> words, string path)
    {
        // Behind two dashes all words are arguments. The parser takes options that it does not know for arguments, while there is room.
        var literal = words.SkipWhile(word => word != "--").ToHashSet(StringComparer.Ordinal);
        var arguments = parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(result => result.Tokens).Select(token => token.Value);
        if (arguments.Concat(parsed.UnmatchedTokens).FirstOrDefault(word => IsOption(word) && !literal.Contains(word)) is not { } wanted)
            return null;
        string name = wanted.Split('=', ':')[0];
        var known = parsed.CommandResult.Command.Options
            .Concat(command.Parents.OfType<Command>().SelectMany(parent => parent.Options).Where(option => option.Recursive))
            .SelectMany(option => option.Aliases.Append(option.Name)).Where(alias => alias.StartsWith("--", StringComparison.Ordinal));
        return $"'{path}' has no option {OneLine.Quote(name)}.{NearestNames.Question(name, known)}";
    }

    private static bool IsOption(string word) => word.Length > 1 && word[0] == '-' && word != "--";

    private static string Telling(ParseResult parsed, Command command, string path)
    {
        if (command is { Subcommands.Count: > 0, Action: null })
            return $"'{path}' expects a verb, one of {string.Join(", ", command.Subcommands.Select(verb => verb.Name))}; found none.";
        var said = parsed.Errors.FirstOrDefault(error => error.SymbolResult is OptionResult or ArgumentResult && TokensOf(error) > 0);
        if (said is not null) return Sentence(said.Message);
        if (parsed.UnmatchedTokens.Count > 0)
        {
            string takes = command.Arguments.Count == 0
                ? "takes no arguments" : $"takes {string.Join(' ', command.Arguments.Select(argument => argument.Name))} alone";
            return $"'{path}' {takes}, found {OneLine.Quote(parsed.UnmatchedTokens[0])} besides.";
        }

        if (parsed.Errors.Select(error => error.SymbolResult).OfType<OptionResult>().FirstOrDefault(option => !option.Implicit) is { } empty)
            return $"{empty.Option.Name} expects a value, found none.";
        string[] missing =
        [
            .. command.Arguments.Where(argument => argument.Arity.MinimumNumberOfValues > 0
                && parsed.GetResult(argument) is not { Tokens.Count: > 0 }).Select(argument => argument.Name),
            .. command.Options.Where(option => option.Required && parsed.GetResult(option) is not { Implicit: false }).Select(option => option.Name),
        ];
        return missing.Length > 0 ? $"'{path}' expects {string.Join(" and ", missing)}, found none." : Sentence(parsed.Errors[0].Message);
    }

    private static int TokensOf(ParseError error) => error.SymbolResult switch
    {
        OptionResult option => option.Tokens.Count,
        ArgumentResult { Parent: OptionResult option } => option.Tokens.Count,
        ArgumentResult argument => argument.Tokens.Count,
        _ => 0,
    };

    private static string Sentence(string message) => string.Join(
        ' ', message.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
}
