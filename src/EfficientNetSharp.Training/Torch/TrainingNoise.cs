using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Training.Torch;

/// <summary>
/// The random choices of one training pass, named by seed, step, node and place in the batch: a run that is resumed makes the
/// same ones as a run that was never stopped, and a batch that is computed in parts the same as one computed at once.
/// </summary>
/// <param name="Seed">The run's seed.</param>
/// <param name="Step">Number of the optimizer step, from 0 over the whole run.</param>
/// <param name="FirstRow">The pass's first image as a place in the step's batch.</param>
internal sealed record TrainingNoise(ulong Seed, long Step, int FirstRow = 0)
{
    /// <summary>
    /// The images' places in the step's batch of all processes, in place of <see cref="FirstRow"/> and those after it; empty where they
    /// follow each other.
    /// </summary>
    public ReadOnlyMemory<int> Rows { get; init; }

    /// <summary>
    /// Keep factors: 0 with probability <paramref name="rate"/>, otherwise 1/(1 − rate), so that the expectation is 1.
    /// </summary>
    /// <param name="node">Index of the node that asks.</param>
    /// <param name="rows">Images of the pass.</param>
    /// <param name="rowLength">Factors of an image.</param>
    /// <param name="rate">Probability of 0.</param>
    /// <returns>[rows, rowLength], row-major.</returns>
    public float[] KeepFactors(int node, long rows, long rowLength, double rate)
    {
        var factors = new float[rows * rowLength];
        float kept = (float)(1 / (1 - rate));
        for (int row = 0; row < rows; row++)
        {
            // 'd', 'r', 'o', 'p' keeps this stream apart from the loader's, which starts from the same seed.
            var random = new SeededRandom(Seed ^ 0x64726F70, (ulong)Step, (ulong)node,
                (ulong)(Rows.IsEmpty ? FirstRow + row : Rows.Span[row]));
            foreach (ref float factor in factors.AsSpan((int)(row * rowLength), (int)rowLength)) factor = random.NextDouble() < rate ? 0
                : kept;
        }

        return factors;
    }
}
