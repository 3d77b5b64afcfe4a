using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Cli.Support;
using EfficientNetSharp.Cli.Support.Paths;
using EfficientNetSharp.Data;
using EfficientNetSharp.Data.Formats;
using EfficientNetSharp.Files;
using EfficientNetSharp.Prediction;

namespace EfficientNetSharp.Cli.Commands;

/// <summary><c>effnet embed</c>: a row of numbers for each image, close together for images of the same kind.</summary>
internal static class EmbedCommand
{
    public static Command Create(Terminal terminal)
    {
        var model = SharedOptions.Model();
        var images = SharedOptions.Images();
        var output = new OutputOption("--output", "-o")
        {
            Kind = OutputKind.File,
            Endings = _ => [".npy", ".csv"],
            Beside = path => IsNpy(path) ? [Path.ChangeExtension(path, ".txt")] : [],
            Description = "File to write: .npy [N,C] with the paths in a .txt beside it, or .csv. CSV on the screen if not given.",
        };
        var normalize = new Option<bool>("--normalize")
        {
            Description = "Scale each row to length 1, so that the sum of products of two is their cosine.",
        };
        var json = SharedOptions.Json();
        var batch = SharedOptions.BatchSize(16);
        var opening = new OpeningOptions();
        var command = new Command("embed", "Turn images into rows of numbers to compare: an embedding network's result, or what a classifier's last layer takes.")
        {
            model, images, output, normalize, json, batch,
        };
        opening.AddTo(command);
        command.SetAction(parsed =>
        {
            var found = Datasets.FindImages(parsed.GetRequiredValue(images), out var leftOut);
            LeftOutView.Note(terminal, leftOut);
            string? file = output.PathIn(parsed);
            using var embedder = ImageEmbedder.Open(Host.Opener, ModelLocation.Find(terminal, parsed.GetRequiredValue(model)),
                opening.Get(parsed, terminal), parsed.GetValue(normalize));
            var results = embedder.EmbedMany(found, Math.Min(parsed.GetValue(batch), found.Length), terminal.Interrupted).ToList();
            Write(
                terminal, [.. results.Where(result => result.Error is null)], embedder.Length, file,
                parsed.GetValue(json) ? ToJson(results, leftOut) : null);
            foreach (var result in results.Where(result => result.Error is not null)) terminal.Fail(result.Error!);
            return results.Exists(result => result.Error is not null) ? EffnetCommand.Failed : EffnetCommand.Done;
        });
        return command;
    }

    private static bool IsNpy(string file) => Path.GetExtension(file).Equals(".npy", StringComparison.OrdinalIgnoreCase);

    private static void Write(Terminal terminal, IReadOnlyList<ImageEmbedding> good, int length, string? file,
        JsonArray? json)
    {
        if (file is not null)
        {
            if (IsNpy(file))
            {
                NpyFile.Write(file, [good.Count, length], good.SelectMany(result => result.Values).ToArray());
                AtomicFile.WriteText(
                    Path.ChangeExtension(file, ".txt"), string.Concat(good.Select(result => ListLine.Of(result.Path) + "\n")));
            }
            else
            {
                AtomicFile.WriteText(file, string.Concat(good.Select(result => CsvLine(result) + "\n")));
            }

            terminal.Note($"{file}: {NumberText.Counted(good.Count, "row")} of {length}");
        }

        if (json is not null) Json.Write(terminal, json);
        else if (file is null) foreach (var result in good) terminal.Output.WriteLine(CsvLine(result));
    }

    private static string CsvLine(ImageEmbedding result) =>
        CsvText.Row([result.Path, .. result.Values.Select(value => value.ToString("R", CultureInfo.InvariantCulture))]);

    private static JsonArray ToJson(IEnumerable<ImageEmbedding> results, ImmutableArray<LeftOut> leftOut)
    {
        var entries = new JsonArray([.. results.Select(ToJson)]);
        LeftOutView.AddTo(entries, leftOut);
        return entries;
    }

    private static JsonObject ToJson(ImageEmbedding result)
    {
        var entry = new JsonObject { ["path"] = result.Path };
        if (result.Error is null) entry["embedding"] = new JsonArray([.. result.Values.Select(value => JsonValue.Create(value))]);
        else entry["error"] = result.Error;
        return entry;
    }
}
