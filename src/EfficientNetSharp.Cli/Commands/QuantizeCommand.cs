using System.CommandLine;
using EfficientNetSharp.Cli.Support;
using EfficientNetSharp.Cli.Support.Paths;
using EfficientNetSharp.Cli.Support.Quantizing;
using EfficientNetSharp.Cli.Support.Words;
using EfficientNetSharp.Data;
using EfficientNetSharp.Data.Formats;
using EfficientNetSharp.Data.Inspection;
using EfficientNetSharp.Evaluation;
using EfficientNetSharp.Files;
using EfficientNetSharp.Imaging.Transforms;
using EfficientNetSharp.Inference;
using EfficientNetSharp.Models;
using EfficientNetSharp.Prediction;
using EfficientNetSharp.Quantization;
using EfficientNetSharp.Quantization.Calibration;
using EfficientNetSharp.Quantization.Measuring;
using EfficientNetSharp.Quantization.Search;

namespace EfficientNetSharp.Cli.Commands;

/// <summary><c>effnet quantize</c>: a model of integers from a model of floats and some images.</summary>
internal static class QuantizeCommand
{
    private const int StandardImages = 128, MaxImages = 100_000;

    /// <summary>What was asked for beside model and data.</summary>
    private sealed record Request(
        string Target, string? Report, string Command, int Images, ulong Seed, bool Json, PlanOptions Plan, QuantizationScheme Scheme,
        Func<bool, IQuantizationPlanner> Planner, string? Plot);

    public static Command Create(Terminal terminal)
    {
        var model = SharedOptions.Model();
        var data = new InputOption("--data", InputKind.Images)
        {
            Required = true,
            Description = "Images as the network will see them, to calibrate with and to judge by: a folder of them, with or without classes, "
                + "or any other dataset of docs/datasets.md.",
        };
        var split = new Option<string?>("--split") { Description = "The part of a dataset folder; the first of val, test, train if not given." };
        split.Among([.. PartNames.ForEvaluation]);
        var words = new QuantizationWords();
        var output = new OutputOption("--output", "-o")
        {
            Kind = OutputKind.File,
            Endings = _ => [".safetensors"],
            Description = "Model file to write; if not given, in the current folder, the model's name with the scheme's and .safetensors.",
            Otherwise = parsed => $"{ModelLocation.StemOf(parsed.GetRequiredValue(model))}.{words.Scheme(parsed).Name}.safetensors",
        };
        var images = SharedOptions.Ranged(
            new Option<int>("--images") { Description = "Most images to calibrate with.", DefaultValueFactory = _ => StandardImages }, 1, MaxImages);
        var seed = SharedOptions.Ranged(new Option<ulong>("--seed") { Description = "Names the draw of images.", DefaultValueFactory = _ => 0 },
            SharedOptions.Seeds);
        var report = SharedOptions.HtmlReport();
        var json = SharedOptions.Json();
        var opening = new OpeningOptions(hasBackend: false);
        var command = new Command("quantize", "Make a model of integers: smaller, faster, and as near to the float one as can be.")
        {
            model, data, split, output, images, seed, report, json,
        };
        foreach (var option in words.Options) command.Add(option);
        opening.AddTo(command);
        command.SetAction(parsed =>
        {
            var options = opening.Get(parsed, terminal);
            return Run(
                terminal, parsed.GetRequiredValue(model), parsed.GetRequiredValue(data)!, parsed.GetValue(split), options,
                new Request(
                    output.RequiredPathIn(parsed), report.PathIn(parsed), GivenCommand.Of(parsed), parsed.GetValue(images), parsed.GetValue(seed),
                    parsed.GetValue(json), EngineBackend.PlanOptionsOf(options.Runner), words.Scheme(parsed), words.Planner(parsed),
                    words.Search.Plot.PathIn(parsed)));
        });
        return command;
    }

    private static int Run(Terminal terminal, string given, string dataPath, string? split, OpenOptions opening, Request request)
    {
        string path = ModelLocation.Find(terminal, given);
        var model = Host.Opener.ReadForImages(path, opening);
        model.Graph.EnsureFloat("Quantization");
        var data = Datasets.OpenAny(dataPath, split, model.Card.ListClasses());
        LeftOutView.Note(terminal, data.Warnings);
        var images = CalibrationImages.Of(data.Images, request.Images, request.Seed);
        terminal.Note($"{NumberText.Counted(images.Calibrating.Count, "image")} of {data.Source} to calibrate with, {images.Judging.Count} to judge by, {images.HeldOut.Count} held out");
        var (height, width) = (model.Card.Preprocessing.Height, model.Card.Preprocessing.Width);
        var warnings = SampleInspector.Inspect(images.Calibrating, height, width, terminal.Interrupted).Warnings(data.Images.Classes.Length > 1 || data.HasLabels);
        foreach (string warning in warnings) terminal.Note($"warning: {warning}");

        var transform = new EvaluationTransform(model.Card.Preprocessing);
        var calibrating = Read(images.Calibrating);
        var judging = Read(images.Judging);
        var progress = new SyncProgress<QuantizationProgress>(
            at => terminal.Progress($"{ProgressBar.Of((int)(1000 * at.Share), 1000)} {at.Work}"));
        using var network = CalibratedNetwork.Of(
            model.BuildGraph(), model.Weights, calibrating, judging, request.Plan, progress, terminal.Interrupted);
        var quantized = request.Planner(!model.Card.Classes.IsEmpty).Plan(network, progress, terminal.Interrupted);
        terminal.EndProgress();
        var result = model with
        {
            Graph = quantized.Graph, Weights = quantized.Weights, Card = QuantizedCard.Of(model.Card, path, request.Scheme, quantized, calibrating.Count),
        };
        ModelFile.Save(result, request.Target);
        if (request.Plot is { } plot) AtomicFile.WriteText(plot, PlanPlot.ToSvg(quantized.Search!));
        var held = images.HeldOut.Count > 0 ? Compare(images.HeldOut) : null;
        terminal.EndProgress();
        var view = new QuantizationView
        {
            Model = path, Target = request.Target, Scheme = request.Scheme, Network = quantized, HeldOut = held,
            Source = data.Source, CalibrationImages = calibrating.Count, Warnings = warnings,
            FloatBytes = model.Weights.Values.Sum(tensor => sizeof(float) * (long)tensor.Values.Length),
            IsClassifier = !model.Card.Classes.IsEmpty,
            Layers = request.Report is null ? [] : LayerAnalyzer.Analyze(network, quantized, progress: progress, cancellationToken: terminal.Interrupted),
            PreprocessingErrors = request.Report is null ? [] : PreprocessingErrors.Measure(network, model.Card.Preprocessing),
        };
        terminal.EndProgress();
        if (request.Report is { } report)
        {
            view.ToReport(model, request.Command).Save(report);
            terminal.Note($"Report: {report}");
        }

        if (!model.Card.Thresholds.IsEmpty)
            terminal.Note("note: the float model's thresholds were left out, as cosines differ; measure anew with 'effnet verify --save'.");
        if (request.Json) Json.Write(terminal, view.ToJson());
        else view.Write(terminal);
        return EffnetCommand.Done;

        IReadOnlyList<float[]> Read(SubsetDataset part)
        {
            var read = CalibrationImages.Read(part, transform, out var unreadable, cancellationToken: terminal.Interrupted);
            LeftOutView.NoteUnreadable(terminal, unreadable);
            return read;
        }

        HeldOutComparison Compare(SubsetDataset part)
        {
            using var floats = EngineRunner.Create(network.Graph, network.Weights, request.Plan);
            using var integers = EngineRunner.Create(quantized.Graph, quantized.Weights, request.Plan);
            return HeldOutComparison.Run(
                floats, integers, transform, part, data.HasLabels && !model.Card.Classes.IsEmpty, null,
                new SyncProgress<EvaluationProgress>(at => terminal.Progress($"{ProgressBar.Of(at.Done, at.Total)} comparing {at.Total:N0} held-out images")),
                terminal.Interrupted);
        }
    }
}
