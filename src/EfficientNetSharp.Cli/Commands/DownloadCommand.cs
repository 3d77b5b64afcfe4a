using System.CommandLine;
using System.Text.Json.Nodes;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Cli.Support;
using EfficientNetSharp.Formats.Downloads;
using EfficientNetSharp.Weights.Downloads;
using EfficientNetSharp.Weights.Importing;
using EfficientNetSharp.Weights.NameMaps;
using Spectre.Console;

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
        var list = new Option<bool>("--list") { Description = "List the weights that have a name." };
        var from = new Option<string?>("--from") { Description = "A mirror instead of the published addresses: a folder or a base URL." };
        var cache = new Option<string?>("--cache")
        {
            Description = "Folder for what is fetched; $EFFNET_CACHE or ~/.cache/effnet if not given.",
        };
        var output = new Option<string?>("--output", "-o")
        {
            Description = "Also make a model file of the weights, with the preprocessing they were published with.",
        };
        var json = SharedOptions.Json();
        var command = new Command("download", "Fetch published weights, checked against their hash.")
        {
            name, list, from, cache, output, json,
        };
        command.SetAction(parsed => parsed.GetValue(list)
            ? List(terminal, parsed.GetValue(name), parsed.GetValue(json))
            : Fetch(terminal, parsed.GetValue(name),
                new DownloadOptions { From = parsed.GetValue(from), CacheFolder = parsed.GetValue(cache) }, parsed.GetValue(output),
                parsed.GetValue(json)));
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

        var table = new Table().Border(TableBorder.Simple).AddColumn("name").AddColumn("architecture")
            .AddColumn(new TableColumn("top-1").RightAligned()).AddColumn(new TableColumn("at").RightAligned())
            .AddColumn(new TableColumn("size").RightAligned()).AddColumn("licence").AddColumn("source").AddColumn("hash");
        foreach (var row in rows)
        {
            table.AddRow(
                row.Name, row.Architecture, row.Top1 is { } top1 ? $"{top1:F2} %" : "–", $"{row.Resolution}",
                row.ApproximateBytes is { } bytes ? $"{bytes / Megabyte} MB" : "–", row.Licence, row.Source, row.HasPublishedHash
                ? "published" : "–");
        }

        terminal.Write(table);
        return EffnetCommand.Done;
    }

    private static int Fetch(Terminal terminal, string? name, DownloadOptions options, string? output, bool json)
    {
        if (output is not null) Importing.CheckTarget(output);
        if (name is null) throw new InvalidInputException(
            "The name of weights is expected, found none; 'effnet download --list' shows all.");
        var row = Choose(terminal, name);
        using var downloader = new WeightDownloader(options);
        var fetched = downloader.FetchAsync(row, Watch(terminal, row), terminal.Interrupted).GetAwaiter().GetResult();
        terminal.EndProgress();
        string next =
            $"effnet import {Quoted(fetched.Path)} --architecture {row.Architecture} --source {row.NameMap} -o {row.Architecture}.safetensors";
        if (output is not null)
        {
            terminal.Note($"{row.Name} {(fetched.WasCached ? "is in the cache" : "is fetched")}; {Checked(fetched)}.");
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

        terminal.Note($"{row.Name} {(fetched.WasCached ? "is in the cache" : "is fetched")}; {Checked(fetched)}.");
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

    // One of several: the first, and said so.
    private static PublishedWeights Choose(Terminal terminal, string name)
    {
        var rows = PublishedWeightsTable.Find(name);
        if (rows.Length > 1)
            terminal.Note(
                $"{name} has {rows.Length} sets of weights; taking {rows[0].Name}. The others: {string.Join(", ", rows.Skip(1).Select(row => row.Name))}.");
        return rows[0];
    }

    // A line that is overwritten where somebody watches; else a line at the start and at each quarter.
    private static SyncProgress<DownloadProgress> Watch(Terminal terminal, PublishedWeights row)
    {
        int quarter = -1;
        return new SyncProgress<DownloadProgress>(moment =>
        {
            if (moment.Note is { } note)
            {
                terminal.Note(note);
                return;
            }

            string amount = moment.Total is { } total
                ? $"{(double)moment.Received / Megabyte:F1} of {(double)total / Megabyte:F1} MB ({(total == 0 ? 100 : 100 * moment.Received / total)} %)"
                : $"{(double)moment.Received / Megabyte:F1} MB";
            if (terminal.Live)
            {
                terminal.Progress($"{row.FileName}: {Bar(moment)}{amount}");
                return;
            }

            int reached = moment.Total is > 0 and { } whole ? (int)(4 * moment.Received / whole) : 0;
            if (reached == quarter) return;
            terminal.Note($"{row.FileName}: {amount}");
            quarter = reached;
        });
    }

    private static string Bar(DownloadProgress moment)
    {
        const int width = 30;
        if (moment.Total is not > 0) return "";
        int done = (int)(width * Math.Min(moment.Received, moment.Total.Value) / moment.Total.Value);
        return $"[{new string('#', done)}{new string('.', width - done)}] ";
    }

    private static string Checked(FetchedFile fetched) => fetched.Check switch
    {
        HashCheck.Published => "it has the published hash",
        HashCheck.StatedByServer => "no published hash; it has the one that the server states",
        _ => $"no published hash; its SHA-256 is {fetched.Sha256}",
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
