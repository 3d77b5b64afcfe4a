using System.Collections.Immutable;
using EfficientNetSharp.Evaluation;
using EfficientNetSharp.Evaluation.Verification;

namespace EfficientNetSharp.Quantization.Measuring;

/// <summary>What a quantized network loses on some images, and how far that may be off.</summary>
/// <param name="Points">Points of 100; below 0 where it wins.</param>
/// <param name="Error">The standard error: other images of the kind would give points that scatter by this much.</param>
public readonly record struct MeasuredDrop(double Points, double Error)
{
    // Identities are left out in so many turns.
    private const int Turns = 20;

    /// <summary>
    /// Where no image was lost or won by its class, whose standard error of 0 says nothing: the most points that other images of the kind
    /// may lose, with 95 % confidence; <see langword="null"/> where some were, or where something else than classes is measured.
    /// </summary>
    public double? Bound { get; private init; }

    /// <summary>Measures.</summary>
    /// <param name="measure">By what, as <see cref="DropMeasure.On"/> gives it.</param>
    /// <param name="expected">The float network's outputs, image by image.</param>
    /// <param name="actual">The quantized network's.</param>
    /// <param name="labels">The images' labels; needed where the measure needs them.</param>
    public static MeasuredDrop Of(DropMeasure measure, IReadOnlyList<float[]> expected, IReadOnlyList<float[]> actual, ImmutableArray<int> labels)
    {
        ArgumentNullException.ThrowIfNull(measure);
        ArgumentNullException.ThrowIfNull(expected);
        ArgumentNullException.ThrowIfNull(actual);
        if (expected.Count != actual.Count || expected.Count == 0 || (measure.NeedsLabels && labels.Length != expected.Count))
            throw new ArgumentException("Outputs of both networks, and a label where they are needed, are expected for each image.", nameof(actual));
        if (measure.Name == DropMeasure.TrueAcceptRate.Name) return OfPairs(measure.FalseAcceptRate!.Value, expected, actual, labels);
        bool isByClass = measure.Name != DropMeasure.Cosine.Name;
        double[] losses = [.. expected.Select((floats, i) => measure.Name switch
        {
            var name when name == DropMeasure.Top1.Name => (TopOf(floats) == labels[i] ? 1.0 : 0) - (TopOf(actual[i]) == labels[i] ? 1 : 0),
            var name when name == DropMeasure.Cosine.Name => 1 - OutputComparison.Compare(floats, actual[i]).Cosine,
            _ => OutputComparison.Compare(floats, actual[i]).Agrees ? 0 : 1,
        })];
        double mean = losses.Average();
        double variance = losses.Length < 2 ? 0 : losses.Sum(loss => (loss - mean) * (loss - mean)) / (losses.Length - 1);
        return new MeasuredDrop(100 * mean, 100 * Math.Sqrt(variance / losses.Length))
        {
            Bound = isByClass && losses.All(loss => loss == 0) ? 100 * BinomialInterval.LargestWithout(losses.Length) : null,
        };
    }

    // The jackknife over groups of identities, since pairs of one identity depend on each other (Efron and Tibshirani 1993, chapter 11).
    private static MeasuredDrop OfPairs(double rate, IReadOnlyList<float[]> expected, IReadOnlyList<float[]> actual, ImmutableArray<int> labels)
    {
        var pairs = IdentityPairs.Of(labels.AsSpan()).Pairs;
        double[] floats = PairScores.Cosines(EmbeddingRows.Of(expected), pairs.AsMemory());
        double[] integers = PairScores.Cosines(EmbeddingRows.Of(actual), pairs.AsMemory());
        double all = Drop(_ => true);
        int[] identities = [.. labels.Distinct().Order()];
        var turnOf = identities.Select((identity, i) => (identity, Turn: i % Turns)).ToDictionary(pair => pair.identity, pair => pair.Turn);
        var others = Enumerable.Range(0, Math.Min(Turns, identities.Length))
            .Select(turn => Drop(pair => turnOf[labels[pair.First]] != turn && turnOf[labels[pair.Second]] != turn))
            .Where(drop => !double.IsNaN(drop)).ToList();
        if (others.Count < 2) return new MeasuredDrop(100 * all, 0);
        double mean = others.Average();
        return new MeasuredDrop(
            100 * all, 100 * Math.Sqrt((others.Count - 1.0) / others.Count * others.Sum(drop => (drop - mean) * (drop - mean))));

        double Drop(Func<RowPair, bool> isTaken)
        {
            int[] taken = [.. Enumerable.Range(0, pairs.Length).Where(i => isTaken(pairs[i]))];
            if (taken.All(i => pairs[i].IsSame) || !taken.Any(i => pairs[i].IsSame)) return double.NaN;
            return RateOf(floats) - RateOf(integers);

            double RateOf(double[] scores) =>
                RocCurve.OfPairs([.. taken.Select(i => scores[i])], [.. taken.Select(i => pairs[i])]).AtFalseAcceptRate(rate).TrueAcceptRate;
        }
    }

    private static int TopOf(float[] outputs)
    {
        int top = 0;
        for (int i = 1; i < outputs.Length; i++)
        {
            if (outputs[i] > outputs[top]) top = i;
        }

        return top;
    }
}
