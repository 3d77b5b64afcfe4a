using System.Collections.Immutable;
using EfficientNetSharp.Data.Pairs;

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

    /// <summary>The pairs of a file, as rows of embeddings of its images.</summary>
    /// <param name="pairs">The pairs.</param>
    /// <param name="images">
    /// For each row its image, as <see cref="DatasetEmbeddings.Indices"/>; pairs of images without a row are left out.
    /// </param>
    public static ImmutableArray<RowPair> Of(VerificationPairs pairs, ReadOnlySpan<int> images)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        int[] rows = new int[pairs.Images.Count];
        Array.Fill(rows, -1);
        for (int row = 0; row < images.Length; row++) rows[images[row]] = row;
        var found = ImmutableArray.CreateBuilder<RowPair>(pairs.IsSame.Length);
        for (int i = 0; i < pairs.IsSame.Length; i++)
        {
            int first = rows[pairs.Members[2 * i]], second = rows[pairs.Members[(2 * i) + 1]];
            if (first >= 0 && second >= 0) found.Add(new RowPair(first, second, pairs.IsSame[i]));
        }

        return found.ToImmutable();
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
