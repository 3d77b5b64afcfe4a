using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Evaluation.Verification;

/// <summary>
/// The bootstrap over identities: as many identities as there are, drawn with replacement; a genuine pair counts as often as its identity
/// was drawn, an impostor pair as often as both together. Pairs of one identity go together, as they do in new images, so intervals are as
/// wide as they should be; a bootstrap over pairs gives them far too narrow (Fogliato, Patil, Perona 2024, "Confidence Intervals for Error
/// Rates in 1:1 Matching Tasks", there the vertex bootstrap).
/// </summary>
internal sealed class IdentityBootstrap
{
    private const double Confidence = 0.95;

    // Genuine scores rising, impostor scores falling, with the identities of each.
    private readonly double[] _genuine, _impostors;
    private readonly int[] _genuineOf, _first, _second;

    public IdentityBootstrap(ReadOnlySpan<double> scores, ReadOnlySpan<RowPair> pairs, ReadOnlySpan<int> identities)
    {
        var places = new Dictionary<int, int>();
        var genuine = new List<(double Score, int Identity)>();
        var impostors = new List<(double Score, int First, int Second)>();
        for (int i = 0; i < pairs.Length; i++)
        {
            int first = PlaceOf(identities[pairs[i].First]), second = PlaceOf(identities[pairs[i].Second]);
            if (pairs[i].IsSame) genuine.Add((scores[i], first));
            else impostors.Add((scores[i], first, second));
        }

        genuine.Sort((a, b) => a.Score.CompareTo(b.Score));
        impostors.Sort((a, b) => b.Score.CompareTo(a.Score));
        (_genuine, _genuineOf) = ([.. genuine.Select(pair => pair.Score)], [.. genuine.Select(pair => pair.Identity)]);
        (_impostors, _first, _second) =
        (
            [.. impostors.Select(pair => pair.Score)], [.. impostors.Select(pair => pair.First)],
            [.. impostors.Select(pair => pair.Second)]);
        Identities = places.Count;

        int PlaceOf(int identity) => places.TryGetValue(identity, out int place) ? place : places[identity] = places.Count;
    }

    /// <summary>Identities that are in a pair.</summary>
    public int Identities { get; }

    /// <summary>
    /// Where a threshold, its rates and its accuracy on as many genuine as impostor pairs may lie; <see langword="null"/> where the samples do
    /// not tell.
    /// </summary>
    public readonly record struct Spread(Interval? Threshold, Interval? FalseAcceptRate, Interval? FalseRejectRate, Interval? Accuracy);

    /// <summary>
    /// For each rate where its threshold lies in the middle 95 % of samples, and for each threshold where its rates do.
    /// </summary>
    public Spread[] Run(double[] rates, double[] thresholds, int samples, ulong seed)
    {
        int count = rates.Length;
        // How many impostor pairs are above each threshold, and how many genuine ones are not.
        int[] above = [.. thresholds.Select(threshold => CountWhile(_impostors, score => score > threshold))];
        int[] rejected = [.. thresholds.Select(threshold => CountWhile(_genuine, score => score <= threshold))];
        double[] found = new double[count * samples], accepts = new double[count * samples], rejects = new double[count * samples];
        Parallel.For(0, samples, () => new int[Identities], (sample, _, weights) =>
        {
            Draw(weights, seed, sample);
            long impostors = 0, genuine = 0;
            for (int i = 0; i < _impostors.Length; i++) impostors += Weight(weights, i);
            foreach (int identity in _genuineOf) genuine += weights[identity];
            for (int i = 0; i < count; i++)
            {
                int at = (i * samples) + sample;
                accepts[at] = Share(SumOf(weights, above[i]), impostors);
                long missed = 0;
                for (int pair = 0; pair < rejected[i]; pair++) missed += weights[_genuineOf[pair]];
                rejects[at] = Share(missed, genuine);
                found[at] = impostors == 0 ? double.NaN : ThresholdOf(weights, rates[i], impostors);
            }

            return weights;
        }, _ => { });
        double[] accuracies = [.. accepts.Zip(rejects, (accepted, missed) => 1 - ((accepted + missed) / 2))];
        return [.. Enumerable.Range(0, count).Select(i => new Spread(
            Middle(found, i, samples), Middle(accepts, i, samples), Middle(rejects, i, samples), Middle(accuracies, i, samples)))];
    }

    private static void Draw(int[] weights, ulong seed, int sample)
    {
        Array.Clear(weights);
        var random = new SeededRandom(seed, (ulong)sample);
        for (int i = 0; i < weights.Length; i++) weights[random.NextInt(weights.Length)]++;
    }

    // Where a list contradicts itself both may be one identity, which is not drawn twice for it.
    private long Weight(int[] weights, int pair) =>
        _first[pair] == _second[pair] ? weights[_first[pair]] : (long)weights[_first[pair]] * weights[_second[pair]];

    private long SumOf(int[] weights, int pairs)
    {
        long sum = 0;
        for (int pair = 0; pair < pairs; pair++) sum += Weight(weights, pair);
        return sum;
    }

    // The score of the first pair that may not be accepted any more.
    private double ThresholdOf(int[] weights, double rate, long all)
    {
        long sum = 0;
        for (int pair = 0; pair < _impostors.Length; pair++)
        {
            sum += Weight(weights, pair);
            if (sum > rate * all) return _impostors[pair];
        }

        return _impostors[^1];
    }

    private static int CountWhile(double[] values, Func<double, bool> holds)
    {
        int low = 0, high = values.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (holds(values[middle])) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    private static double Share(long part, long whole) => whole == 0 ? double.NaN : (double)part / whole;

    // Samples that drew one identity alone have no impostor pair and say nothing.
    private static Interval? Middle(double[] values, int row, int samples)
    {
        double[] known = [.. values.AsSpan(row * samples, samples).ToArray().Where(double.IsFinite).Order()];
        return known.Length == 0 ? null : new Interval(
            ClusterBootstrap.Quantile(known, (1 - Confidence) / 2), ClusterBootstrap.Quantile(known, (1 + Confidence) / 2));
    }
}
