using EfficientNetSharp.Data;
using EfficientNetSharp.Evaluation;
using EfficientNetSharp.Evaluation.Retrieval;
using EfficientNetSharp.Evaluation.Verification;
using EfficientNetSharp.Imaging.Transforms;
using EfficientNetSharp.Running;

namespace EfficientNetSharp.Studies.Replacement;

/// <summary>How an embedding does on some images.</summary>
/// <param name="Images">How many there are.</param>
/// <param name="Verification">Pairs told apart.</param>
/// <param name="Recall1">Recall@1.</param>
/// <param name="Recall5">Recall@5.</param>
internal sealed record EmbeddingScores(int Images, VerificationResult Verification, Estimate Recall1, Estimate Recall5)
{
    private const double Percent = 1e-2, PerMille = 1e-3;

    // More pairs of a few thousand images tell nothing that these do not, and each sample of an interval counts all of them.
    private const int MaxPairs = 200_000;

    public static double[] FalseAcceptRates { get; } = [Percent, PerMille];

    /// <summary>TAR at a rate; <see langword="null"/> where there are too few pairs.</summary>
    public Estimate? AcceptedAt(double falseAcceptRate)
    {
        var point = Verification.Points.First(one => one.Target == falseAcceptRate);
        if (point.Threshold is null) return null;
        var (value, interval) = point.FalseRejectRate;
        return new Estimate(1 - value, new Interval(1 - interval.Upper, 1 - interval.Lower));
    }

    /// <summary>Judges a network.</summary>
    /// <exception cref="InvalidInputException">No image can be read, or there is no pair of one kind.</exception>
    public static EmbeddingScores Of(
        IModelRunner runner, EvaluationTransform transform, IImageDataset images, EvaluationOptions options,
        CancellationToken cancellationToken)
    {
        var embedded = DatasetEmbedder.Run(runner, transform, images, options, cancellationToken: cancellationToken);
        int[] identities = [.. embedded.Indices.Select(images.LabelOf)];
        var pairs = IdentityPairs.Of(identities, new PairOptions { MaxGenuine = MaxPairs, MaxImpostors = MaxPairs }).Pairs;
        var verification = VerificationEvaluator.Evaluate(
            PairScores.Cosines(embedded.Rows, pairs.AsMemory()), pairs.AsSpan(), identities,
            new VerificationOptions { FalseAcceptRates = [.. FalseAcceptRates], Worst = 0 });
        var recall = RetrievalEvaluator.Evaluate(
            embedded.Rows, identities, new RetrievalOptions { RecallAt = [1, 5], WorstQueries = 0 },
            cancellationToken: cancellationToken).Recall;
        return new EmbeddingScores(embedded.Rows.Count, verification, recall[0].Recall, recall[1].Recall);
    }
}
