using System.CommandLine;
using System.Text.Json.Nodes;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Cli.Support;
using EfficientNetSharp.Cli.Support.Paths;
using EfficientNetSharp.Cli.Support.Words;
using EfficientNetSharp.Formats.Downloads;
using EfficientNetSharp.Weights.Downloads;
using EfficientNetSharp.Weights.Importing;
using EfficientNetSharp.Weights.NameMaps;

namespace EfficientNetSharp.Cli.Commands;

/// <summary><c>effnet download</c>: published weights into the cache.</summary>
internal static class DownloadCommand
{
    private const long Megabyte = 1_000_000;

    public static Command Create(Terminal terminal)
    {
        var name = new Argument<string?>("NAME")
        {
            Description = "Weights such as timm/efficientnet_b0.ra_in1k, or an architecture. With --list, a part of the names to show.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        name.CompletionSources.Add(_ => Completion.Weights());
        var list = new Option<bool>("--list") { Description = "List the weights that have a name." };
        var from = SharedOptions.Mirror("A mirror instead of the published addresses: a folder or a base URL; $EFFNET_MIRROR if not given.");
        var cache = SharedOptions.Cache("what is fetched");
        var output = Importing.Target("Also make a model file of the weights, with the preprocessing they were published with.");
        var json = SharedOptions.Json();
        var command = new Command("download", "Fetch published weights, checked against their hash.")
        {
            name, list, from, cache, output, json,
        };
        command.SetAction(parsed => parsed.GetValue(list)
            ? List(terminal, parsed.GetValue(name), parsed.GetValue(json))
            : Fetch(terminal, parsed.GetValue(name),
                parsed.GetValue(from), parsed.GetValue(cache), output.PathIn(parsed), parsed.GetValue(json)));
        return command;
    }

    private static int List(Terminal terminal, string? part, bool json)
    {
        var rows = PublishedWeightsTable.All
            .Where(row => part is null || row.Name.Contains(part, StringComparison.OrdinalIgnoreCase)
                || row.Architecture.Contains(part, StringComparison.OrdinalIgnoreCase))
            .ToList();
        if (rows.Count == 0) throw new InvalidInputException($"No name of weights contains '{part}'; 'effnet download --list' shows all.");
        if (json)
        {
            Json.Write(terminal, new JsonArray([.. rows.Select(Describe)]));
            return EffnetCommand.Done;
        }

        var table = new TextTable().Left("name").Left("architecture")
            .Right("top-1").Right("at")
            .Right("size").Left("licence").Left("source").Left("hash");
        foreach (var row in rows)
        {
            table.Add(
                row.Name, row.Architecture, row.Top1 is { } top1 ? $"{top1:F2} %" : "–", $"{row.Resolution}",
                row.ApproximateBytes is { } bytes ? $"{bytes / Megabyte} MB" : "–", row.Licence, row.Source, row.HasPublishedHash
                ? "published" : "–");
        }

        terminal.Write(table);
        return EffnetCommand.Done;
    }

    private static int Fetch(Terminal terminal, string? name, string? from, string? cache, string? output, bool json)
    {
        if (name is null) throw new InvalidInputException(
            "The name of weights is expected, found none; 'effnet download --list' shows all.");
        var row = Fetching.Choose(terminal, name, PublishedWeightsTable.Find(name));
        var fetched = Fetching.Fetch(terminal, row, from, cache);
        string next =
            $"effnet import {Quoted(fetched.Path)} --architecture {row.Architecture} --source {row.NameMap} -o {row.Architecture}.safetensors";
        if (output is not null)
        {
            OutputRules.Check([new InputPath(fetched.Path, InputKind.File)], new OutputPath("--output", output, OutputKind.File, []));
            terminal.Note(Fetching.Describe(row, fetched));
            Importing.Run(terminal, fetched.Path, ArchitectureRegistry.Get(row.Architecture), ImportOptionsOf(row), output, json);
            return EffnetCommand.Done;
        }

        if (json)
        {
            var found = Describe(row);
            (found["path"], found["sha256"], found["cached"], found["next"]) =
                (fetched.Path, fetched.Sha256, fetched.WasCached, output is null ? next : null);
            found["model"] = output;
            found["checked"] = fetched.Check switch { HashCheck.Published => "published", HashCheck.StatedByServer => "server", _ => null };
            Json.Write(terminal, found);
            return EffnetCommand.Done;
        }

        terminal.Note(Fetching.Describe(row, fetched));
        terminal.Output.WriteLine(output ?? fetched.Path);
        if (output is null) terminal.Note(
            $"Next: effnet download {row.Name} -o {row.Architecture}.safetensors, or with settings of your own: {next}");
        return EffnetCommand.Done;
    }

    private static ImportOptions ImportOptionsOf(PublishedWeights row) => new()
    {
        Source = NameMapRegistry.Get(row.NameMap),
        AdjustPreprocessing = _ => row.Preprocessing,
        Published = row,
    };

    private static string Quoted(string path) => path.Contains(' ', StringComparison.Ordinal) ? $"\"{path}\"" : path;

    private static JsonObject Describe(PublishedWeights row) => new()
    {
        ["name"] = row.Name,
        ["architecture"] = row.Architecture,
        ["source"] = row.Source,
        ["url"] = row.Url.ToString(),
        ["publishedSha256"] = row.Sha256,
        ["publishedMd5"] = row.Md5,
        ["approximateBytes"] = row.ApproximateBytes,
        ["licence"] = row.Licence,
        ["top1"] = row.Top1,
        ["top5"] = row.Top5,
        ["resolution"] = row.Resolution,
        ["classes"] = row.Classes,
    };
}
