using System.CommandLine;
using System.Text.Json.Nodes;
using EfficientNetSharp.Cli.Support;
using EfficientNetSharp.Weights.Downloads;

namespace EfficientNetSharp.Cli.Commands;

/// <summary><c>effnet list</c>: all architectures with their costs at their own resolution and 1,000 classes.</summary>
internal static class ListCommand
{
    public static Command Create(Terminal terminal)
    {
        var json = SharedOptions.Json();
        var part = new Argument<string?>("PART")
        {
            Description = "A part of the names or families to show; all if not given.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new Command("list", "List all architectures with parameters, multiply-adds and the best published accuracy.")
        {
            part, json,
        };
        command.SetAction(parsed => Run(terminal, parsed.GetValue(part), parsed.GetValue(json)));
        return command;
    }

    private static int Run(Terminal terminal, string? part, bool json)
    {
        var rows = ModelTable.Create()
            .Where(row => part is null || row.Architecture.Name.Contains(part, StringComparison.OrdinalIgnoreCase)
                || row.Architecture.Family.Contains(part, StringComparison.OrdinalIgnoreCase))
            .ToList();
        if (rows.Count == 0) throw new InvalidInputException($"No architecture's name contains '{part}'; 'effnet list' shows all.");
        if (json)
        {
            Json.Write(terminal, new JsonArray([.. rows.Select(row => new JsonObject
            {
                ["name"] = row.Architecture.Name,
                ["family"] = row.Architecture.Family,
                ["parameters"] = row.Parameters,
                ["macs"] = row.Macs,
                ["resolution"] = row.Architecture.Resolution,
                ["padding"] = row.Architecture.Padding.ToString(),
                ["weights"] = new JsonArray([.. row.Published.Select(weights => new JsonObject
                {
                    ["name"] = weights.Name, ["top1"] = weights.Top1, ["resolution"] = weights.Resolution,
                })]),
            })]));
            return EffnetCommand.Done;
        }

        var table = new TextTable().Left("name").Left("family")
            .Right("parameters").Right("GMACs")
            .Right("resolution").Left("padding").Left("best published top-1");
        foreach (var row in rows)
        {
            table.Add(
                row.Architecture.Name, row.Architecture.Family, $"{row.Parameters:N0}", $"{row.Macs / 1e9:F3}",
                $"{row.Architecture.Resolution}", row.Architecture.Padding.ToString(),
                row.Best is { } best
                ? $"{best.Top1:F2} % {best.Name}{(best.Resolution == row.Architecture.Resolution ? "" : $" at {best.Resolution}")}" : "–");
        }

        terminal.Write(table);
        return EffnetCommand.Done;
    }
}
