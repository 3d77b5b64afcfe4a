using System.CommandLine;
using System.Text.Json.Nodes;
using EfficientNetSharp.Cli.Support;
using EfficientNetSharp.Cli.Support.Words;
using EfficientNetSharp.Weights.Downloads;

namespace EfficientNetSharp.Cli.Commands;

/// <summary><c>effnet list</c>: all architectures with their costs at their own resolution and 1,000 classes.</summary>
internal static class ListCommand
{
    // Equals stay in the registry's order; where no accuracy is published a network comes last.
    private static readonly Dictionary<string, Func<IEnumerable<ModelTableRow>, IEnumerable<ModelTableRow>>> Orders = new()
    {
        ["top1"] = rows => rows.OrderByDescending(row => row.Best?.Top1 ?? double.NegativeInfinity),
        ["params"] = rows => rows.OrderBy(row => row.Parameters),
        ["macs"] = rows => rows.OrderBy(row => row.Macs),
        ["name"] = rows => rows.OrderBy(row => row.Architecture.Name, StringComparer.Ordinal),
    };

    public static Command Create(Terminal terminal)
    {
        var json = SharedOptions.Json();
        var part = new Argument<string?>("PART")
        {
            Description = "A part of the names or families to show; all if not given.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var maxParameters = Quantity.CountOption("--max-params", "Only those of at most this many parameters, such as 10M.", "10M");
        var maxMacs = Quantity.CountOption("--max-macs", "Only those of at most this many multiply-adds, such as 1G.", "1G");
        var sort = new Option<string?>("--sort")
        {
            Description = "Order: top1 (the best published first), params or macs (the smallest first) or name; by family if not given.",
        };
        sort.Among([.. Orders.Keys]);
        var command = new Command("list", "List all architectures with parameters, multiply-adds and the best published accuracy.")
        {
            part, maxParameters, maxMacs, sort, json,
        };
        command.SetAction(parsed => Run(
            terminal,
            Choose(parsed.GetValue(part), parsed.GetValue(maxParameters), parsed.GetValue(maxMacs), parsed.GetValue(sort)),
            parsed.GetValue(json)));
        return command;
    }

    private static List<ModelTableRow> Choose(string? part, long? maxParameters, long? maxMacs, string? sort)
    {
        var named = ModelTable.Create()
            .Where(row => part is null || row.Architecture.Name.Contains(part, StringComparison.OrdinalIgnoreCase)
                || row.Architecture.Family.Contains(part, StringComparison.OrdinalIgnoreCase))
            .ToList();
        if (named.Count == 0) throw new InvalidInputException($"No architecture's name contains '{part}'; 'effnet list' shows all.");
        var rows = named.Where(row => !(row.Parameters > maxParameters) && !(row.Macs > maxMacs)).ToList();
        if (rows.Count == 0)
        {
            throw new InvalidInputException(
                $"No network is that small: {(part is null ? "" : $"of those with '{part}' in their names ")}the fewest parameters are "
                + $"{named.Min(row => row.Parameters):N0}, the fewest multiply-adds {named.Min(row => row.Macs):N0}; allow more.");
        }

        return sort is null ? rows : [.. Orders[sort](rows)];
    }

    private static int Run(Terminal terminal, List<ModelTableRow> rows, bool json)
    {
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
                $"{row.Architecture.Resolution}", CodeWords.Of(row.Architecture.Padding),
                row.Best is { } best
                ? $"{best.Top1:F2} % {best.Name}{(best.Resolution == row.Architecture.Resolution ? "" : $" at {best.Resolution}")}" : "–");
        }

        terminal.Write(table);
        return EffnetCommand.Done;
    }
}
