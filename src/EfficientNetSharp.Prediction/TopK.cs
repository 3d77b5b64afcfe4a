using System.Collections.Immutable;

namespace EfficientNetSharp.Prediction;

/// <summary>The best classes of a row of logits.</summary>
public static class TopK
{
    /// <summary>
    /// The <paramref name="k"/> classes of the greatest logits, best first; equal logits in rising order of class, so that
    /// the answer is the same on every machine.
    /// </summary>
    /// <param name="logits">One row [classes].</param>
    /// <param name="classes">Names of the classes, as many as logits.</param>
    /// <param name="k">How many classes to name, at least 1; all of them where there are fewer.</param>
    /// <exception cref="ArgumentException">There are no classes, or not as many names as logits.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="k"/> is below 1.</exception>
    /// <exception cref="InvalidInputException">
    /// The softmax is not defined: a logit is NaN or +∞, or all of them are −∞.
    /// </exception>
    public static ImmutableArray<ClassPrediction> Of(ReadOnlySpan<float> logits, IReadOnlyList<string> classes, int k)
    {
        ArgumentNullException.ThrowIfNull(classes);
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        if (logits.IsEmpty || logits.Length != classes.Count)
            throw new ArgumentException($"A row of {classes.Count} logits (at least 1) is expected, not of {logits.Length}.",
                nameof(logits));

        return Find(logits, classes, k) ?? throw new InvalidInputException(
            "Expected finite outputs of the network, found NaN or infinity; check its weights, for example with another backend.");
    }

    /// <summary>As <see cref="Of"/> without its checks; <see langword="null"/> where the softmax is not defined.</summary>
    internal static ImmutableArray<ClassPrediction>? Find(ReadOnlySpan<float> logits, IReadOnlyList<string> classes, int k)
    {
        var row = SoftmaxRow.Of(logits);
        if (!row.IsValid) return null;

        // The list of the best so far stays sorted; k is small, so a new one walks up from the end.
        var best = new List<int>(Math.Min(k, logits.Length) + 1);
        for (int i = 0; i < logits.Length; i++)
        {
            if (best.Count == k && logits[i] <= logits[best[^1]]) continue;
            int place = best.Count;
            while (place > 0 && logits[i] > logits[best[place - 1]]) place--;
            best.Insert(place, i);
            if (best.Count > k) best.RemoveAt(k);
        }

        var predictions = ImmutableArray.CreateBuilder<ClassPrediction>(best.Count);
        foreach (int i in best) predictions.Add(new ClassPrediction(i, classes[i], row.Probability(logits[i])));
        return predictions.MoveToImmutable();
    }
}
