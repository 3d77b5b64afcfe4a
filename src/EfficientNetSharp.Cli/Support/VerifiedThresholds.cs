using EfficientNetSharp.Evaluation.Verification;
using EfficientNetSharp.Models;
using EfficientNetSharp.Prediction;

namespace EfficientNetSharp.Cli.Support;

/// <summary>Thresholds that verification found, kept in the model's file.</summary>
internal static class VerifiedThresholds
{
    /// <summary>Makes sure before the work that a file can hold thresholds, and that they would be those of its own
    /// preprocessing.</summary>
    /// <exception cref="InvalidInputException">It cannot.</exception>
    public static void EnsureSavable(string path, OpenOptions opening)
    {
        if (!path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase) || !ModelFile.IsModel(path))
        {
            throw new InvalidInputException(
                $"--save: expected a model file, found '{path}', which holds no thresholds; make one of it with 'effnet import'.");
        }

        if (opening.Size is not null || opening.Preprocessing is not null)
        {
            throw new InvalidInputException(
                "--save: thresholds hold for the model's own preprocessing, found another one asked for; leave its options out.");
        }
    }

    /// <summary>Writes what was measured into the file's card, in place of what was measured the same way before.</summary>
    public static void Save(Terminal terminal, string path, VerificationView view)
    {
        var model = ModelFile.Load(path);
        if (Of(view.Result, MatchThresholds.PrecisionOf(model.Graph), view.Flip, view.Source) is not { } thresholds)
        {
            terminal.Note("note: no threshold was found, so none was kept.");
            return;
        }

        ModelFile.Save(model with
        {
            Card = model.Card with
            {
                Thresholds = [.. model.Card.Thresholds.Where(set => (set.Precision, set.Flip) != (thresholds.Precision, thresholds.Flip)),
                    thresholds],
            },
        }, path);
        terminal.Note($"Kept {NumberText.Counted(thresholds.Points.Length, "threshold")} for {thresholds.Precision} in {path}.");
    }

    /// <summary>What a verification found, as a card keeps it; <see langword="null"/> where it found no threshold.</summary>
    /// <param name="result">The verification.</param>
    /// <param name="precision">What the network computed in.</param>
    /// <param name="flip">Whether mirror images were added.</param>
    /// <param name="source">The images, for people.</param>
    public static MatchThresholds? Of(VerificationResult result, string precision, bool flip, string source)
    {
        var found = result.Points.Where(point => point.Threshold is not null).ToList();
        return found.Count == 0 ? null : new MatchThresholds
        {
            Precision = precision,
            Flip = flip,
            Data = source,
            Identities = result.Identities,
            Genuine = result.Roc.Genuine,
            Impostors = result.Roc.Impostors,
            Points = [.. found.OrderByDescending(point => point.Target).Select(ToThreshold)],
        };
    }

    private static MatchThreshold ToThreshold(VerificationPoint point)
    {
        double threshold = Math.Clamp(point.Threshold!.Value, -1, 1);
        return new MatchThreshold(
            point.Target, threshold, point.ThresholdInterval?.Lower ?? threshold, point.ThresholdInterval?.Upper ?? threshold,
            point.FalseRejectRate.Value);
    }
}
