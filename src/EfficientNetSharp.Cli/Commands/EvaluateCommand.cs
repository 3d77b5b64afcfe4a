using System.CommandLine;
using System.Text.Json.Nodes;
using EfficientNetSharp.Cli.Support;
using EfficientNetSharp.Data;
using EfficientNetSharp.Data.Formats;
using EfficientNetSharp.Data.Loading;
using EfficientNetSharp.Evaluation;
using EfficientNetSharp.Imaging.Transforms;

namespace EfficientNetSharp.Cli.Commands;

/// <summary><c>effnet evaluate</c>: how good a model is on labelled images.</summary>
internal static class EvaluateCommand
{
    public static Command Create(Terminal terminal)
    {
        var model = SharedOptions.Model();
        var data = new Argument<string>("DATA") { Description = "A folder with one folder of images per class, a dataset folder with val/ or test/, or any other dataset of docs/datasets.md." };
        var split = new Option<string?>("--split") { Description = "The part of a dataset folder; the first of val, test, train if not given." };
        split.AcceptOnlyFromAmong([.. PartNames.ForEvaluation]);
        var report = new Option<string?>("--report") { Description = "HTML report to write." };
        var json = SharedOptions.Json();
        var backend = SharedOptions.Backend();
        var threads = SharedOptions.Threads();
        var workers = SharedOptions.Workers();
        var batch = SharedOptions.BatchSize(32);
        var strict = new Option<bool>("--strict") { Description = "Fail at the first image that cannot be read, instead of leaving it out." };
        var command = new Command("evaluate", "Measure a model on labelled images.") { model, data, split, report, json, backend, threads, workers, batch, strict };
        command.SetAction(parsed => Run(
            terminal, parsed.GetRequiredValue(model), parsed.GetRequiredValue(data), parsed.GetValue(split), parsed.GetValue(report), parsed.GetValue(json),
            parsed.GetValue(backend), parsed.GetValue(threads),
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
        Terminal terminal, string path, string dataPath, string? split, string? report, bool json, string? backend, int threads,
        EvaluationOptions options, string command)
    {
        var open = OpenModel.Load(path);
        if (open.Card.Classes.IsEmpty) throw new InvalidInputException($"'{path}' has no classifier; only classifiers can be evaluated.");
        var (data, source) = Datasets.OpenForEvaluation(dataPath, split, open.Card.Classes);
        using var runner = open.CreateRunner(backend, threads);
        terminal.Note($"{data.Count} images of {source}");
        var result = DatasetEvaluator.Run(
            runner, new EvaluationTransform(open.Card.Preprocessing), data, options,
            new SyncProgress<EvaluationProgress>(at => terminal.Progress($"{at.Done} / {at.Total}")), terminal.Interrupted);
        terminal.EndProgress();
        if (json)
        {
            var document = JsonNode.Parse(EvaluationJson.Serialize(result))!;
            document["model"] = path;
            document["data"] = source;
            document["backend"] = runner.Backend;
            Json.Write(terminal, document);
        }
        else
        {
            ResultTable.Write(terminal, result);
        }

        if (report is not null)
        {
            Reports.Write(report, result, data, source, open, runner.Backend, [], command);
            terminal.Note($"Report: {report}");
        }

        return EffnetCommand.Done;
    }
}
