using System.Collections;
using System.CommandLine;
using System.CommandLine.Invocation;
using System.Globalization;
using System.Runtime.CompilerServices;
using EfficientNetSharp.Cli.Support.Paths;

namespace EfficientNetSharp.Cli.Support.Words;

/// <summary>
/// What a verb does and takes, on a page as wide as the terminal and at most 80 characters. The library's own page breaks no lines
/// where it is not on a terminal, and puts all choices of an option before its description.
/// </summary>
internal sealed class HelpPage(Terminal terminal) : SynchronousCommandLineAction
{
    private static readonly ConditionalWeakTable<Option, Func<string>> Stated = [];

    // Where descriptions begin; behind longer words they begin on a line of their own.
    private const int Indent = 26;

    /// <summary>Whoever asks for help need not have the other words right.</summary>
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        Write(parseResult.CommandResult.Command);
        return EffnetCommand.Done;
    }

    /// <summary>Writes a verb's page.</summary>
    public void Write(Command command)
    {
        terminal.Output.WriteLine();
        foreach (string line in Wrap(command.Description ?? "", terminal.PageWidth)) terminal.Output.WriteLine(line);
        Head("Usage");
        foreach (string line in Wrap(UsageOf(command), terminal.PageWidth - 2)) terminal.Output.WriteLine($"  {line}");
        Rows("Commands", command.Subcommands.Where(verb => !verb.Hidden).Select(verb => (verb.Name, verb.Description ?? "")));
        Rows("Arguments", command.Arguments.Select(argument => (argument.Name, argument.Description ?? "")));
        var inherited = command.Parents.OfType<Command>().SelectMany(parent => parent.Options).Where(option => option.Recursive);
        Rows("Options", command.Options.Concat(inherited).Where(option => !option.Hidden)
            .Select(option => (LabelOf(option), DescriptionOf(option))));
        terminal.Output.WriteLine();
    }

    /// <summary>The words that lead to a verb, such as <c>effnet data inspect</c>.</summary>
    public static string PathOf(Command command) =>
        command is RootCommand || command.Parents.OfType<Command>().FirstOrDefault() is not { } parent
            ? "effnet" : $"{PathOf(parent)} {command.Name}";

    private static string UsageOf(Command command)
    {
        var words = command.Arguments.Select(argument =>
        {
            string several = argument.Arity.MaximumNumberOfValues > 1 ? "..." : "";
            return argument.Arity.MinimumNumberOfValues == 0 ? $"[{argument.Name}{several}]" : $"{argument.Name}{several}";
        });
        var required = command.Options.Where(option => option.Required).Select(LabelOf);
        IEnumerable<string> verb = command.Subcommands.Count > 0 ? ["COMMAND"] : [];
        return string.Join(' ', [PathOf(command), .. verb, .. words, .. required, "[options]"]);
    }

    private static string LabelOf(Option option)
    {
        string names = string.Join(", ", option.Aliases.Where(alias => alias.StartsWith('-')).Append(option.Name).OrderBy(name => name.Length));
        if (option.Arity.MaximumNumberOfValues == 0 || option.ValueType == typeof(bool)) return names;
        string value = option.HelpName ?? option switch
        {
            InputOption => "FILE",
            OutputOption { Kind: OutputKind.Folder or OutputKind.OwnFolder } => "FOLDER",
            OutputOption => "FILE",
            _ when IsNumber(option.ValueType) => "N",
            _ => "NAME",
        };
        return option.Arity.MinimumNumberOfValues == 0 ? $"{names} [{value}]" : $"{names} {value}";
    }

    private static bool IsNumber(Type type) =>
        (Nullable.GetUnderlyingType(type) ?? type) is { IsPrimitive: true } number && number != typeof(bool) && number != typeof(char);

    private static string DescriptionOf(Option option)
    {
        string description = option.Description ?? "";
        return DefaultOf(option) is { Length: > 0 } standard ? $"{description} [default: {standard}]" : description;
    }

    /// <summary>Says what an option is where it is not given and the option itself does not know.</summary>
    /// <param name="option">The option.</param>
    /// <param name="text">What the help shows, found when it is shown.</param>
    internal static void StateDefault(Option option, Func<string> text) => Stated.Add(option, text);

    /// <summary>What an option is where it is not given, as it would be typed; empty for nothing.</summary>
    internal static string DefaultOf(Option option) => Stated.TryGetValue(option, out var stated) ? stated() :
        !option.HasDefaultValue || option.ValueType == typeof(bool) ? "" : option.GetDefaultValue() switch
        {
            null => "",
            string text => text,
            double number => NumberText.Of(number),
            IEnumerable several => string.Join(' ', several.Cast<object>()),
            IFormattable value => value.ToString(null, CultureInfo.InvariantCulture),
            var other => $"{other}",
        };

    private void Head(string title)
    {
        terminal.Output.WriteLine();
        terminal.WriteLine($"{title}:", TextStyle.Strong);
    }

    private void Rows(string title, IEnumerable<(string Label, string Description)> rows)
    {
        var all = rows.ToList();
        if (all.Count == 0) return;
        Head(title);
        int indent = Math.Min(Indent, 4 + all.Max(row => row.Label.Length));
        foreach (var (label, description) in all)
        {
            string[] lines = [.. Wrap(description, terminal.PageWidth - indent)];
            bool isLong = label.Length + 4 > indent || lines.Length == 0;
            terminal.Output.WriteLine(isLong ? $"  {label}" : $"  {label}".PadRight(indent) + lines[0]);
            foreach (string line in isLong ? lines : lines[1..]) terminal.Output.WriteLine(new string(' ', indent) + line);
        }
    }

    private static IEnumerable<string> Wrap(string text, int width)
    {
        string line = "";
        foreach (string word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length > 0 && TextTable.CellsOf(line) + 1 + TextTable.CellsOf(word) > width)
            {
                yield return line;
                line = "";
            }

            line = line.Length == 0 ? word : $"{line} {word}";
        }

        if (line.Length > 0) yield return line;
    }
}
