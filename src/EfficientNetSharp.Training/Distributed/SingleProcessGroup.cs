namespace EfficientNetSharp.Training.Distributed;

/// <summary>A process by itself: all sums are its own values.</summary>
public sealed class SingleProcessGroup : IProcessGroup
{
    /// <inheritdoc />
    public int Rank => 0;

    /// <inheritdoc />
    public int Size => 1;

    /// <inheritdoc />
    public int LocalSize => 1;

    /// <inheritdoc />
    public void AllReduceSum(Span<double> values)
    {
    }

    /// <inheritdoc />
    public void AllReduceSum(Span<float> values)
    {
    }

    /// <inheritdoc />
    public unsafe IPendingReduction BeginAllReduceSum(float* values, int count) => Done.Instance;

    /// <inheritdoc />
    public void Broadcast(Span<float> values, int root = 0) => ArgumentOutOfRangeException.ThrowIfNotEqual(root, 0);

    /// <inheritdoc />
    public void Broadcast(Span<byte> values, int root = 0) => ArgumentOutOfRangeException.ThrowIfNotEqual(root, 0);

    /// <inheritdoc />
    public void Barrier()
    {
    }

    /// <inheritdoc />
    public void Abort(int exitCode) => Environment.Exit(exitCode);

    /// <inheritdoc />
    public void Dispose()
    {
    }

    private sealed class Done : IPendingReduction
    {
        public static Done Instance { get; } = new();

        public void Wait()
        {
        }
    }
}
