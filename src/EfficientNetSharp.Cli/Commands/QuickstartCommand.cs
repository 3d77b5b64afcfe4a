using System.CommandLine;
using System.Diagnostics;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Cli.Quickstart;
using EfficientNetSharp.Cli.Support;
using EfficientNetSharp.Cli.Support.Paths;
using EfficientNetSharp.Data;
using EfficientNetSharp.Data.Formats;
using EfficientNetSharp.Models;
using EfficientNetSharp.Onnx;
using EfficientNetSharp.Prediction;
using EfficientNetSharp.Training;
using EfficientNetSharp.Training.Runs;

namespace EfficientNetSharp.Cli.Commands;

/// <summary><c>effnet quickstart</c>: the whole way on real handwritten digits, without network, in minutes.</summary>
internal static class QuickstartCommand
{
    // Digits are small: at 48 pixels an epoch takes seconds, and the last maps still have some pixels.
    private const int Resolution = 48;

    public static Command Create(Terminal terminal)
    {
        var output = new OutputOption("--output", "-o")
        {
            Kind = OutputKind.OwnFolder,
            Description = "Folder for all files.",
            Standard = Path.Combine("runs", "quickstart"),
        };
        var epochs = SharedOptions.Ranged(
            new Option<int>("--epochs") { Description = "Passes over the digits.", DefaultValueFactory = _ => Digits.Recipe.Epochs }, 1, 1000);
        var resume = new Option<bool>("--resume") { Description = "Go on with a quickstart that was interrupted." };
        var command = new Command("quickstart", "Train, evaluate, export and predict on 1,797 handwritten digits.")
        {
            output, epochs, resume,
        };
        command.SetAction(parsed => Run(
            terminal, output.RequiredPathIn(parsed), parsed.GetValue(epochs), parsed.GetValue(resume), GivenCommand.Of(parsed)));
        return command;
    }

    private static int Run(Terminal terminal, string folder, int epochs, bool resume, string command)
    {
        var watch = Stopwatch.StartNew();
        string images = Path.Combine(folder, "digits"), run = Path.Combine(folder, "run");
        // A finished quickstart may be repeated; only an unfinished one asked to resume is kept.
        var runFolder = new RunFolder(run);
        if (!resume && File.Exists(runFolder.Checkpoint)) runFolder.Clear();
        runFolder.EnsureFree(resume);
        int written = Digits.WriteTo(images, seed: 0);
        terminal.Note($"1. Wrote {written} handwritten digits as PNG files to {images}");
        terminal.Note("2. Training EfficientNet-B0; a fifth of them is held out until the end");
        var recipe = Digits.Recipe with { Epochs = epochs };
        var (outcome, result) = TrainCommand.Run(
            terminal,
            new TrainingJob
            {
                Network = ArchitectureRegistry.Get("efficientnet_b0"),
                Data = Datasets.OpenForTraining(images, new DatasetOptions { Seed = recipe.Seed }),
                Preprocessing = Preprocessing.ForSize(Resolution, cropFraction: 1),
                Recipe = recipe,
                Folder = run,
                Resume = resume,
                OnNote = terminal.Note,
            },
            runFolder,
            images,
            command);

        string onnx = Path.Combine(run, "model.onnx");
        OnnxExporter.Export(outcome.Model, onnx);
        terminal.Note($"3. Exported {onnx}; predictions from it:");
        using var classifier = ImageClassifier.Open(Host.Opener, onnx, new OpenOptions { Backend = Host.OnnxRuntime.Name });
        string[] samples = [.. outcome.Model.Card.Classes.Take(3).Select(
            name => Directory.EnumerateFiles(Path.Combine(images, "test", name)).Order(StringComparer.Ordinal).First())];
        foreach (var prediction in classifier.ClassifyMany(samples, k: 1))
            terminal.Note($"   {prediction.Path}: {prediction.Predictions[0].Class} ({100 * prediction.Predictions[0].Probability:F1} %)");

        terminal.Output.Write($"""

            Done in {watch.Elapsed.TotalSeconds:F0} s: {100 * result.Top1:F2} % of {result.Count} digits that training never saw are named right.

            What you have
              {runFolder.Model,-40} the model: network, weights, classes and preprocessing in one file
              {onnx,-40} the same for ONNX Runtime, in any language
              {runFolder.Report,-40} the report: curves, confusion matrix, worst mistakes

            With your own images, one folder per class (photos/cat/1.jpg, photos/dog/2.jpg, …)
              ./effnet train photos -o runs/photos
              ./effnet evaluate runs/photos/model.safetensors photos --report report.html
              ./effnet predict runs/photos/model.safetensors some.jpg
              ./effnet export runs/photos/model.safetensors -o photos.onnx

            """);
        return EffnetCommand.Done;
    }
}
