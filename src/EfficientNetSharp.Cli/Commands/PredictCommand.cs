using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json.Nodes;
using EfficientNetSharp.Cli.Support;
using EfficientNetSharp.Data;
using EfficientNetSharp.Data.Formats;
using EfficientNetSharp.Prediction;

namespace EfficientNetSharp.Cli.Commands;

/// <summary><c>effnet predict</c>: the best classes of images.</summary>
internal static class PredictCommand
{
    public static Command Create(Terminal terminal)
    {
        var model = SharedOptions.Model();
        var images = SharedOptions.Images();
        var topK = SharedOptions.Ranged(
            new Option<int>("--top-k") { Description = "How many classes to name.", DefaultValueFactory = _ => 5 }, 1, 1_000_000);
        var json = SharedOptions.Json();
        var batch = SharedOptions.BatchSize(16);
        var opening = new OpeningOptions();
        var command = new Command("predict", "Name the classes of images.") { model, images, topK, json, batch };
        opening.AddTo(command);
        command.SetAction(parsed => Run(
            terminal, parsed.GetRequiredValue(model), parsed.GetRequiredValue(images), parsed.GetValue(topK), parsed.GetValue(json),
            opening.Get(parsed, terminal), parsed.GetValue(batch)));
        return command;
    }

    private static int Run(Terminal terminal, string path, string[] given, int topK, bool json, OpenOptions options, int batchSize)
    {
        var images = Datasets.FindImages(given, out var leftOut);
        LeftOutView.Note(terminal, leftOut);
        using var classifier = ImageClassifier.Open(Host.Opener, ModelLocation.Find(terminal, path), options);
        // A batch is worth its waiting only where there are more images than one.
        var results = classifier.ClassifyMany(images, Math.Min(batchSize, images.Length), topK, terminal.Interrupted);
        int failed = json ? WriteJson(terminal, results, leftOut) : WriteLines(terminal, results);
        return failed == 0 ? EffnetCommand.Done : EffnetCommand.Failed;
    }

    private static int WriteJson(Terminal terminal, IEnumerable<ImageResult> results, ImmutableArray<LeftOut> leftOut)
    {
        var array = new JsonArray();
        int failed = 0;
        foreach (var result in results)
        {
            var entry = new JsonObject { ["path"] = result.Path };
            if (result.Error is null)
            {
                entry["predictions"] = new JsonArray([.. result.Predictions.Select(prediction => new JsonObject
                {
                    ["class"] = prediction.Class, ["index"] = prediction.ClassIndex, ["probability"] = prediction.Probability,
                })]);
            }
            else
            {
                entry["error"] = result.Error;
                failed++;
            }

            array.Add(entry);
        }

        LeftOutView.AddTo(array, leftOut);
        Json.Write(terminal, array);
        return failed;
    }

    private static int WriteLines(Terminal terminal, IEnumerable<ImageResult> results)
    {
        int failed = 0;
        foreach (var result in results)
        {
            if (result.Error is not null)
            {
                failed++;
                terminal.Error.WriteLine($"effnet: {result.Error}");
                continue;
            }

            terminal.Output.WriteLine(result.Path);
            foreach (var prediction in result.Predictions) terminal.Output.WriteLine(
                $"  {100 * prediction.Probability,6:F2} %  {prediction.Class}");
        }

        return failed;
    }
}
