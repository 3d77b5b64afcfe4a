using System.CommandLine;
using System.Text.Json.Nodes;
using EfficientNetSharp.Cli.Support;
using EfficientNetSharp.Data;

namespace EfficientNetSharp.Cli.Commands;

/// <summary><c>effnet data</c>: datasets, listed, fetched and looked at.</summary>
internal static class DataCommand
{
    private const double Megabyte = 1e6;

    public static Command Create(Terminal terminal) => new("data", "List, fetch and inspect datasets.")
    {
        CreateList(terminal), DataGetCommand.Create(terminal), DataInspectCommand.Create(terminal), DataAugmentCommand.Create(terminal),
    };

    private static Command CreateList(Terminal terminal)
    {
        var json = SharedOptions.Json();
        var command = new Command("list", "The published datasets that are known by name.") { json };
        command.SetAction(parsed => List(terminal, parsed.GetValue(json)));
        return command;
    }

    private static int List(Terminal terminal, bool json)
    {
        if (json)
        {
            Json.Write(terminal, new JsonArray([.. PublishedDatasets.All.Select(Describe)]));
            return EffnetCommand.Done;
        }

        var table = new TextTable().Left("name").Left("dataset")
            .Right("classes")
            .Right("train").Right("val")
                .Right("test")
            .Right("download").Left("terms");
        foreach (var set in PublishedDatasets.All)
        {
            table.Add(
                set.Name, set.Title, $"{set.Classes:N0}", $"{set.Train:N0}", set.Validation is { } validation ? $"{validation:N0}" : "–",
                set.Test is { } test ? $"{test:N0}" : "–",
                set.ByHand is null ? $"{set.Bytes / Megabyte:N0} MB" : "by hand", set.Terms);
        }

        terminal.Write(table);
        return EffnetCommand.Done;
    }

    internal static JsonObject Describe(PublishedDataset set) => new()
    {
        ["name"] = set.Name,
        ["title"] = set.Title,
        ["classes"] = set.Classes,
        ["train"] = set.Train,
        ["val"] = set.Validation,
        ["test"] = set.Test,
        ["bytes"] = set.Bytes,
        ["terms"] = set.Terms,
        ["home"] = set.Home.ToString(),
        ["byHand"] = set.ByHand,
        ["archives"] = new JsonArray([.. set.Archives.Select(archive => new JsonObject { ["url"] = archive.File.Url.ToString(), ["md5"] = archive.File.Md5, ["bytes"] = archive.Bytes })]),
    };
}
