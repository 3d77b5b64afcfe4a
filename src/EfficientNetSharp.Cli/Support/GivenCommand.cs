using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text;

namespace EfficientNetSharp.Cli.Support;

/// <summary>The command that was given, as a line that does the same again in a POSIX shell.</summary>
internal static class GivenCommand
{
    private const string Tool = "effnet";

    // Characters that no shell takes for anything else, wherever they stand in a word.
    private const string Plain = "-_./:=,+@%";

    /// <summary>All words, each quoted where it must be.</summary>
    public static string Of(ParseResult parsed)
    {
        var line = new StringBuilder(Tool);
        bool afterOption = false;
        foreach (var token in parsed.Tokens)
        {
            // An option's value that begins with a dash was given as --option=value; apart it would be read as an option of its own.
            bool joins = afterOption && token is { Type: TokenType.Argument, Value: ['-', ..] };
            line.Append(joins ? '=' : ' ').Append(Quoted(token.Value));
            afterOption = token.Type == TokenType.Option;
        }

        return line.ToString();
    }

    /// <summary>A word as a shell takes it for one.</summary>
    // Between single quotes a shell leaves all alone but the single quote itself, which is written between two quoted pieces (POSIX.1-2024,
    // Shell Command Language, 2.2).
    public static string Quoted(string word) => word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || Plain.Contains(c))
        ? word
        : $"'{word.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
