namespace EfficientNetSharp.Evaluation;

/// <summary>Embeddings as a matrix: one row of values per image, all of one length, row after row.</summary>
/// <remarks>Holds the memory that it is given, without a copy; nobody may write to it afterwards.</remarks>
public sealed class EmbeddingRows
{
    /// <summary>Takes the values of all rows.</summary>
    /// <param name="values">The rows [N, length], row-major.</param>
    /// <param name="length">Values of a row, at least 1.</param>
    /// <exception cref="ArgumentException">The values are not whole rows.</exception>
    /// <exception cref="InvalidInputException">A row has a value that is not finite; the message says which.</exception>
    public EmbeddingRows(ReadOnlyMemory<float> values, int length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        if (values.Length % length != 0)
            throw new ArgumentException($"Whole rows of {length} values are expected, not {values.Length} values.", nameof(values));
        (Values, Length) = (values, length);
        int bad = IndexOfNotFinite(values.Span);
        if (bad >= 0)
        {
            throw new InvalidInputException(
                $"Expected finite embeddings, found {NumberText.Of(values.Span[bad])} in row {bad / length}; check the network's weights.");
        }
    }

    /// <summary>Copies rows into one matrix.</summary>
    /// <param name="rows">The rows, at least one, all of one length.</param>
    /// <exception cref="ArgumentException">There is none, or their lengths differ.</exception>
    /// <exception cref="InvalidInputException">A row has a value that is not finite; the message says which.</exception>
    public static EmbeddingRows Of(IReadOnlyList<float[]> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (rows.Count == 0 || rows.Any(row => row.Length != rows[0].Length))
            throw new ArgumentException("Rows of one length are expected, at least one.", nameof(rows));
        int length = rows[0].Length;
        float[] values = new float[checked(rows.Count * length)];
        for (int i = 0; i < rows.Count; i++) rows[i].CopyTo(values, i * length);
        return new EmbeddingRows(values, length);
    }

    /// <summary>The rows [N, <see cref="Length"/>], row-major.</summary>
    public ReadOnlyMemory<float> Values { get; }

    /// <summary>Values of a row.</summary>
    public int Length { get; }

    /// <summary>Rows.</summary>
    public int Count => Values.Length / Length;

    /// <summary>A row.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    public ReadOnlySpan<float> this[int row] => Values.Span.Slice(checked(row * Length), Length);

    /// <summary>
    /// The rows scaled to length 1, so that the sum of products of two is their cosine. A row of zeros has no direction and stays as it is.
    /// </summary>
    public EmbeddingRows Normalized()
    {
        var scaled = Values.ToArray();
        for (int row = 0; row < Count; row++)
        {
            var values = scaled.AsSpan(row * Length, Length);
            double norm = Norm(values);
            if (norm == 0) continue;
            for (int i = 0; i < values.Length; i++) values[i] = (float)(values[i] / norm);
        }

        return new EmbeddingRows(scaled, Length);
    }

    /// <summary>
    /// The sums of two sets of rows, value by value: what verification protocols make of an image and its mirror image, before
    /// normalisation.
    /// </summary>
    /// <param name="first">Rows.</param>
    /// <param name="second">As many rows of the same length.</param>
    /// <exception cref="ArgumentException">The sets differ in size.</exception>
    public static EmbeddingRows Sum(EmbeddingRows first, EmbeddingRows second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        if (first.Length != second.Length || first.Count != second.Count)
        {
            throw new ArgumentException(
                $"{first.Count} rows of {first.Length} values are expected, not {second.Count} of {second.Length}.", nameof(second));
        }

        var sums = first.Values.ToArray();
        var addends = second.Values.Span;
        for (int i = 0; i < sums.Length; i++) sums[i] += addends[i];
        return new EmbeddingRows(sums, first.Length);
    }

    /// <summary>A row's Euclidean length.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    public double NormOf(int row) => Norm(this[row]);

    private static double Norm(ReadOnlySpan<float> values)
    {
        double squares = 0;
        foreach (float value in values) squares += (double)value * value;
        return Math.Sqrt(squares);
    }

    private static int IndexOfNotFinite(ReadOnlySpan<float> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i])) return i;
        }

        return -1;
    }
}
