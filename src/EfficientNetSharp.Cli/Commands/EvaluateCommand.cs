using System.CommandLine;
using System.Text.Json.Nodes;
using EfficientNetSharp.Cli.Support;
using EfficientNetSharp.Cli.Support.Paths;
using EfficientNetSharp.Data;
using EfficientNetSharp.Data.Formats;
using EfficientNetSharp.Data.Loading;
using EfficientNetSharp.Evaluation;
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
        split.AcceptOnlyFromAmong([.. PartNames.ForEvaluation]);
        var report = new OutputOption("--report")
        {
            Kind = OutputKind.File,
            Endings = _ => [".html", ".htm"],
            Description = "HTML report to write.",
        };
        var json = SharedOptions.Json();
        var workers = SharedOptions.Workers();
        var batch = SharedOptions.BatchSize(32);
        var strict = new Option<bool>("--strict")
        {
            Description = "Fail at the first image that cannot be read, instead of leaving it out.",
        };
        var opening = new OpeningOptions();
        var command = new Command("evaluate", "Measure a model on labelled images.")
        {
            model, data, split, report, json, workers, batch, strict,
        };
        opening.AddTo(command);
        command.SetAction(parsed => Run(
            terminal, parsed.GetRequiredValue(model), parsed.GetRequiredValue(data), parsed.GetValue(split), report.PathIn(parsed),
            parsed.GetValue(json),
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
        Terminal terminal, string path, string dataPath, string? split, string? report, bool json, OpenOptions opening,
        EvaluationOptions options, string command)
    {
        path = ModelLocation.Find(terminal, path);
        using var network = Host.Opener.OpenForImages(path, opening);
        network.EnsureClassifier();
        var given = Datasets.OpenForEvaluation(dataPath, split, network.Card.ListClasses());
        var (data, source) = given;
        terminal.Note($"{data.Count} images of {source}");
        LeftOutView.Note(terminal, given.Warnings);
        var result = DatasetEvaluator.Run(
            network.Runner, network.Transform, data, options,
            new SyncProgress<EvaluationProgress>(at => terminal.Progress($"{at.Done} / {at.Total}")), terminal.Interrupted);
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
}
