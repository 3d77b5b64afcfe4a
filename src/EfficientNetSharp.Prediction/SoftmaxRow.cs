namespace EfficientNetSharp.Prediction;

/// <summary>
/// What a row of logits says, without the row of probabilities being written out. Sums are in double: a float sum over a
/// thousand classes loses the digits that small probabilities need.
/// </summary>
/// <param name="IsValid">
/// Whether the softmax is defined: no NaN, no +∞ and at least one value above −∞. The other members mean nothing otherwise.
/// </param>
/// <param name="IsConstant">Whether all of two or more logits are equal, so that the row prefers no class.</param>
/// <param name="Best">The class of the greatest logit; of equal ones, the lowest class.</param>
/// <param name="Maximum">The greatest logit.</param>
/// <param name="LogSum">log Σ exp(logit − <paramref name="Maximum"/>), at least 0.</param>
public readonly record struct SoftmaxRow(bool IsValid, bool IsConstant, int Best, double Maximum, double LogSum)
{
    /// <summary>The softmax of the best class, in (0, 1].</summary>
    public double Confidence => Math.Exp(-LogSum);

    /// <summary>Reads a row of logits.</summary>
    /// <param name="logits">The row [classes], at least one value.</param>
    /// <exception cref="ArgumentException">The row is empty.</exception>
    public static SoftmaxRow Of(ReadOnlySpan<float> logits)
    {
        if (logits.IsEmpty) throw new ArgumentException("A row of at least 1 logit is expected.", nameof(logits));
        int best = 0;
        bool constant = logits.Length > 1;
        for (int i = 0; i < logits.Length; i++)
        {
            if (float.IsNaN(logits[i]) || float.IsPositiveInfinity(logits[i])) return default;
            if (logits[i] != logits[0]) constant = false;
            if (logits[i] > logits[best]) best = i;
        }

        double maximum = logits[best];
        if (double.IsNegativeInfinity(maximum)) return default;

        // Subtracting the maximum first keeps every exponent at or below 0: nothing overflows, and the sum is at least 1.
        double sum = 0;
        foreach (float logit in logits) sum += Math.Exp(logit - maximum);
        return new SoftmaxRow(true, constant, best, maximum, Math.Log(sum));
    }

    /// <summary>The softmax of a class with this logit.</summary>
    public double Probability(float logit) => Math.Exp(logit - Maximum - LogSum);

    /// <summary>The cross-entropy −log softmax of a class with this logit; +∞ for a logit of −∞.</summary>
    /// <remarks>The difference of the logits comes first: LogSum, often tiny, would lose its digits in a sum with a great logit.</remarks>
    public double CrossEntropy(float logit) => LogSum + (Maximum - logit);
}
