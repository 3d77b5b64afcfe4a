using System.Text.Json;
using System.Text.Json.Nodes;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Costs;
using EfficientNetSharp.Evaluation;
using EfficientNetSharp.Evaluation.Reports.Paper;
using EfficientNetSharp.Files;
using EfficientNetSharp.Models;
using EfficientNetSharp.Training.Runs;

namespace EfficientNetSharp.Cli.Support;

/// <summary>Reads results of transfer: a run's folder, or what <c>effnet evaluate --json</c> printed.</summary>
internal static class TransferRuns
{
    // The JSON of 21,841 classes has about as many bytes as its list of cells.
    private const int MaxBytes = 64 << 20;

    public static TransferRun Read(string path) => Directory.Exists(path) ? OfRun(path) : OfResult(path);

    private static TransferRun OfRun(string path)
    {
        var folder = new RunFolder(path);
        var description = folder.ReadDescription();
        if (description.Task.Score.Name != Measure.Top1.Name) throw new InvalidInputException(
            $"'{path}' is judged by {description.Task.Score.Title}, and Table 5 is of top-1; name runs of classification.");
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
        var network = description.Network;
        long parameters = GraphCosts.Of(network.Build(new BuildOptions { Classes = 0 })).Parameters;
        var (top1, judged) = ScoreOf(folder, description);
        return new TransferRun(name, description.Data, description.Card.Classes.Length, network.Name, parameters,
            description.From is { } from ? Path.GetFileName(from.Path) : "scratch", top1, judged, null);
    }

    // A training that set no image aside has its estimate in the model's card.
    private static (double Top1, string Judged) ScoreOf(RunFolder folder, RunDescription description)
    {
        if (File.Exists(folder.Model) && LearnedImages.CrossValidatedTop1(ModelFile.Load(folder.Model).Card) is { } estimated)
            return (estimated, "cross-validation of the training images");
        var best = EpochOrder.Best(folder.ReadHistory(description.Task), description.Task.Score);
        if (best?.ValidationScore is not { } score) throw new InvalidInputException(
            $"'{folder.Path}' was not validated, so nothing says how good it is; give what 'effnet evaluate {folder.Path} DATA --json' "
            + "prints.");
        return (score, best.Epoch == 0 ? "its validation part, the probe" : $"its validation part, epoch {best.Epoch}");
    }

    private static TransferRun OfResult(string path)
    {
        try
        {
            var node = JsonNode.Parse(InputFile.ReadAllText(path, MaxBytes)) as JsonObject
                ?? throw new JsonException("a JSON object is expected");
            string data = node["data"]!.GetValue<string>(), model = node["model"]!.GetValue<string>();
            var classes = node["classes"] as JsonArray ?? throw new JsonException("it has no classes");
            int count = node["count"]!.GetValue<int>();
            return new TransferRun(Path.GetFileName(path), data, classes.Count, model, null, null, node["top1"]!.GetValue<double>(),
                NumberText.Counted(count, "image"), count);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or NullReferenceException)
        {
            throw new InvalidInputException(
                $"'{path}' is no result of an evaluation: expected what 'effnet evaluate MODEL DATA --json' prints, or a run's folder.", e);
        }
    }
}
