using System.Globalization;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Costs;
using EfficientNetSharp.Data;
using EfficientNetSharp.Evaluation;
using EfficientNetSharp.Evaluation.Reports;
using EfficientNetSharp.Evaluation.Reports.Retrieval;
using EfficientNetSharp.Evaluation.Retrieval;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Imaging;
using EfficientNetSharp.Imaging.Codecs;
using EfficientNetSharp.Imaging.Resampling;
using EfficientNetSharp.Models;
using EfficientNetSharp.Training;

namespace EfficientNetSharp.Cli.Support;

/// <summary>The model that a report is about.</summary>
/// <param name="Path">Its file.</param>
/// <param name="Card">Its card, with the preprocessing that was carried out.</param>
/// <param name="Graph">The network that ran; <see langword="null"/> where a backend ran the file itself.</param>
/// <param name="Architecture">The table that it was built from, where one is known.</param>
internal sealed record ReportedModel(string Path, ModelCard Card, Graph? Graph, Architecture? Architecture)
{
    /// <summary>The network's name, or the file's where no table names the network; every run's file is called alike.</summary>
    public string Name => Architecture?.Name ?? System.IO.Path.GetFileNameWithoutExtension(Path);
}

/// <summary>Images with the embeddings of those that could be read.</summary>
internal sealed record RetrievedImages(IImageDataset Images, DatasetEmbeddings Rows)
{
    public string NameOf(int row) => Images.NameOf(Rows.Indices[row]);
}

/// <summary>Puts an evaluation into a report with thumbnails.</summary>
internal static class Reports
{
    private const int ThumbnailSide = 120, ThumbnailQuality = 80;

    public static void Write(
        string path, ClassificationResult result, IImageDataset data, string dataName, ReportedModel model, string backend,
        string command, TrainingOutcome? training = null)
    {
        var costs = model.Graph is null ? null : GraphCosts.Of(model.Graph);
        var card = model.Card;
        ReportWriter.Write(path, new EvaluationReport
        {
            Result = result,
            Title = $"{model.Name} on {dataName}",
            History = training?.History ?? [],
            HistoryScore = training?.Task.Score ?? Measure.Top1,
            KeptEpoch = training?.BestEpoch,
            UnreadableInTraining = training is null ? []
                : [.. training.BrokenImages, .. training.BrokenValidationImages.Except(result.Unreadable)],
            ImageName = index => data.NameOf(index),
            Thumbnail = index => Thumbnail(data, index),
            Subject = new EvaluationSubject
            {
                Model = model.Path,
                Architecture = model.Architecture?.Name,
                Parameters = costs?.Parameters,
                Macs = costs?.Macs,
                Input = PreprocessingText.Of(card.Preprocessing),
                Backend = backend,
                Data = $"{dataName} ({NumberText.Counted(data.Count, "image")})",
                Date = TimeProvider.System.GetLocalNow(),
                Command = command,
            },
        });
    }

    public static void Write(
        string path, VerificationView view, IImageDataset data, int[] images, ReportedModel model, string command)
    {
        var costs = model.Graph is null ? null : GraphCosts.Of(model.Graph);
        ReportWriter.Write(path, new VerificationReport
        {
            Result = view.Result,
            Pairs = view.Pairs,
            Scores = view.Scores,
            Title = $"Verification of {model.Name} on {view.Source}",
            Remarks = view.Remarks,
            Protocols = [.. Protocols(view)],
            Thumbnail = row => Thumbnail(data, images[row]),
            ImageName = view.NameOf,
            Subject = new EvaluationSubject
            {
                Model = model.Path,
                Architecture = model.Architecture?.Name,
                Parameters = costs?.Parameters,
                Macs = costs?.Macs,
                Input = PreprocessingText.Of(model.Card.Preprocessing) + (view.Flip ? "; mirror images added" : ""),
                Backend = view.Backend,
                Data = $"{view.Source} ({NumberText.Counted(view.Images, "image")})",
                Date = TimeProvider.System.GetLocalNow(),
                Command = command,
            },
        });
    }

    public static void Write(
        string path, RetrievalResult result, RetrievedImages queries, RetrievedImages searched, string searchedName, ReportedModel model,
        string backend, string command)
    {
        var costs = model.Graph is null ? null : GraphCosts.Of(model.Graph);
        ReportWriter.Write(path, new RetrievalReport
        {
            Result = result,
            Title = $"Retrieval by {model.Name} in {searchedName}",
            ClassName = label => queries.Images.Classes[label],
            QueryLabel = row => queries.Images.LabelOf(queries.Rows.Indices[row]),
            QueryName = queries.NameOf,
            QueryThumbnail = row => Thumbnail(queries.Images, queries.Rows.Indices[row]),
            GalleryName = searched.NameOf,
            GalleryThumbnail = row => Thumbnail(searched.Images, searched.Rows.Indices[row]),
            Subject = new EvaluationSubject
            {
                Model = model.Path,
                Architecture = model.Architecture?.Name,
                Parameters = costs?.Parameters,
                Macs = costs?.Macs,
                Input = PreprocessingText.Of(model.Card.Preprocessing),
                Backend = backend,
                Data = $"{searchedName} ({NumberText.Counted(searched.Images.Count, "image")})",
                Date = TimeProvider.System.GetLocalNow(),
                Command = command,
            },
        });
    }

    private static IEnumerable<(string Name, string Value, string Note)> Protocols(VerificationView view)
    {
        if (view.InsightFace is { } insightFace)
        {
            yield return (
                "Ten folds (insightface)", Share(insightFace.Accuracy),
                $"Mean accuracy with the threshold that is best on the other folds, ± {Share(insightFace.AccuracyDeviation)} over folds" +
                (view.Flip ? "." : "; the protocol adds mirror images, which were not asked for."));
            if (insightFace.Validation is { } validation)
            {
                yield return (
                    $"VAL at FAR {NumberText.Of(validation.Target)}", Share(validation.Rate),
                    $"Genuine pairs accepted on the held-out folds, ± {Share(validation.Deviation)} over folds.");
            }
        }

        if (view.FaceXZoo is { } faceXZoo)
        {
            yield return (
                "Ten folds (FaceX-Zoo)", Share(faceXZoo.Accuracy),
                $"Its variant, without mirror images; standard error {Share(faceXZoo.StandardError)}.");
        }

        static string Share(double share) => (100 * share).ToString("F2", CultureInfo.InvariantCulture) + "%";
    }

    private static byte[]? Thumbnail(IImageDataset data, int index)
    {
        using var image = Decode(data, index);
        if (image is null) return null;
        using var small = Resampler.Fit(image, ThumbnailSide, ThumbnailSide);
        return ImageEncoder.EncodeJpeg(small, ThumbnailQuality);
    }

    // An image that is gone since it was measured is not worth the report.
    private static Image? Decode(IImageDataset data, int index)
    {
        try
        {
            var buffer = new EncodedBuffer();
            data.ReadEncoded(index, buffer);
            return ImageDecoder.Decode(buffer.Bytes, data.NameOf(index));
        }
        catch (InvalidInputException)
        {
            return null;
        }
    }
}
