using System.Collections.Immutable;
using EfficientNetSharp.Evaluation;
using EfficientNetSharp.Evaluation.Verification;

namespace EfficientNetSharp.Quantization.Measuring;

/// <summary>
/// Thresholds of embeddings, found anew for the quantized network: cosines of integers are others than those of floats, so a threshold
/// that was found for one is wrong for the other by the drift that is told here.
/// </summary>
public sealed record ThresholdDrift
{
    /// <summary>The float network on the pairs.</summary>
    public required VerificationResult Floats { get; init; }

    /// <summary>The quantized network on the same pairs, with its own thresholds.</summary>
    public required VerificationResult Integers { get; init; }

    /// <summary>Rates of false accepts that the pairs tell, the highest first.</summary>
    public required ImmutableArray<ThresholdShift> Shifts { get; init; }

    /// <summary>Compares the embeddings of both networks.</summary>
    /// <param name="floats">The float network's embeddings, image by image.</param>
    /// <param name="integers">The quantized network's.</param>
    /// <param name="identities">The identity of each image.</param>
    /// <param name="options">Rates and intervals; <see langword="null"/> for the usual.</param>
    /// <returns><see langword="null"/> where no two images are of one identity, or all are.</returns>
    public static ThresholdDrift? Of(
        IReadOnlyList<float[]> floats, IReadOnlyList<float[]> integers, ImmutableArray<int> identities, VerificationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(floats);
        ArgumentNullException.ThrowIfNull(integers);
        var pairs = IdentityPairs.Of(identities.AsSpan()).Pairs;
        if (pairs.All(pair => pair.IsSame) || !pairs.Any(pair => pair.IsSame)) return null;
        var (before, after) = (Verify(floats), Verify(integers));
        return new ThresholdDrift
        {
            Floats = before, Integers = after,
            Shifts = [.. before.Points.Zip(after.Points).Where(pair => pair is { First.Threshold: not null, Second.Threshold: not null })
                .OrderByDescending(pair => pair.First.Target)
                .Select(pair => new ThresholdShift(pair.First, pair.Second, after.Roc.AtThreshold(pair.First.Threshold!.Value)))],
        };

        VerificationResult Verify(IReadOnlyList<float[]> embeddings) => VerificationEvaluator.Evaluate(
            PairScores.Cosines(EmbeddingRows.Of(embeddings), pairs.AsMemory()), pairs.AsSpan(), identities.AsSpan(), options);
    }
}

/// <summary>The thresholds of both networks for one rate of false accepts.</summary>
/// <param name="Before">The float network's.</param>
/// <param name="After">The quantized network's own.</param>
/// <param name="Kept">What the float network's threshold would do if it were kept for the quantized network.</param>
public sealed record ThresholdShift(VerificationPoint Before, VerificationPoint After, OperatingPoint Kept)
{
    /// <summary>The rate of false accepts that was asked for.</summary>
    public double FalseAcceptRate => Before.Target;

    /// <summary>How far the quantized network's threshold is above the float network's.</summary>
    public double Drift => After.Threshold!.Value - Before.Threshold!.Value;
}
