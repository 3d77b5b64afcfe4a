using System.CommandLine;
using System.Text.Json.Nodes;
using EfficientNetSharp.Cli.Support;
using EfficientNetSharp.Cli.Support.Paths;
using EfficientNetSharp.Data;
using EfficientNetSharp.Data.Downloads;
using EfficientNetSharp.Data.Formats;
using EfficientNetSharp.Formats.Downloads;

namespace EfficientNetSharp.Cli.Commands;

/// <summary><c>effnet data get</c>: a published dataset, fetched, checked and unpacked.</summary>
internal static class DataGetCommand
{
    public static Command Create(Terminal terminal)
    {
        var name = new Argument<string>("NAME") { Description = "A dataset of 'effnet data list'." };
        var output = new OutputOption("--output", "-o")
        {
            Kind = OutputKind.Folder,
            Description = "Folder for the images; data/NAME if not given.",
            Otherwise = parsed => Path.Combine("data", PublishedDatasets.Get(parsed.GetRequiredValue(name)).Name),
        };
        var from = SharedOptions.Mirror("A folder or base URL that holds the archives, instead of the makers' addresses.");
        var cache = SharedOptions.Cache("archives that are fetched");
        var keep = new Option<bool>("--keep-archives") { Description = "Keep fetched archives once they are unpacked." };
        var json = SharedOptions.Json();
        var command = new Command("get", "Fetch a published dataset, check its hashes and unpack it.")
        {
            name, output, from, cache, keep, json,
        };
        command.SetAction(parsed => Get(
            terminal, parsed.GetRequiredValue(name), output.RequiredPathIn(parsed), new DownloadOptions
            {
                From = parsed.GetValue(from),
                CacheFolder = parsed.GetValue(cache),
            },
            parsed.GetValue(keep), parsed.GetValue(json)));
        return command;
    }

    private static int Get(Terminal terminal, string name, string folder, DownloadOptions options, bool keep, bool json)
    {
        var set = PublishedDatasets.Get(name);
        terminal.Note(
            $"{set.Title}: {set.Train:N0} training images, {set.Classes:N0} classes{(set.Archives.IsEmpty ? "" : $", {set.Bytes / 1e6:N0} MB to fetch")}. Terms: {set.Terms} ({set.Home}).");
        using var fetcher = new DatasetFetcher(options, keep);
        fetcher.GetAsync(set, folder, Watch(terminal), terminal.Interrupted).GetAwaiter().GetResult();
        terminal.EndProgress();
        var parts = Datasets.Open(folder);
        LeftOutView.Note(terminal, parts.Warnings);
        if (json)
        {
            var found = DataCommand.Describe(set);
            found["path"] = Path.GetFullPath(folder);
            found["format"] = parts.Format;
            found["found"] = new JsonObject(parts.All.Select(part => KeyValuePair.Create(part.Name, (JsonNode?)part.Images.Count)));
            Json.Write(terminal, found);
            return EffnetCommand.Done;
        }

        terminal.Output.WriteLine(folder);
        terminal.Note(parts.Published is null
            ? $"'{folder}' is not recognised as {set.Title}; see docs/datasets.md for its layout."
            : $"{parts.Format}: {string.Join(", ", parts.All.Select(part => $"{part.Images.Count:N0} {part.Name}"))}. Next: effnet data inspect {folder}, or effnet train {folder}");
        return EffnetCommand.Done;
    }

    // A line that is overwritten where somebody watches; else a line at the start of each step.
    private static SynchronousProgress<DatasetProgress> Watch(Terminal terminal)
    {
        (string File, bool IsUnpacking) said = ("", false);
        return new SynchronousProgress<DatasetProgress>(moment =>
        {
            if (moment.Note is { } note)
            {
                terminal.Note(note);
                return;
            }

            string step = $"{(moment.IsUnpacking ? "unpacking" : "fetching")} {moment.File}";
            if (terminal.Live)
            {
                terminal.Progress(moment.Total is > 0 and { } total
                    ? $"{ProgressBar.Of(moment.Done, total)} of {total / 1e6:N0} MB  {step}"
                    : $"{step}: {moment.Done / 1e6:N0} MB");
                return;
            }

            if (said == (moment.File, moment.IsUnpacking)) return;
            said = (moment.File, moment.IsUnpacking);
            terminal.Note(step);
        });
    }
}
