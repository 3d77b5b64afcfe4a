using System.Collections.Immutable;

namespace EfficientNetSharp.Evaluation.Verification;

/// <summary>Two images to compare, as rows of embeddings, and whether they show the same identity.</summary>
/// <param name="First">A row.</param>
/// <param name="Second">Another row.</param>
/// <param name="IsSame">Whether both are of one identity: a genuine pair, otherwise an impostor pair.</param>
public readonly record struct RowPair(int First, int Second, bool IsSame)
{
    /// <summary>Pairs of rows that follow each other, as <c>.bin</c> sets have them: rows 2k and 2k + 1 are pair k.</summary>
    /// <param name="same">For each pair whether both are of one identity.</param>
    public static ImmutableArray<RowPair> Consecutive(ReadOnlySpan<bool> same)
    {
        var pairs = ImmutableArray.CreateBuilder<RowPair>(same.Length);
        for (int i = 0; i < same.Length; i++) pairs.Add(new RowPair(2 * i, (2 * i) + 1, same[i]));
        return pairs.MoveToImmutable();
    }

    internal static void Check(ReadOnlySpan<RowPair> pairs, int rows)
    {
        foreach (var pair in pairs)
        {
            if ((uint)pair.First >= (uint)rows || (uint)pair.Second >= (uint)rows)
                throw new ArgumentException($"Rows 0 to {rows - 1} are expected, not the pair {pair.First}, {pair.Second}.", nameof(pairs));
        }
    }
}
