using System.CommandLine;
using System.Text.Json.Nodes;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Cli.Support;
using EfficientNetSharp.Costs;
using Spectre.Console;

namespace EfficientNetSharp.Cli.Commands;

/// <summary><c>effnet list</c>: all architectures with their costs at their own resolution and 1,000 classes.</summary>
internal static class ListCommand
{
    public static Command Create(Terminal terminal)
    {
        var json = SharedOptions.Json();
        var command = new Command("list", "List all architectures with parameters and multiply-adds.") { json };
        command.SetAction(words => Run(terminal, words.GetValue(json)));
        return command;
    }

    private static int Run(Terminal terminal, bool json)
    {
        var rows = ArchitectureRegistry.All.Select(architecture => (Architecture: architecture, Costs: GraphCosts.Of(architecture.Build()))).ToList();
        if (json)
        {
            Json.Write(terminal, new JsonArray([.. rows.Select(row => new JsonObject
            {
                ["name"] = row.Architecture.Name,
                ["family"] = row.Architecture.Family,
                ["parameters"] = row.Costs.Parameters,
                ["macs"] = row.Costs.Macs,
                ["resolution"] = row.Architecture.Resolution,
            })]));
            return EffnetCommand.Done;
        }

        var table = new Table().Border(TableBorder.Simple).AddColumn("name").AddColumn("family")
            .AddColumn(new TableColumn("parameters").RightAligned()).AddColumn(new TableColumn("GMACs").RightAligned())
            .AddColumn(new TableColumn("resolution").RightAligned()).AddColumn("padding");
        foreach (var (architecture, costs) in rows)
        {
            table.AddRow(
                architecture.Name, architecture.Family, $"{costs.Parameters:N0}", $"{costs.Macs / 1e9:F3}",
                $"{architecture.Resolution}", architecture.Padding.ToString());
        }

        terminal.Write(table);
        return EffnetCommand.Done;
    }
}
