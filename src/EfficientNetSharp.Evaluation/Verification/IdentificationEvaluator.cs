using System.Collections.Immutable;
using EfficientNetSharp.Evaluation.Retrieval;

namespace EfficientNetSharp.Evaluation.Verification;

/// <summary>TPIR@FPIR: how many are identified where few strangers are.</summary>
/// <param name="Target">The false positive identification rate that the threshold was chosen for.</param>
/// <param name="Threshold">The cosine above which the best match counts.</param>
/// <param name="TruePositiveRate">
/// The share of probes in the gallery whose own identity is the best match and above the threshold.
/// </param>
/// <param name="FalsePositiveRate">The share of probes not in the gallery whose best match is above the threshold.</param>
public readonly record struct IdentificationPoint(double Target, double Threshold, double TruePositiveRate, double FalsePositiveRate);

/// <summary>Rank-k: the share of probes in the gallery whose own identity is among the k best.</summary>
/// <param name="K">How many identities are looked at.</param>
/// <param name="Share">The share.</param>
public readonly record struct RankShare(int K, double Share);

/// <summary>How well probes are identified in a gallery.</summary>
public sealed record IdentificationResult
{
    /// <summary>Probes whose identity is in the gallery.</summary>
    public required int Mated { get; init; }

    /// <summary>Probes whose identity is not in the gallery.</summary>
    public required int NonMated { get; init; }

    /// <summary>Rank-k in the order asked for; empty where no probe's identity is in the gallery.</summary>
    public required ImmutableArray<RankShare> Ranks { get; init; }

    /// <summary>TPIR@FPIR in the order asked for; empty where there are not probes of both kinds.</summary>
    public required ImmutableArray<IdentificationPoint> Points { get; init; }
}

/// <summary>
/// Identifies probes in a gallery (1:N), closed-set and open-set, as the IJB protocol of Keras_insightface has it (<c>IJB_evals.py</c>):
/// cosines; the threshold for FPIR f over n probes of strangers is the k-th largest of their best cosines, k = ⌊n·f⌋, at least 1.
/// </summary>
/// <remarks>
/// Several rows of an identity in the gallery count as the nearest of them. Another identity at an equal distance comes first, and what
/// equals the threshold is not above it. The threshold is taken as it is defined, so the rate on the strangers themselves is (k − 1)/n.
/// </remarks>
public static class IdentificationEvaluator
{
    /// <summary>Measures identification.</summary>
    /// <param name="probes">The embeddings of what is identified, of any length.</param>
    /// <param name="probeIds">Each probe's identity, any number.</param>
    /// <param name="gallery">The embeddings of the known.</param>
    /// <param name="galleryIds">The identity of each row of the gallery.</param>
    /// <param name="falsePositiveRates">FPIR, each above 0 and at most 1.</param>
    /// <param name="ranks">The k of rank-k, each at least 1.</param>
    /// <exception cref="ArgumentException">There are not as many identities as rows, or the rows differ in length.</exception>
    /// <exception cref="InvalidInputException">There is no probe or an empty gallery.</exception>
    public static IdentificationResult Evaluate(
        EmbeddingRows probes, ReadOnlySpan<int> probeIds, EmbeddingRows gallery, ReadOnlySpan<int> galleryIds,
        IReadOnlyList<double> falsePositiveRates, IReadOnlyList<int> ranks)
    {
        ArgumentNullException.ThrowIfNull(probes);
        ArgumentNullException.ThrowIfNull(gallery);
        ArgumentNullException.ThrowIfNull(falsePositiveRates);
        ArgumentNullException.ThrowIfNull(ranks);
        if (probeIds.Length != probes.Count)
            throw new ArgumentException($"{probes.Count} identities are expected, not {probeIds.Length}.", nameof(probeIds));
        if (galleryIds.Length != gallery.Count)
            throw new ArgumentException($"{gallery.Count} identities are expected, not {galleryIds.Length}.", nameof(galleryIds));
        if (falsePositiveRates.Any(rate => !(rate is > 0 and <= 1)) || ranks.Any(k => k < 1))
            throw new ArgumentOutOfRangeException(nameof(falsePositiveRates), "Rates are above 0 and at most 1, ranks at least 1.");
        if (probes.Count == 0 || gallery.Count == 0)
            throw new InvalidInputException($"Expected probes and a gallery, found {probes.Count} and {gallery.Count} images.");

        var matches = Match(probes, probeIds.ToArray(), gallery, galleryIds.ToArray());
        var mated = matches.Where(match => match.IsMated).ToArray();
        double[] strangers = [.. matches.Where(match => !match.IsMated).Select(match => (double)match.BestOther).OrderDescending()];
        return new IdentificationResult
        {
            Mated = mated.Length,
            NonMated = strangers.Length,
            Ranks = mated.Length == 0 ? []
                : [.. ranks.Select(k => new RankShare(k, (double)mated.Count(match => match.NotFarther < k) / mated.Length))],
            Points = mated.Length == 0 || strangers.Length == 0 ? [] : [.. falsePositiveRates.Select(rate => PointAt(rate, mated,
                strangers))],
        };
    }

    private static IdentificationPoint PointAt(double rate, Outcome[] mated, double[] falling)
    {
        // As the definition has it, without a remedy for products such as 0.07 · 100 that round below the number meant.
        double threshold = falling[Math.Max((int)(falling.Length * rate) - 1, 0)];
        return new IdentificationPoint(
            rate, threshold,
            (double)mated.Count(match => match.Own > match.BestOther && match.Own > threshold) / mated.Length,
            (double)falling.Count(score => score > threshold) / falling.Length);
    }

    private static Outcome[] Match(EmbeddingRows probes, int[] probeIds, EmbeddingRows gallery, int[] galleryIds)
    {
        var members = Enumerable.Range(0, gallery.Count).GroupBy(row => galleryIds[row]).ToDictionary(own => own.Key, own => own.ToArray());

        // Rows of an identity lie together, so that its best is known before the next identity begins.
        int[] order = [.. Enumerable.Range(0, gallery.Count).OrderBy(row => galleryIds[row])];
        int[] identities = [.. order.Select(row => galleryIds[row])];
        var scan = new CosineScan(probes, gallery);
        var matches = new Outcome[probes.Count];
        var blocks = RetrievalEvaluator.Blocks(Enumerable.Range(0, probes.Count).OrderBy(probe => probeIds[probe]), _ => 0);
        Parallel.ForEach(blocks, block =>
        {
            float[] own = new float[block.Length];
            Array.Fill(own, float.NegativeInfinity);
            for (int start = 0, end; start < block.Length; start = end)
            {
                int id = probeIds[block[start]];
                end = start + 1;
                while (end < block.Length && probeIds[block[end]] == id) end++;
                if (!members.TryGetValue(id, out int[]? rows)) continue;
                var best = new BestVisitor(own.AsMemory(start..end));
                scan.Run(block.AsSpan(start..end), rows, ref best);
            }

            var rivals = new RivalVisitor(identities, [.. block.Select(probe => probeIds[probe])], own);
            scan.Run(block, order, ref rivals);
            for (int i = 0; i < block.Length; i++)
                matches[block[i]] = new Outcome(members.ContainsKey(probeIds[block[i]]), own[i], rivals.Best[i], rivals.NotFarther[i]);
        });
        return matches;
    }

    /// <summary>What a probe found: the best cosine of its own identity and of the others, and how many others are not farther.</summary>
    private readonly record struct Outcome(bool IsMated, float Own, float BestOther, int NotFarther);

    private readonly struct BestVisitor(Memory<float> best) : ICosineVisitor
    {
        public void Visit(int query, int first, ReadOnlySpan<float> cosines)
        {
            ref float own = ref best.Span[query];
            foreach (float cosine in cosines) own = Math.Max(own, cosine);
        }
    }

    private readonly struct RivalVisitor(int[] identities, int[] probes, float[] own) : ICosineVisitor
    {
        public float[] Best { get; } = [.. Enumerable.Repeat(float.NegativeInfinity, probes.Length)];

        public int[] NotFarther { get; } = new int[probes.Length];

        // Whether the identity that a block ended in has been counted.
        private readonly bool[] _counted = new bool[probes.Length];

        public void Visit(int query, int first, ReadOnlySpan<float> cosines)
        {
            for (int i = 0; i < cosines.Length; i++)
            {
                int place = first + i, identity = identities[place];
                if (place == 0 || identities[place - 1] != identity) _counted[query] = false;
                if (identity == probes[query]) continue;
                Best[query] = Math.Max(Best[query], cosines[i]);
                if (_counted[query] || cosines[i] < own[query]) continue;
                _counted[query] = true;
                NotFarther[query]++;
            }
        }
    }
}
