using EfficientNetSharp.Data.Pairs;
using EfficientNetSharp.Evaluation;
using EfficientNetSharp.Evaluation.Retrieval;
using EfficientNetSharp.Evaluation.Verification;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Training.Embeddings;

/// <summary>By what an epoch of an embedding is judged.</summary>
internal static class EmbeddingMeasures
{
    // LFW's: 3,000 pairs of one identity and as many of two.
    private const int MaxPairs = 3000, Folds = 10;

    // Pairs are the same in each epoch of each run, so that scores can be compared.
    private const ulong PairStream = 0x7061697273;

    /// <summary>The share of pairs that are told right, at thresholds found on other pairs.</summary>
    public static Measure Verification { get; } = new("verification", "verification") { Description = "verification accuracy" };

    /// <summary>The share of images whose nearest other image is of the same identity.</summary>
    public static Measure RecallAt1 { get; } = new("recall_at_1", "recall@1") { Description = "recall@1" };

    /// <summary>Verification as insightface measures it, without mirror images, over pairs that are made of all images.</summary>
    /// <param name="rows">Embeddings.</param>
    /// <param name="labels">Their identities.</param>
    /// <returns>0…1; 0.5 where no pairs can be made.</returns>
    public static double VerificationOf(EmbeddingRows rows, ReadOnlySpan<int> labels)
    {
        var pairs = PairsOf(labels);
        return pairs.Length < 2 ? 0.5 : InsightFaceProtocol.Evaluate(rows, null, pairs, Math.Min(Folds, pairs.Length)).Accuracy;
    }

    /// <summary>Verification as insightface measures it, of pairs that are given; those with an image that cannot be read are left out.</summary>
    /// <param name="embedded">The pairs' images, with their mirror images.</param>
    /// <param name="pairs">The pairs, at least two.</param>
    public static double VerificationOf(EmbeddedImages embedded, VerificationPairs pairs)
    {
        var rowOf = embedded.Kept.Index().ToDictionary(entry => entry.Item, entry => entry.Index);
        var readable = new List<RowPair>();
        for (int pair = 0; pair < pairs.IsSame.Length; pair++)
        {
            if (rowOf.TryGetValue(pairs.Members[2 * pair], out int first) && rowOf.TryGetValue(pairs.Members[(2 * pair) + 1], out int second))
                readable.Add(new RowPair(first, second, pairs.IsSame[pair]));
        }

        return readable.Count < 2 ? 0.5 : InsightFaceProtocol.Evaluate(
            embedded.Rows, embedded.Mirrored, readable.ToArray(), Math.Min(Folds, readable.Count)).Accuracy;
    }

    /// <summary>Pairs in the order of folds: one of an identity, one of two, and so on.</summary>
    public static RowPair[] PairsOf(ReadOnlySpan<int> labels)
    {
        var random = new SeededRandom(0, PairStream);
        int[][] members = MembersOf(labels);
        var same = new List<(int First, int Second)>();
        // In rounds, so that identities of many images do not outweigh the others where not all pairs are taken.
        int[][] shuffled = [.. members.Where(own => own.Length > 1)];
        foreach (int[] own in shuffled) random.Shuffle<int>(own);
        random.Shuffle<int[]>(shuffled);
        for (int round = 0, added = 1; added > 0 && same.Count < MaxPairs; round++)
        {
            added = 0;
            foreach (int[] own in shuffled)
            {
                if (same.Count >= MaxPairs || PairOfRound(own, round) is not { } pair) continue;
                same.Add(pair);
                added++;
            }
        }

        if (members.Length < 2) return [];
        var pairs = new List<RowPair>(2 * same.Count);
        foreach (var (first, second) in same)
        {
            pairs.Add(new RowPair(first, second, true));
            int one = random.NextInt(members.Length), other = random.NextInt(members.Length - 1);
            if (other >= one) other++;
            pairs.Add(new RowPair(
                members[one][random.NextInt(members[one].Length)], members[other][random.NextInt(members[other].Length)], false));
        }

        return [.. pairs];
    }

    /// <summary>recall@1 over the images that have another one of their identity; 0 where none has, and where all embeddings are one.</summary>
    /// <param name="rows">Embeddings.</param>
    /// <param name="labels">Their identities.</param>
    public static double RecallAt1Of(EmbeddingRows rows, int[] labels) => labels.Distinct().Count() == labels.Length
        ? 0
        : RetrievalEvaluator.Evaluate(rows, labels, new RetrievalOptions { RecallAt = [1], BootstrapSamples = 1 }).Recall[0].Recall.Value;

    private static int[][] MembersOf(ReadOnlySpan<int> labels)
    {
        var members = new SortedDictionary<int, List<int>>();
        for (int i = 0; i < labels.Length; i++)
        {
            if (!members.TryGetValue(labels[i], out var own)) members.Add(labels[i], own = []);
            own.Add(i);
        }

        return [.. members.Values.Select(own => own.ToArray())];
    }

    // The round-th of an identity's n(n − 1)/2 pairs, those of neighbours in the shuffled list first.
    private static (int First, int Second)? PairOfRound(int[] members, int round)
    {
        for (int distance = 1; distance < members.Length; distance++)
        {
            int pairs = members.Length - distance;
            if (round < pairs) return (members[round], members[round + distance]);
            round -= pairs;
        }

        return null;
    }
}
