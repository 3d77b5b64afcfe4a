using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Training.Torch;

/// <summary>
/// The random choices of one training pass, named by seed and step: a run that is resumed makes the same ones as a run that
/// was never stopped, whatever libtorch's own generator has done.
/// </summary>
/// <param name="Seed">The run's seed.</param>
/// <param name="Step">Number of the optimizer step, from 0 over the whole run.</param>
internal sealed record TrainingNoise(ulong Seed, long Step)
{
    /// <summary>
    /// Keep factors: 0 with probability <paramref name="rate"/>, otherwise 1/(1 − rate), so that the expectation is 1.
    /// </summary>
    /// <param name="node">Index of the node that asks.</param>
    /// <param name="count">Number of factors.</param>
    /// <param name="rate">Probability of 0.</param>
    public float[] KeepFactors(int node, long count, double rate)
    {
        // 'd', 'r', 'o', 'p' keeps this stream apart from the loader's, which starts from the same seed.
        var random = new SeededRandom(Seed ^ 0x64726F70, (ulong)Step, (ulong)node);
        var factors = new float[count];
        float kept = (float)(1 / (1 - rate));
        for (int i = 0; i < factors.Length; i++) factors[i] = random.NextDouble() < rate ? 0 : kept;
        return factors;
    }
}
