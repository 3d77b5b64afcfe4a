using System.CommandLine;
using System.Text.Json.Nodes;
using EfficientNetSharp.Cli.Support;
using EfficientNetSharp.Evaluation;
using EfficientNetSharp.Imaging;

namespace EfficientNetSharp.Cli.Commands;

/// <summary><c>effnet predict</c>: the best classes of pictures.</summary>
internal static class PredictCommand
{
    public static Command Create(Terminal terminal)
    {
        var model = SharedOptions.Model();
        var pictures = new Argument<string[]>("PICTURE") { Description = "Picture files or folders of them.", Arity = ArgumentArity.OneOrMore };
        var topK = SharedOptions.Ranged(new Option<int>("--top-k") { Description = "How many classes to name.", DefaultValueFactory = _ => 5 }, 1, 1_000_000);
        var json = SharedOptions.Json();
        var backend = SharedOptions.Backend();
        var threads = SharedOptions.Threads();
        var batch = SharedOptions.BatchSize(16);
        var command = new Command("predict", "Name the classes of pictures.") { model, pictures, topK, json, backend, threads, batch };
        command.SetAction(words => Run(
            terminal, words.GetRequiredValue(model), words.GetRequiredValue(pictures), words.GetValue(topK), words.GetValue(json),
            words.GetValue(backend), words.GetValue(threads), words.GetValue(batch)));
        return command;
    }

    private static int Run(Terminal terminal, string path, string[] given, int topK, bool json, string? backend, int threads, int batchSize)
    {
        var pictures = PictureArguments.Expand(given);
        var open = OpenModel.Load(path);
        if (open.Card.Classes.IsEmpty) throw new InvalidInputException($"'{path}' has no classifier: its outputs are features, not classes; use 'effnet run'.");
        using var classifier = new PictureClassifier(open.CreateRunner(backend, threads), new EvaluationTransform(open.Card.Preprocessing), open.Card.Classes);
        // A batch is worth its waiting only where there are more pictures than one.
        var results = classifier.ClassifyMany(pictures, Math.Min(batchSize, pictures.Count), topK, terminal.Interrupted);
        int failed = json ? WriteJson(terminal, results) : WriteLines(terminal, results);
        return failed == 0 ? EffnetCommand.Done : EffnetCommand.Failed;
    }

    private static int WriteJson(Terminal terminal, IEnumerable<PictureResult> results)
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

        Json.Write(terminal, array);
        return failed;
    }

    private static int WriteLines(Terminal terminal, IEnumerable<PictureResult> results)
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
            foreach (var prediction in result.Predictions) terminal.Output.WriteLine($"  {100 * prediction.Probability,6:F2} %  {prediction.Class}");
        }

        return failed;
    }
}
