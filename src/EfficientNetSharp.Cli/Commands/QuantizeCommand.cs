using System.Collections.Immutable;
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
using EfficientNetSharp.Graphs.Quantization;
using EfficientNetSharp.Imaging.Transforms;
using EfficientNetSharp.Inference;
using EfficientNetSharp.Models;
using EfficientNetSharp.Prediction;
using EfficientNetSharp.Quantization;
using EfficientNetSharp.Quantization.Calibration;
using EfficientNetSharp.Quantization.Handover;
using EfficientNetSharp.Quantization.Measuring;
using EfficientNetSharp.Quantization.Search;

namespace EfficientNetSharp.Cli.Commands;

/// <summary><c>effnet quantize</c>: a model of integers from a model of floats and some images.</summary>
internal static class QuantizeCommand
{
    private const int StandardImages = 128, MaxImages = 100_000;

    // 300 MB: 500 images of 224 pixels.
    private const long MaxJudgingNumbers = 76_000_000;

    /// <summary>What was asked for beside model and data.</summary>
    private sealed record Request(
        string Target, string? Report, string Command, int Images, ulong Seed, bool Json, PlanOptions Plan, QuantizationScheme Scheme,
        Func<bool, ImmutableArray<int>, IQuantizationPlanner> Planner, bool IsSearch, string? Plot, string? Test);

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
        var test = new InputOption("--test", InputKind.Images)
        {
            Description = "Other images, as for --data, which the result is measured on; those of --data that are held out if not given.",
        };
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
            model, data, split, test, output, images, seed, report, json,
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
                    words.Search.Target(parsed) is not null, words.Search.Plot.PathIn(parsed), parsed.GetValue(test)));
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
        bool isClassifier = !model.Card.Classes.IsEmpty;
        var labels = LabelsOf(data, isClassifier);
        int judges = request.IsSearch ? JudgesOf(model) : CalibrationImages.UsualJudging;
        var images = labels == LabelKind.Identities
            ? CalibrationImages.OfIdentities(data.Images, request.Images, request.Seed, judges)
            : CalibrationImages.Of(data.Images, request.Images, request.Seed, judges);
        var (held, heldLabels, heldSource) = (images.HeldOut, labels, data.Source);
        if (request.Test is not null)
        {
            var test = Datasets.OpenAny(request.Test, null, model.Card.ListClasses());
            LeftOutView.Note(terminal, test.Warnings);
            (held, heldLabels, heldSource) = (new SubsetDataset(test.Images, [.. Enumerable.Range(0, test.Images.Count)]), LabelsOf(test, isClassifier), test.Source);
        }

        terminal.Note($"{NumberText.Counted(images.Calibrating.Count, "image")} of {data.Source} to calibrate with, {images.Judging.Count} to judge by, {held.Count} {(request.Test is null ? "held out" : $"of {heldSource} to measure on")}");
        var (height, width) = (model.Card.Preprocessing.Height, model.Card.Preprocessing.Width);
        var warnings = SampleInspector.Inspect(images.Calibrating, height, width, terminal.Interrupted).Warnings(data.Images.Classes.Length > 1 || data.HasLabels);
        if (request.Scheme.Arithmetic == IntegerArithmetic.Rknn && RknnBundle.WhyNotInIntegers(model.Graph) is { } reason)
            warnings = warnings.Add($"{reason.TrimEnd('.')}; 'effnet export --format rknn' refuses what is made here");
        foreach (string warning in warnings) terminal.Note($"warning: {warning}");

        var transform = new EvaluationTransform(model.Card.Preprocessing);
        var calibrating = Read(images.Calibrating);
        var judging = Read(images.Judging);
        var judgingLabels = labels == LabelKind.None ? [] : judging.Labels;
        var planner = request.Planner(isClassifier, judgingLabels);
        var progress = new SynchronousProgress<QuantizationProgress>(
            at => terminal.Progress($"{ProgressBar.Of((int)(1000 * at.Share), 1000)} {at.Work}"));
        using var network = CalibratedNetwork.Of(
            model.BuildGraph(), model.Weights, calibrating.Images, judging.Images, request.Plan, progress, judgingLabels, terminal.Interrupted);
        var quantized = planner.Plan(network, progress, terminal.Interrupted);
        terminal.EndProgress();
        var compared = held.Count > 0 ? Compare(held) : null;
        terminal.EndProgress();
        var thresholds = compared?.Thresholds is { } drift
            ? VerifiedThresholds.Of(drift.Integers, MatchThresholds.PrecisionOf(quantized.Graph), flip: false, heldSource) : null;
        var result = model with
        {
            Graph = quantized.Graph, Weights = quantized.Weights,
            Card = QuantizedCard.Of(model.Card, request.Scheme, quantized, calibrating.Images.Count, thresholds),
        };
        ModelFile.Save(result, request.Target);
        if (request.Plot is { } plot) AtomicFile.WriteText(plot, PlanPlot.ToSvg(quantized.Search!));
        var view = new QuantizationView
        {
            Model = path, Target = request.Target, Scheme = request.Scheme, Network = quantized, HeldOut = compared,
            Source = data.Source, CalibrationImages = calibrating.Images.Count, Warnings = warnings,
            FloatBytes = model.Weights.Values.Sum(tensor => sizeof(float) * (long)tensor.Values.Length),
            IsClassifier = isClassifier,
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
        {
            terminal.Note(thresholds is null
                ? "note: the float model's thresholds were left out, as cosines differ; give a folder per identity, or measure anew with 'effnet verify --save'."
                : "note: the float model's thresholds were replaced by the quantized model's, measured on the held-out images; 'effnet verify --save' measures on more.");
        }

        if (request.Json) Json.Write(terminal, view.ToJson());
        else view.Write(terminal);
        return EffnetCommand.Done;

        ReadImages Read(SubsetDataset part)
        {
            var read = CalibrationImages.Read(part, transform, cancellationToken: terminal.Interrupted);
            LeftOutView.NoteUnreadable(terminal, read.Unreadable);
            return read;
        }

        HeldOutComparison Compare(SubsetDataset part)
        {
            using var floats = EngineRunner.Create(network.Graph, network.Weights, request.Plan);
            using var integers = EngineRunner.Create(quantized.Graph, quantized.Weights, request.Plan);
            return HeldOutComparison.Run(
                floats, integers, transform, part, heldLabels, quantized.Search?.Limit.Measure, null,
                new SynchronousProgress<EvaluationProgress>(at => terminal.Progress($"{ProgressBar.Of(at.Done, at.Total)} comparing {at.Total:N0} held-out images")),
                terminal.Interrupted);
        }
    }

    private static LabelKind LabelsOf(EvaluationImages data, bool isClassifier) =>
        isClassifier ? data.HasLabels ? LabelKind.Classes : LabelKind.None
        : data.Images.Classes.Length > 1 ? LabelKind.Identities : LabelKind.None;

    // A drop is kept on as many images as the memory for them holds.
    private static int JudgesOf(Model model) => (int)Math.Clamp(
        MaxJudgingNumbers / model.BuildGraph().Input.Shape.Count, CalibrationImages.UsualJudging, CalibrationImages.MostHeldOut);
}
