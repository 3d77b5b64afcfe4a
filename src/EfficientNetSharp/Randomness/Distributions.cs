namespace EfficientNetSharp.Randomness;

/// <summary>Distributions beside the uniform and normal ones of <see cref="SeededRandom"/>.</summary>
public static class Distributions
{
    /// <summary>
    /// The logarithm of a Gamma variate with scale 1 (Marsaglia and Tsang 2000; for shapes below 1 their boost U^(1/shape)). Small shapes
    /// give variates below the least double, which their logarithms are not.
    /// </summary>
    /// <param name="random">The stream drawn from.</param>
    /// <param name="shape">Above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The shape is not above 0 and finite.</exception>
    public static double NextLogGamma(this ref SeededRandom random, double shape)
    {
        if (!(shape > 0) || !double.IsFinite(shape)) throw new ArgumentOutOfRangeException(nameof(shape), shape, "A shape is above 0.");
        if (shape < 1) return NextLogGamma(ref random, shape + 1) + (Math.Log(1 - random.NextDouble()) / shape);

        double d = shape - (1.0 / 3.0), c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            double normal = random.NextGaussian(), root = 1 + (c * normal);
            if (root <= 0) continue;
            double logCube = 3 * Math.Log(root);
            // 1 − u is above 0, so its logarithm is finite.
            double logUniform = Math.Log(1 - random.NextDouble());
            if (logUniform < (0.5 * normal * normal) + (d * (1 - Math.Exp(logCube) + logCube))) return Math.Log(d) + logCube;
        }
    }

    /// <summary>A Beta variate, within 0 … 1: the share of one Gamma variate in two.</summary>
    /// <param name="random">The stream drawn from.</param>
    /// <param name="alpha">First shape, above 0.</param>
    /// <param name="beta">Second shape, above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A shape is not above 0 and finite.</exception>
    public static double NextBeta(this ref SeededRandom random, double alpha, double beta)
    {
        double first = random.NextLogGamma(alpha), second = random.NextLogGamma(beta);
        return 1 / (1 + Math.Exp(second - first));
    }

    /// <summary>A point of the symmetric Dirichlet distribution: shares that add up to 1.</summary>
    /// <param name="random">The stream drawn from.</param>
    /// <param name="alpha">The shape of each share, above 0.</param>
    /// <param name="shares">Receives the shares; at least one.</param>
    /// <exception cref="ArgumentOutOfRangeException">The shape is not above 0 and finite.</exception>
    public static void NextDirichlet(this ref SeededRandom random, double alpha, Span<double> shares)
    {
        double largest = double.NegativeInfinity, sum = 0;
        foreach (ref double share in shares)
        {
            share = random.NextLogGamma(alpha);
            largest = Math.Max(largest, share);
        }

        foreach (ref double share in shares) sum += share = Math.Exp(share - largest);
        foreach (ref double share in shares) share /= sum;
    }
}
