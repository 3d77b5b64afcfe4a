using System.Collections.Immutable;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Evaluation.Verification;

/// <summary>How many pairs <see cref="IdentityPairs"/> makes.</summary>
public sealed record PairOptions
{
    /// <summary>Most genuine pairs, at least 1; default 1,000,000.</summary>
    public int MaxGenuine { get; init; } = 1_000_000;

    /// <summary>Most impostor pairs, at least 1; default 1,000,000.</summary>
    public int MaxImpostors { get; init; } = 1_000_000;

    /// <summary>What is drawn depends on it; default 0.</summary>
    public ulong Seed { get; init; }
}

/// <summary>
/// Pairs of images whose identities are known: all of them, or where there are too many some that are drawn without replacement, each with
/// the same chance, so that rates over them are estimates without bias of the rates over all.
/// </summary>
public sealed record IdentityPairs
{
    private const ulong GenuineStream = 1, ImpostorStream = 2;

    private IdentityPairs(ImmutableArray<RowPair> pairs, long genuine, long impostors) =>
        (Pairs, AllGenuine, AllImpostors) = (pairs, genuine, impostors);

    /// <summary>The pairs: the genuine ones first, each kind by its rows.</summary>
    public ImmutableArray<RowPair> Pairs { get; }

    /// <summary>Genuine pairs that the images make.</summary>
    public long AllGenuine { get; }

    /// <summary>Impostor pairs that the images make.</summary>
    public long AllImpostors { get; }

    /// <summary>Makes the pairs.</summary>
    /// <param name="labels">The identity of each row, any number.</param>
    /// <param name="options">How many; <see langword="null"/> for the defaults.</param>
    public static IdentityPairs Of(ReadOnlySpan<int> labels, PairOptions? options = null)
    {
        options ??= new PairOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxGenuine, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxImpostors, 1, nameof(options));
        int[] labelOf = labels.ToArray();
        int[][] identities = [.. Enumerable.Range(0, labelOf.Length).GroupBy(row => labelOf[row]).Select(group => group.ToArray())];
        long genuine = identities.Sum(rows => Choose2(rows.Length)), impostors = Choose2(labelOf.Length) - genuine;
        var pairs = new List<RowPair>(
            (int)(Math.Min(genuine, options.MaxGenuine) + Math.Min(impostors, options.MaxImpostors)));
        AddGenuine(pairs, identities, genuine, options);
        AddImpostors(pairs, labelOf, impostors, options);
        return new IdentityPairs([.. pairs], genuine, impostors);
    }

    private static void AddGenuine(List<RowPair> pairs, int[][] identities, long all, PairOptions options)
    {
        var random = new SeededRandom(options.Seed, GenuineStream);
        long left = all, needed = Math.Min(all, options.MaxGenuine);
        int start = pairs.Count;
        // Each in turn is taken with the chance that is left to it (Knuth's algorithm S).
        foreach (int[] rows in identities)
        {
            for (int second = 1; second < rows.Length && needed > 0; second++)
            {
                for (int first = 0; first < second && needed > 0; first++, left--)
                {
                    if (!IsTaken(ref random, needed, left)) continue;
                    pairs.Add(new RowPair(rows[first], rows[second], true));
                    needed--;
                }
            }
        }

        Sort(pairs, start);
    }

    private static void AddImpostors(List<RowPair> pairs, int[] labelOf, long all, PairOptions options)
    {
        var random = new SeededRandom(options.Seed, ImpostorStream);
        int start = pairs.Count;
        long needed = Math.Min(all, options.MaxImpostors);
        if (needed > all / 2)
        {
            long left = all;
            for (int first = 0; first < labelOf.Length && needed > 0; first++)
            {
                for (int second = first + 1; second < labelOf.Length && needed > 0; second++)
                {
                    if (labelOf[first] == labelOf[second]) continue;
                    if (IsTaken(ref random, needed, left--))
                    {
                        pairs.Add(new RowPair(first, second, false));
                        needed--;
                    }
                }
            }

            return;
        }

        // Few of many: any two rows, until there are enough that differ.
        var taken = new HashSet<(int, int)>((int)needed);
        while (taken.Count < needed)
        {
            int first = random.NextInt(labelOf.Length), second = random.NextInt(labelOf.Length);
            if (labelOf[first] != labelOf[second]) taken.Add((Math.Min(first, second), Math.Max(first, second)));
        }

        pairs.AddRange(taken.Select(pair => new RowPair(pair.Item1, pair.Item2, false)));
        Sort(pairs, start);
    }

    private static bool IsTaken(ref SeededRandom random, long needed, long left) => needed == left || random.NextDouble() * left < needed;

    private static void Sort(List<RowPair> pairs, int start) =>
        pairs.Sort(start, pairs.Count - start, Comparer<RowPair>.Create((a, b) => (a.First, a.Second).CompareTo((b.First, b.Second))));

    private static long Choose2(long count) => count * (count - 1) / 2;
}
