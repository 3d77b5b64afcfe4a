using System.CommandLine;
using System.Text.Json.Nodes;
using EfficientNetSharp.Cli.Support;
using EfficientNetSharp.Cli.Support.Paths;
using EfficientNetSharp.Evaluation.Reports.Scaling;
using EfficientNetSharp.Files;
using EfficientNetSharp.Weights.Downloads;

namespace EfficientNetSharp.Cli.Commands;

/// <summary><c>effnet report</c>: reports on networks, and on runs.</summary>
internal static class ReportCommand
{
    public static Command Create(Terminal terminal)
    {
        var output = new OutputOption("--output", "-o")
        {
            Kind = OutputKind.Folder,
            Description = "Folder for the page, the tables and the plots.",
            Standard = Path.Combine("runs", "scaling"),
        };
        var json = SharedOptions.Json();
        var scaling = new Command("scaling", "Rebuild the paper's Tables 3 and 7 and Figures 1, 5 and 8.") { output, json };
        scaling.SetAction(parsed => Scaling(terminal, output.RequiredPathIn(parsed), parsed.GetValue(json)));
        var page = new OutputOption("--output", "-o")
        {
            Kind = OutputKind.File,
            Endings = _ => [".md"],
            Description = "Markdown file to write.",
            Standard = Path.Combine("runs", "models.md"),
        };
        var models = new Command("models",
        "Write the table of all networks: parameters, multiply-adds, resolution, published top-1 by source.")
        {
            page,
        };
        models.SetAction(parsed => Models(terminal, page.RequiredPathIn(parsed)));
        return new Command("report", "Write a report.")
        {
            scaling, models, LatencyReportCommand.Create(terminal), RunsReportCommand.Create(terminal),
            PaperTableCommands.Table2(terminal), PaperTableCommands.Table4(terminal), PaperTableCommands.Table5(terminal),
        };
    }

    private static int Models(Terminal terminal, string path)
    {
        var rows = ModelTable.Create();
        // The usual place may not be there yet.
        OutputFolder.Create(Path.GetDirectoryName(Path.GetFullPath(path))!);
        AtomicFile.WriteText(path, ModelTable.ToMarkdown(rows));
        terminal.Output.WriteLine($"{path}: {NumberText.Counted(rows.Length, "network")}, {rows.Sum(row => row.Published.Length)} sets of published weights");
        return EffnetCommand.Done;
    }

    private static int Scaling(Terminal terminal, string folder, bool json)
    {
        var report = ScalingReport.Create();
        var files = report.Write(folder);
        foreach (string file in files) terminal.Note(file);
        if (json)
        {
            Json.Write(terminal, new JsonObject
            {
                ["table3"] = Rows(report.Table3), ["table7"] = Rows(report.Table7),
                ["formula"] = new JsonArray([.. report.Formula.Select(FormulaJson)]),
                ["files"] = new JsonArray([.. files.Select(file => (JsonNode)file)]),
            });
            return EffnetCommand.Done;
        }

        foreach (var table in report.Tables()) PaperTableCommands.Print(terminal, table);
        foreach (string note in report.Notes()) terminal.Output.WriteLine($"* {note}");
        return EffnetCommand.Done;
    }

    private static JsonArray Rows(IEnumerable<ScalingReportRow> rows) => new([.. rows.Select(row => new JsonObject
    {
        ["network"] = row.Published.Name,
        ["scaling"] = row.Published.Label,
        ["depth"] = row.Published.Depth,
        ["width"] = row.Published.Width,
        ["resolution"] = row.Resolution,
        ["paperFlops"] = row.Published.PaperFlops,
        ["macs"] = row.Macs,
        ["ratio"] = row.Ratio,
        ["parameters"] = row.Parameters,
        ["paperTop1"] = row.Published.Top1,
        ["note"] = row.Published.Note,
    })]);

    private static JsonNode FormulaJson(FormulaRow row) => new JsonObject
    {
        ["network"] = row.Name,
        ["phi"] = row.Phi,
        ["shipped"] = new JsonObject
        {
            ["depth"] = row.Shipped.Depth, ["width"] = row.Shipped.Width, ["resolution"] = row.ShippedResolution,
                ["macs"] = row.ShippedMacs,
        },
        ["formula"] = new JsonObject
        {
            ["depth"] = row.Formula.Depth, ["width"] = row.Formula.Width, ["resolution"] = row.FormulaResolution,
                ["macs"] = row.FormulaMacs,
        },
    };
}
