using System.CommandLine;
using System.Text.Json.Nodes;
using EfficientNetSharp.Cli.Support;
using EfficientNetSharp.Cli.Support.Paths;
using EfficientNetSharp.Cli.Support.Words;
using EfficientNetSharp.Data;
using EfficientNetSharp.Data.Formats;
using EfficientNetSharp.Data.Loading;
using EfficientNetSharp.Evaluation;
using EfficientNetSharp.Models;
using EfficientNetSharp.Prediction;

namespace EfficientNetSharp.Cli.Commands;

/// <summary><c>effnet evaluate</c>: how good a model is on labelled images.</summary>
internal static class EvaluateCommand
{
    public static Command Create(Terminal terminal)
    {
        var model = SharedOptions.Model();
        var data = new InputArgument<string>("DATA", InputKind.Images)
        {
            Description =
            "A folder with one folder of images per class, a dataset folder with val/ or test/, or any other dataset of docs/datasets.md.",
        };
        var split = new Option<string?>("--split")
        {
            Description = "The part of a dataset folder; the first of val, test, train if not given.",
        };
        split.Among([.. PartNames.ForEvaluation]);
        var report = SharedOptions.HtmlReport();
        var json = SharedOptions.Json();
        var workers = SharedOptions.Workers();
        var batch = SharedOptions.BatchSize(32);
        var strict = new Option<bool>("--strict")
        {
            Description = "Fail at the first image that cannot be read, instead of leaving it out.",
        };
        var trained = new Option<bool>("--include-trained")
        {
            Description = "Judge images that the model was trained on too; they are left out if not given.",
        };
        var retrieval = new RetrievalWords();
        var opening = new OpeningOptions();
        var command = new Command("evaluate", "Measure a model on labelled images: a classifier by its classes, an embedding by retrieval.")
        {
            model, data, split, report, json, workers, batch, strict, trained,
        };
        retrieval.AddTo(command);
        opening.AddTo(command);
        command.SetAction(parsed => Run(
            terminal, parsed.GetRequiredValue(model), parsed.GetRequiredValue(data), parsed.GetValue(split), report.PathIn(parsed),
            parsed.GetValue(json), parsed.GetValue(trained),
            retrieval.Get(parsed),
            opening.Get(parsed, terminal),
            new EvaluationOptions
            {
                BatchSize = parsed.GetValue(batch),
                Workers = parsed.GetValue(workers),
                BrokenImages = parsed.GetValue(strict) ? BrokenImagePolicy.Fail : BrokenImagePolicy.Skip,
            },
            GivenCommand.Of(parsed)));
        return command;
    }

    private static int Run(
        Terminal terminal, string path, string dataPath, string? split, string? report, bool json, bool includesTrained,
        RetrievalRequest retrieval, OpenOptions opening, EvaluationOptions options, string command)
    {
        path = ModelLocation.Find(terminal, path);
        if (retrieval.IsAsked) opening = opening with { Features = FeatureSelection.Pooled };
        using var network = Host.Opener.OpenForImages(path, opening);
        if (retrieval.IsAsked || network.Card.Classes.IsEmpty)
        {
            return RetrievalView.Run(terminal, network, dataPath, split, retrieval, includesTrained, report, json, options, command);
        }

        network.EnsureClassifier();
        var given = Datasets.OpenForEvaluation(dataPath, split, network.Card.ListClasses());
        var (data, source) = given;
        terminal.Note($"{NumberText.Counted(data.Count, "image")} of {source}");
        LeftOutView.Note(terminal, given.Warnings);
        var learned = LearnedImages.Of(network.Card, data);
        if (!learned.Learned.IsEmpty)
        {
            terminal.Note(TrainedNote(learned, data, includesTrained));
            if (!includesTrained && learned.Unseen.Count == 0) return WriteEstimate(terminal, network.Card, json, path, source);
            if (!includesTrained) (data, source) = (learned.Unseen, $"{source}, without {learned.Learned.Length} trained on");
        }

        var result = DatasetEvaluator.Run(
            network.Runner, network.Transform, data, options,
            new SynchronousProgress<EvaluationProgress>(at => terminal.Progress($"{ProgressBar.Of(at.Done, at.Total)} of {at.Total:N0} images")),
                terminal.Interrupted);
        terminal.EndProgress();
        LeftOutView.NoteUnreadable(terminal, result.Unreadable);
        if (json)
        {
            var document = JsonNode.Parse(EvaluationJson.Serialize(result))!;
            document["model"] = path;
            document["data"] = source;
            document["backend"] = network.Runner.Backend;
            document["warnings"] = new JsonArray([.. given.Warnings.Select(warning => (JsonNode?)warning)]);
            document["leftOut"] = LeftOutView.ToJson([.. given.LeftOut, .. LeftOutView.Of(result.Unreadable)]);
            document["trainedOn"] = learned.Learned.Length;
            Json.Write(terminal, document);
        }
        else
        {
            ResultTable.Write(terminal, result);
        }

        if (report is not null)
        {
            var reported = new ReportedModel(path, network.Card, network.Source?.Graph, network.Source?.Architecture);
            Reports.Write(report, result, data, source, reported, network.Runner.Backend, command);
            terminal.Note($"Report: {report}");
        }

        return EffnetCommand.Done;
    }

    private static string TrainedNote(LearnedImages learned, IImageDataset data, bool includesTrained)
    {
        int count = learned.Learned.Length;
        string names = string.Join(", ", learned.Learned.Take(3).Select(data.NameOf)) + (count > 3 ? ", …" : "");
        string which = count == data.Count ? "all" : $"{count}";
        string then = includesTrained ? "they are judged all the same, and the result says little of other images"
            : count == data.Count ? "none is left to judge by" : $"only the other {learned.Unseen.Count} are judged";
        return $"note: the model was trained on {which} of these images ({names}); {then}.";
    }

    // Held-out images judged the training, and that is what is known of the model.
    private static int WriteEstimate(Terminal terminal, ModelCard card, bool json, string path, string source)
    {
        double? top1 = LearnedImages.CrossValidatedTop1(card);
        if (json)
        {
            Json.Write(terminal, new JsonObject
            {
                ["model"] = path, ["data"] = source, ["count"] = 0, ["crossValidatedTop1"] = top1,
            });
            return EffnetCommand.Done;
        }

        terminal.Output.WriteLine(
            (top1 is { } known
                ? $"top-1: {100 * known:F2} % by cross-validation of the training, on images that were held out of it. "
                : "The model's card has no estimate by images that were held out. ")
            + "Give other images, or --include-trained to judge by these.");
        return EffnetCommand.Done;
    }
}
