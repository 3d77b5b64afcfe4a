using System.Collections.Immutable;

namespace EfficientNetSharp.Costs.Devices.Fitting;

/// <summary>A direction in which prices can change together without much change to the rows' times.</summary>
/// <param name="Strength">
/// How much the rows' times change for a change of this direction, beside that for the one they tell most about: 0 for not at all.
/// </param>
/// <param name="Shares">Which terms are in it, largest first, in the units of their columns; signs tell what makes up for what.</param>
public sealed record WeakDirection(double Strength, ImmutableArray<(DeviceTerm Term, double Share)> Shares);

/// <summary>What some rows say about the prices of terms, and what not.</summary>
public sealed class Identification
{
    // Below this strength, errors of five per cent in the rows are half of such a price or more.
    private const double Weak = 0.1;

    // Parts of a direction that are worth a word.
    private const double Mentioned = 0.3;

    // A price is known if leaving out a network does not change it by more than this factor.
    private const double KnownWithin = 2;

    private Identification(
        ImmutableArray<DeviceTerm> absent, ImmutableArray<DeviceTerm> zero, ImmutableArray<DeviceTerm> uncertain,
        ImmutableArray<WeakDirection> directions, int rank, double condition) =>
        (Absent, Zero, Uncertain, Directions, Rank, Condition) = (absent, zero, uncertain, directions, rank, condition);

    /// <summary>Terms that no row has any of.</summary>
    public ImmutableArray<DeviceTerm> Absent { get; }

    /// <summary>Terms that the rows have, and whose price is 0: the fit would rather have it negative.</summary>
    public ImmutableArray<DeviceTerm> Zero { get; }

    /// <summary>Terms whose price changes by more than twofold, or to 0, when one group of rows is left out.</summary>
    public ImmutableArray<DeviceTerm> Uncertain { get; }

    /// <summary>Weak directions, weakest first.</summary>
    public ImmutableArray<WeakDirection> Directions { get; }

    /// <summary>How many independent combinations of prices the rows tell about.</summary>
    public int Rank { get; }

    /// <summary>The ratio of the strongest to the weakest direction that there is, columns brought to one length.</summary>
    public double Condition { get; }

    internal static Identification Of(ImmutableArray<DeviceTerm> terms, double[][] matrix, DeviceProfile profile)
    {
        double[] lengths = [.. terms.Select((_, k) => Math.Sqrt(matrix.Sum(row => row[k] * row[k])))];
        int[] present = [.. Enumerable.Range(0, terms.Length).Where(k => lengths[k] > 0)];
        var gram = new double[present.Length, present.Length];
        for (int i = 0; i < present.Length; i++)
        {
            for (int j = 0; j < present.Length; j++)
                gram[i, j] = matrix.Sum(row => row[present[i]] / lengths[present[i]] * (row[present[j]] / lengths[present[j]]));
        }

        var (values, vectors) = SymmetricEigen.Of(gram);
        double strongest = values.Length == 0 ? 0 : Math.Sqrt(Math.Max(0, values.Max()));
        var strengths = values.Select(value => strongest > 0 ? Math.Sqrt(Math.Max(0, value)) / strongest : 0).ToArray();
        int rank = strengths.Count(strength => strength > 1e-7);
        return new Identification(
            [.. terms.Where((_, k) => lengths[k] == 0)],
            [.. present.Select(k => terms[k]).Where(term => profile.Prices[term].Ms == 0)],
            [.. present.Select(k => terms[k]).Where(term =>
                profile.Prices[term] is { Ms: > 0, Lowest: { } low, Highest: { } high } && high > KnownWithin * low)],
            [.. Enumerable.Range(0, strengths.Length).Where(k => strengths[k] < Weak).OrderBy(k => strengths[k]).Select(k =>
                new WeakDirection(strengths[k], [.. present.Select((column, i) => (terms[column], vectors[i, k]))
                    .Where(pair => Math.Abs(pair.Item2) >= Mentioned).OrderByDescending(pair => Math.Abs(pair.Item2))]))],
            rank, strengths.Length == 0 || strengths.Min() <= 1e-7 ? double.PositiveInfinity : 1 / strengths.Min());
    }
}
