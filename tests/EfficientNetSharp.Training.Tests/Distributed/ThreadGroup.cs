using EfficientNetSharp.Training.Distributed;

namespace EfficientNetSharp.Training.Tests.Distributed;

/// <summary>Threads in the place of processes: sums are made in the order of the ranks, one exchange after the other.</summary>
internal sealed class ThreadGroup : IProcessGroup
{
    private readonly Meeting _meeting;

    private ThreadGroup(Meeting meeting, int rank) => (_meeting, Rank) = (meeting, rank);

    public int Rank { get; }

    public int Size => _meeting.Size;

    public int LocalSize => Size;

    /// <summary>How many values were begun with, in order.</summary>
    public List<(nint At, int Count)> Begun { get; } = [];

    /// <summary>Does work on as many threads, each with its rank, and throws what one of them throws.</summary>
    public static void Run(int size, Action<ThreadGroup> work)
    {
        var meeting = new Meeting(size);
        var errors = new Exception?[size];
        var threads = Enumerable.Range(0, size).Select(rank => new Thread(() =>
        {
            try
            {
                work(new ThreadGroup(meeting, rank));
            }
            catch (Exception exception)
            {
                errors[rank] = exception;
                meeting.Close();
            }
        })).ToList();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        if (errors.FirstOrDefault(
            error => error is not (null or ObjectDisposedException)) is { } first) throw new InvalidOperationException("A rank failed.",
            first);
    }

    public void AllReduceSum(Span<double> values) => Exchange(values.ToArray()).CopyTo(values);

    public void AllReduceSum(Span<float> values)
    {
        double[] sums = Exchange([.. values.ToArray().Select(value => (double)value)]);
        for (int i = 0; i < values.Length; i++) values[i] = (float)sums[i];
    }

    public unsafe IPendingReduction BeginAllReduceSum(float* values, int count)
    {
        Begun.Add(((nint)values, count));
        AllReduceSum(new Span<float>(values, count));
        return new Done();
    }

    public void Broadcast(Span<float> values, int root = 0)
    {
        if (Rank != root) values.Clear();
        AllReduceSum(values);
    }

    public void Broadcast(Span<byte> values, int root = 0)
    {
        double[] sums = Exchange([.. values.ToArray().Select(value => Rank == root ? (double)value : 0)]);
        for (int i = 0; i < values.Length; i++) values[i] = (byte)sums[i];
    }

    public void Barrier() => Exchange([]);

    public void Abort(int exitCode) => throw new InvalidOperationException($"Aborted with {exitCode}.");

    public void Dispose()
    {
    }

    private double[] Exchange(double[] own)
    {
        _meeting.Values[Rank] = own;
        _meeting.Barrier.SignalAndWait();
        var sums = new double[own.Length];
        foreach (double[] values in _meeting.Values)
        {
            for (int i = 0; i < sums.Length; i++) sums[i] += values[i];
        }

        _meeting.Barrier.SignalAndWait();
        return sums;
    }

    private sealed class Done : IPendingReduction
    {
        public void Wait()
        {
        }
    }

    private sealed class Meeting(int size)
    {
        public int Size => size;

        public double[][] Values { get; } = new double[size][];

        public Barrier Barrier { get; } = new(size);

        // Who waits for one that failed is let go.
        public void Close() => Barrier.Dispose();
    }
}
