using EfficientNetSharp.Training.Distributed;

namespace EfficientNetSharp.Training.Steps;

/// <summary>
/// Vectors of which all processes have the first values, and each of them others after those: joined into whole ones for a checkpoint, and
/// taken apart again, whichever number of processes wrote it.
/// </summary>
/// <param name="group">The processes; all call each member.</param>
/// <param name="shared">Values that all have.</param>
/// <param name="own">Further values of this process.</param>
internal sealed class SplitVectors(IProcessGroup group, int shared, int own)
{
    private readonly int[] _counts = CountsOf(group, own);

    /// <summary>Values of a whole vector.</summary>
    public int Length => shared + _counts.Sum();

    /// <summary>The whole vector, on the first process; <see langword="null"/> on the others.</summary>
    /// <param name="values">This process's.</param>
    public float[]? Join(ReadOnlySpan<float> values)
    {
        if (Length == shared) return values.ToArray();
        float[]? whole = group.Rank == 0 ? new float[Length] : null;
        if (whole is not null) values.CopyTo(whole);
        int start = shared + _counts[0];
        for (int rank = 1; rank < group.Size; rank++)
        {
            float[] part = new float[_counts[rank]];
            if (rank == group.Rank) values[shared..].CopyTo(part);
            group.Broadcast(part.AsSpan(), rank);
            if (whole is not null) part.CopyTo(whole, start);
            start += part.Length;
        }

        return whole;
    }

    /// <summary>Gives all processes the first one's shared values, and each its own ones of a whole vector.</summary>
    /// <param name="whole">The whole vector, on the first process; <see langword="null"/> to leave all own values as they are.</param>
    /// <param name="isRestored">Whether the first process has a whole vector.</param>
    /// <param name="values">This process's.</param>
    public void Spread(float[]? whole, bool isRestored, Span<float> values)
    {
        if (whole is not null) whole.AsSpan(0, shared + own).CopyTo(values);
        group.Broadcast(values[..shared]);
        if (!isRestored) return;
        int start = shared + _counts[0];
        for (int rank = 1; rank < group.Size; rank++)
        {
            float[] part = new float[_counts[rank]];
            whole?.AsSpan(start, part.Length).CopyTo(part);
            group.Broadcast(part.AsSpan());
            if (rank == group.Rank) part.CopyTo(values[shared..]);
            start += part.Length;
        }
    }

    private static int[] CountsOf(IProcessGroup group, int own)
    {
        var counts = new double[group.Size];
        counts[group.Rank] = own;
        group.AllReduceSum(counts.AsSpan());
        return [.. counts.Select(count => (int)count)];
    }
}
