using EfficientNetSharp.Evaluation.Verification;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Evaluation.Tests.Verification;

/// <summary>Embeddings of made-up identities and pairs of them, some with equal scores.</summary>
internal sealed class RandomPairs
{
    public RandomPairs(ulong seed, int pairs, int length = 6, bool coarse = false)
    {
        var random = new SeededRandom(seed);
        float[] values = new float[2 * pairs * length], mirrored = new float[values.Length];
        Same = new bool[pairs];
        for (int pair = 0; pair < pairs; pair++)
        {
            // Both kinds in every fold of ten or more.
            Same[pair] = pair % 2 == 0;
            for (int i = 0; i < length; i++)
            {
                double own = random.NextGaussian(), other = Same[pair] ? own + random.NextGaussian() : random.NextGaussian();
                int first = (2 * pair * length) + i, second = first + length;
                (values[first], values[second]) = ((float)own, (float)other);
                if (coarse) (values[first], values[second]) = (MathF.Round(values[first]), MathF.Round(values[second]));
                mirrored[first] = values[first] + (coarse ? random.NextInt(2) : 0.1f * (float)random.NextGaussian());
                mirrored[second] = values[second] + (coarse ? random.NextInt(2) : 0.1f * (float)random.NextGaussian());
            }
        }

        Rows = new EmbeddingRows(values, length);
        Flipped = new EmbeddingRows(mirrored, length);
    }

    public EmbeddingRows Rows { get; }

    public EmbeddingRows Flipped { get; }

    public bool[] Same { get; }

    public RowPair[] Pairs => [.. RowPair.Consecutive(Same)];
}
