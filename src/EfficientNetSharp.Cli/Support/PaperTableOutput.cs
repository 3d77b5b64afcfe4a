using System.CommandLine;
using System.Text.Json.Nodes;
using EfficientNetSharp.Cli.Commands;
using EfficientNetSharp.Cli.Support.Paths;
using EfficientNetSharp.Evaluation.Reports.Paper;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Cli.Support;

/// <summary>Where a table of the paper goes: a folder always, and to the screen as a table, as JSON or as comma-separated values.</summary>
internal sealed class PaperTableOutput(string name)
{
    private readonly Option<bool> _json = SharedOptions.Json();

    private readonly Option<bool> _csv = new("--csv") { Description = "Print comma-separated values with a line of names first." };

    private readonly OutputOption _folder = new("--output", "-o")
    {
        Kind = OutputKind.Folder,
        Description = "Folder for the page and the tables.",
        Standard = Path.Combine("runs", name),
    };

    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { _folder, _json, _csv }) command.Add(option);
        command.Validators.Add(parsed =>
        {
            if (parsed.GetValue(_json) && parsed.GetValue(_csv))
                parsed.AddError("One form of the results is expected, found --json and --csv; leave one out.");
        });
    }

    /// <summary>Writes the page and prints the rows.</summary>
    /// <param name="terminal">The terminal.</param>
    /// <param name="parsed">What was asked for.</param>
    /// <param name="report">The page.</param>
    /// <param name="rows">The rows for programs.</param>
    public void Write(Terminal terminal, ParseResult parsed, PaperReport report, IEnumerable<JsonObject> rows)
    {
        var files = report.Write(_folder.RequiredPathIn(parsed));
        foreach (string file in files) terminal.Note(file);
        if (parsed.GetValue(_json))
        {
            Json.Write(terminal, new JsonObject
            {
                ["rows"] = new JsonArray([.. rows]), ["files"] = new JsonArray([.. files.Select(file => (JsonNode)file)]),
            });
        }
        else if (parsed.GetValue(_csv)) WriteCsv(terminal, [.. rows]);
        else foreach (var table in report.Tables) PaperTableCommands.Print(terminal, table);
    }

    // Lists have no cell; JSON has them.
    private static void WriteCsv(Terminal terminal, JsonObject[] rows)
    {
        string[] names =
        [
            .. rows.SelectMany(row => row.Where(member => member.Value is not JsonArray).Select(member => member.Key)).Distinct(),
        ];
        terminal.Output.WriteLine(CsvText.Row(names));
        foreach (var row in rows) terminal.Output.WriteLine(CsvText.Row(names.Select(column => row[column]?.ToString() ?? "")));
    }
}
