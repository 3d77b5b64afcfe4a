using System.Numerics;
using System.Runtime.InteropServices;

namespace EfficientNetSharp.Evaluation.Retrieval;

/// <summary>
/// For each query how many gallery rows are at least as near as each of its relevant ones. That is all that ranks need, so no list of the
/// nearest is kept, however far down the last relevant row is.
/// </summary>
/// <param name="relevant">For each query the cosines of its relevant rows, rising.</param>
internal readonly struct RelevantCounter(float[][] relevant) : ICosineVisitor
{
    // Up to so many, comparing all vectors with each costs less than looking for each cosine's place among them.
    private const int MaxCompared = 24;

    // Compared: for each relevant row how many are as near. Otherwise: at i, how many cosines have i relevant ones not above them.
    private readonly int[][] _counts = [.. relevant.Select(own => new int[own.Length + 1])];

    public void Visit(int query, int first, ReadOnlySpan<float> cosines)
    {
        if (relevant[query].Length <= MaxCompared) Compare(relevant[query], cosines, _counts[query]);
        else Place(relevant[query], cosines, _counts[query]);
    }

    /// <summary>How many gallery rows are at least as near as each relevant one of a query, in the order of the relevant ones.</summary>
    public int[] AtLeastAsNear(int query)
    {
        int[] counts = _counts[query];
        if (counts.Length - 1 <= MaxCompared) return counts[..^1];
        int[] sums = new int[counts.Length - 1];
        int sum = 0;
        for (int i = sums.Length - 1; i >= 0; i--) sums[i] = sum += counts[i + 1];
        return sums;
    }

    private static void Compare(float[] relevant, ReadOnlySpan<float> cosines, int[] counts)
    {
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(cosines);
        for (int i = 0; i < relevant.Length; i++)
        {
            var bound = new Vector<float>(relevant[i]);
            var hits = Vector<int>.Zero;
            foreach (var vector in vectors) hits -= Vector.GreaterThanOrEqual(vector, bound);
            int count = Vector.Sum(hits);
            foreach (float cosine in cosines[(vectors.Length * Vector<float>.Count)..]) count += cosine >= relevant[i] ? 1 : 0;
            counts[i] += count;
        }
    }

    private static void Place(float[] rising, ReadOnlySpan<float> cosines, int[] counts)
    {
        float least = rising[0];
        foreach (float cosine in cosines)
        {
            if (cosine < least) continue;
            int low = 0;
            for (int length = rising.Length; length > 0;)
            {
                int half = length >> 1;
                bool isRight = rising[low + half] <= cosine;
                low += isRight ? half + 1 : 0;
                length = isRight ? length - half - 1 : half;
            }

            counts[low]++;
        }
    }
}
