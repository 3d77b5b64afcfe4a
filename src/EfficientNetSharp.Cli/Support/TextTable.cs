using EfficientNetSharp.Files;
using Spectre.Console;

namespace EfficientNetSharp.Cli.Support;

/// <summary>A table for people. What stands in it is text: brackets in a name are no markup, and what is not seen is shown.</summary>
internal sealed class TextTable
{
    private readonly Table _table = new Table().Border(TableBorder.Simple);

    /// <summary>Adds a column of texts.</summary>
    public TextTable Left(string title) => Add(title, Justify.Left);

    /// <summary>Adds a column of numbers.</summary>
    public TextTable Right(string title) => Add(title, Justify.Right);

    /// <summary>Adds a row, a cell for each column.</summary>
    public void Add(params IEnumerable<string> cells) => _table.AddRow(cells.Select(Plain));

    /// <summary>Writes the table.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="width">Characters of a line.</param>
    public void Write(TextWriter output, int width)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(output),
        });
        console.Profile.Width = width;
        console.Write(_table);
    }

    private static Text Plain(string text) => new(VisibleText.Of(text));

    private TextTable Add(string title, Justify alignment)
    {
        _table.AddColumn(new TableColumn(Plain(title)) { Alignment = alignment });
        return this;
    }
}
