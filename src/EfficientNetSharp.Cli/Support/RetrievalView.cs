using System.Text.Json.Nodes;
using EfficientNetSharp.Data;
using EfficientNetSharp.Data.Formats;
using EfficientNetSharp.Evaluation;
using EfficientNetSharp.Evaluation.Retrieval;
using EfficientNetSharp.Prediction;

namespace EfficientNetSharp.Cli.Support;

/// <summary>Judges an embedding by what is nearest to each image.</summary>
internal static class RetrievalView
{
    /// <summary>Embeds, searches, and shows the result.</summary>
    public static int Run(
        Terminal terminal, ImageNetwork network, string path, string? split, RetrievalRequest request, bool includesTrained, string? report, bool json,
        EvaluationOptions options, string command)
    {
        var given = Datasets.OpenPart(path, split);
        var queries = Unseen(terminal, network, given.Images, includesTrained);
        terminal.Note($"{NumberText.Counted(queries.Count, "image")} of {given.Source}");
        LeftOutView.Note(terminal, given.Warnings);
        var rows = Embed(terminal, network, queries, request, options);
        RetrievalResult result;
        string searched = given.Source;
        var (found, foundRows) = (queries, rows);
        var measured = new RetrievalOptions { RecallAt = request.At };
        var progress = new SynchronousProgress<double>(done => terminal.Progress($"{ProgressBar.Of((int)(1000 * done), 1000)} searched"));
        int[] labels = Labels(queries, rows);
        if (request.Gallery is { } gallery)
        {
            var other = Datasets.OpenPart(gallery, null);
            terminal.Note($"{NumberText.Counted(other.Images.Count, "image")} of {other.Source}");
            LeftOutView.Note(terminal, other.Warnings);
            searched = other.Source;
            var galleryRows = Embed(terminal, network, other.Images, request, options);
            (found, foundRows) = (other.Images, galleryRows);
            // Classes of both sets by name.
            var names = given.Images.Classes.Select((name, label) => (name, label)).ToDictionary(StringComparer.Ordinal);
            int[] galleryLabels = [.. Labels(other.Images, galleryRows).Select(
                label => names.TryGetValue(other.Images.Classes[label], out int same) ? same : -1 - label)];
            result = RetrievalEvaluator.Evaluate(
                rows.Combined, labels, galleryRows.Combined, galleryLabels, measured, progress, terminal.Interrupted);
        }
        else
        {
            result = RetrievalEvaluator.Evaluate(rows.Combined, labels, measured, progress, terminal.Interrupted);
        }

        terminal.EndProgress();
        if (json) Json.Write(terminal, ToJson(network, given, searched, rows, result, request));
        else Print(terminal, rows, result);
        if (report is not null)
        {
            var model = new ReportedModel(network.Path, network.Card, network.Source?.Graph, network.Source?.Architecture);
            Reports.Write(report, result, new RetrievedImages(queries, rows), new RetrievedImages(found, foundRows), searched, model,
                network.Runner.Backend + (request.Flip ? "; mirror images added" : ""), command);
            terminal.Note($"Report: {report}");
        }

        return EffnetCommand.Done;
    }

    private static IImageDataset Unseen(Terminal terminal, ImageNetwork network, IImageDataset images, bool includesTrained)
    {
        var learned = LearnedImages.Of(network.Card, images);
        if (learned.Learned.IsEmpty) return images;
        string what = $"note: the model was trained on {learned.Learned.Length} of these {images.Count} images";
        terminal.Note(includesTrained
            ? $"{what}; they are judged all the same, and the result says little of other images."
            : $"{what}; only the others are judged.");
        if (includesTrained) return images;
        return learned.Unseen.Count > 0 ? learned.Unseen : throw new InvalidInputException(
            "The model was trained on all of these images, which it knows; give other images, or --include-trained to judge by these.");
    }

    private static DatasetEmbeddings Embed(
        Terminal terminal, ImageNetwork network, IImageDataset images, RetrievalRequest request, EvaluationOptions options)
    {
        var rows = DatasetEmbedder.Run(
            network.Runner, network.Transform, images, options, request.Flip,
            new SynchronousProgress<EvaluationProgress>(at => terminal.Progress($"{ProgressBar.Of(at.Done, at.Total)} of {at.Total:N0} images")),
            terminal.Interrupted);
        terminal.EndProgress();
        LeftOutView.NoteUnreadable(terminal, rows.Unreadable);
        return rows;
    }

    private static int[] Labels(IImageDataset images, DatasetEmbeddings rows) => [.. rows.Indices.Select(images.LabelOf)];

    private static void Print(Terminal terminal, DatasetEmbeddings rows, RetrievalResult result)
    {
        var table = new TextTable().Left("measure").Right("value").Right("95 %");
        table.Add("queries", $"{result.Queries:N0}", "");
        table.Add("searched", $"{result.Gallery:N0}", "");
        table.Add("classes", $"{result.Classes:N0}", "");
        if (result.WithoutRelevant > 0) table.Add("queries without another image of their class", $"{result.WithoutRelevant:N0}", "");
        foreach (var (k, recall) in result.Recall) Add($"recall@{k}", recall);
        Add("mAP", result.MeanAveragePrecision);
        Add("mAP@R", result.MeanAveragePrecisionAtR);
        Add("R-precision", result.RPrecision);
        table.Add("images per second", $"{rows.ImagesPerSecond:F1}", "");
        terminal.Write(table);

        void Add(string name, Estimate estimate) => table.Add(
            name, $"{100 * estimate.Value:F2} %", $"{100 * estimate.Interval.Lower:F2} … {100 * estimate.Interval.Upper:F2} %");
    }

    private static JsonObject ToJson(
        ImageNetwork network, EvaluationImages given, string searched, DatasetEmbeddings rows, RetrievalResult result,
            RetrievalRequest request) => new()
    {
        ["model"] = network.Path,
        ["data"] = given.Source,
        ["searched"] = searched,
        ["backend"] = network.Runner.Backend,
        ["flip"] = request.Flip,
        ["queries"] = result.Queries,
        ["withoutRelevant"] = result.WithoutRelevant,
        ["gallery"] = result.Gallery,
        ["classes"] = result.Classes,
        ["recall"] = new JsonArray([.. result.Recall.Select(at => new JsonObject { ["k"] = at.K, ["recall"] = at.Recall.Value,
            ["interval"] = Ends(at.Recall) })]),
        ["map"] = ToJson(result.MeanAveragePrecision),
        ["mapAtR"] = ToJson(result.MeanAveragePrecisionAtR),
        ["rPrecision"] = ToJson(result.RPrecision),
        ["byClass"] = new JsonArray([.. result.ByClass.Select(own => new JsonObject
        {
            ["class"] = given.Images.Classes[own.Label], ["queries"] = own.Queries, ["found"] = own.Found, ["rPrecision"] = own.Precision,
        })]),
        ["imagesPerSecond"] = rows.ImagesPerSecond,
        ["warnings"] = new JsonArray([.. given.Warnings.Select(warning => (JsonNode?)warning)]),
        ["leftOut"] = LeftOutView.ToJson([.. given.LeftOut, .. LeftOutView.Of(rows.Unreadable)]),
    };

    private static JsonObject ToJson(Estimate estimate) => new() { ["value"] = estimate.Value, ["interval"] = Ends(estimate) };

    private static JsonArray Ends(Estimate estimate) => [estimate.Interval.Lower, estimate.Interval.Upper];
}
