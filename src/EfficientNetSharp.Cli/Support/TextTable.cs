using EfficientNetSharp.Files;
using Spectre.Console;

namespace EfficientNetSharp.Cli.Support;

/// <summary>
/// A table for people. What stands in it is text: brackets in a name are no markup, and what is not seen is shown. Where it is wider than
/// the terminal it is printed in parts, one below the other, each beginning with the first column; words are never broken.
/// </summary>
internal sealed class TextTable
{
    // What a cell takes beside its text: a blank on either side, and the place of a border.
    private const int Frame = 3;

    private readonly List<(string Title, Justify Alignment)> _columns = [];
    private readonly List<string[]> _rows = [];

    /// <summary>Adds a column of texts.</summary>
    public TextTable Left(string title) => Add(title, Justify.Left);

    /// <summary>Adds a column of numbers.</summary>
    public TextTable Right(string title) => Add(title, Justify.Right);

    /// <summary>Adds a row, a cell for each column.</summary>
    public void Add(params IEnumerable<string> cells) => _rows.Add([.. cells.Select(VisibleText.Of)]);

    /// <summary>The table's lines, without the blanks at their ends.</summary>
    /// <param name="width">Characters of a line.</param>
    /// <returns>Each line, and whether it is of the columns' titles.</returns>
    public IEnumerable<(string Line, bool IsHead)> Lines(int width) => Parts(width).SelectMany(columns => Render(columns, width));

    // The columns of each part, as many as there is room for.
    private List<int[]> Parts(int width)
    {
        var parts = new List<int[]>();
        List<int> part = [0];
        int used = 1 + FirstWidth(width);
        for (int column = 1; column < _columns.Count; column++)
        {
            if (part.Count > 1 && used + WidthOf(column) > width)
            {
                parts.Add([.. part]);
                part = [0];
                used = 1 + FirstWidth(width);
            }

            part.Add(column);
            used += WidthOf(column);
        }

        parts.Add([.. part]);
        return parts;
    }

    private IEnumerable<(string Line, bool IsHead)> Render(int[] columns, int width)
    {
        // A text that is too long for the line goes over several, word by word.
        int others = 1 + columns.SkipLast(1).Sum(Room), last = columns[^1];
        int room = Math.Max(width - others, LongestWord(last) + Frame);
        var table = new Table().Border(TableBorder.Simple);
        foreach (int column in columns)
        {
            var (title, alignment) = _columns[column];
            int own = column == last ? Math.Min(room, WidthOf(column)) : Room(column);
            table.AddColumn(new TableColumn(new Text(title))
            {
                Alignment = alignment, NoWrap = own == WidthOf(column), Width = own - Frame,
            });
        }

        foreach (string[] row in _rows) table.AddRow(columns.Select(column => new Text(row[column])));
        using var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(text),
        });
        console.Profile.Width = Math.Max(width, others + room);
        console.Write(table);
        string[] lines = [.. text.ToString().TrimEnd().Split('\n').Select(line => line.TrimEnd())];
        int rule = Array.FindIndex(lines, line => line.Contains('─', StringComparison.Ordinal));
        // A table without rows is titles alone.
        return lines.Select((line, i) => (line, rule < 0 || i < rule));

        int Room(int column) => column == 0 ? FirstWidth(width) : WidthOf(column);
    }

    // The first column is in every part, and leaves the others half of the line.
    private int FirstWidth(int width) => Math.Min(WidthOf(0), Math.Max(LongestWord(0) + Frame, width / 2));

    private int WidthOf(int column) => Frame + Cells(column).Max(CellsOf);

    private int LongestWord(int column) => Cells(column).SelectMany(text => text.Split(' ')).Max(CellsOf);

    private IEnumerable<string> Cells(int column) => _rows.Select(row => row[column]).Prepend(_columns[column].Title);

    /// <summary>Places that a text takes on a terminal: characters of East Asian scripts take two.</summary>
    internal static int CellsOf(string text) => text.GetCellWidth();

    private TextTable Add(string title, Justify alignment)
    {
        _columns.Add((VisibleText.Of(title), alignment));
        return this;
    }
}
