using System.Collections.Concurrent;
using MpiCalls = MPI.Unsafe;

namespace EfficientNetSharp.Training.Distributed;

/// <summary>
/// The processes that <c>mpiexec</c> started. One thread makes all calls, in the order in which they were asked for: so a sum that was
/// begun
/// is worked on while its caller computes, which MPI's own non-blocking calls do not promise, and calls match between processes.
/// </summary>
internal sealed class MpiProcessGroup : IProcessGroup
{
    private readonly BlockingCollection<Call> _calls = [];
    private readonly Thread _thread;
    private readonly Call _start;
    private bool _disposed;

    /// <summary>Joins the others; returns when all are there.</summary>
    /// <param name="localSize">How many of them run on this machine.</param>
    /// <exception cref="InvalidInputException">MPICH is not installed.</exception>
    public MpiProcessGroup(int localSize)
    {
        MpiLibrary.Load();
        LocalSize = localSize;
        _start = new Call(Start);
        _thread = new Thread(Work) { IsBackground = true, Name = "MPI" };
        _thread.Start();
        _calls.Add(_start);
        _start.Wait();
    }

    /// <inheritdoc />
    public int Rank { get; private set; }

    /// <inheritdoc />
    public int Size { get; private set; }

    /// <inheritdoc />
    public int LocalSize { get; }

    /// <inheritdoc />
    public unsafe void AllReduceSum(Span<double> values)
    {
        fixed (double* pointer = values) Begin(Sum((nint)pointer, values.Length, MpiCalls.MPI_DOUBLE)).Wait();
    }

    /// <inheritdoc />
    public unsafe void AllReduceSum(Span<float> values)
    {
        fixed (float* pointer = values) Begin(Sum((nint)pointer, values.Length, MpiCalls.MPI_FLOAT)).Wait();
    }

    /// <inheritdoc />
    public unsafe IPendingReduction BeginAllReduceSum(float* values, int count) => Begin(Sum((nint)values, count, MpiCalls.MPI_FLOAT));

    /// <inheritdoc />
    public void Broadcast(Span<float> values, int root = 0) =>
        Broadcast(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values), root);

    /// <inheritdoc />
    public unsafe void Broadcast(Span<byte> values, int root = 0)
    {
        fixed (byte* pointer = values)
        {
            nint at = (nint)pointer;
            int count = values.Length;
            Begin(() => MpiCalls.MPI_Bcast(at, count, MpiCalls.MPI_BYTE, root, MpiCalls.MPI_COMM_WORLD)).Wait();
        }
    }

    /// <inheritdoc />
    public void Barrier() => Begin(() => MpiCalls.MPI_Barrier(MpiCalls.MPI_COMM_WORLD)).Wait();

    /// <inheritdoc />
    public void Abort(int exitCode)
    {
        // Not in the queue: its thread may wait for the very process that has failed.
        _ = MpiCalls.MPI_Abort(MpiCalls.MPI_COMM_WORLD, exitCode);
        Environment.Exit(exitCode);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        Begin(MpiCalls.MPI_Finalize).Wait();
        _calls.CompleteAdding();
        _thread.Join();
        _calls.Dispose();
    }

    private static Func<int> Sum(nint values, int count, int type) => () =>
        MpiCalls.MPI_Allreduce(MpiLibrary.InPlace, values, count, type, MpiCalls.MPI_SUM, MpiCalls.MPI_COMM_WORLD);

    private Call Begin(Func<int> work)
    {
        var call = new Call(work);
        _calls.Add(call);
        return call;
    }

    private unsafe int Start()
    {
        int words = 0;
        byte** line = null;
        int error = MpiCalls.MPI_Init_thread(ref words, ref line, MpiCalls.MPI_THREAD_MULTIPLE, out _);
        if (error != MpiCalls.MPI_SUCCESS) return error;
        error = MpiCalls.MPI_Comm_rank(MpiCalls.MPI_COMM_WORLD, out int rank);
        if (error != MpiCalls.MPI_SUCCESS) return error;
        error = MpiCalls.MPI_Comm_size(MpiCalls.MPI_COMM_WORLD, out int size);
        (Rank, Size) = (rank, size);
        return error;
    }

    private void Work()
    {
        foreach (var call in _calls.GetConsumingEnumerable()) call.Do();
    }

    private sealed class Call(Func<int> work) : IPendingReduction
    {
        private readonly TaskCompletionSource<int> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Do()
        {
            try
            {
                _result.SetResult(work());
            }
            catch (Exception exception)
            {
                // On this thread it would end the process without a word to the others; who waits throws it.
                _result.SetException(exception);
            }
        }

        public void Wait()
        {
            int error = _result.Task.GetAwaiter().GetResult();
            if (error != MpiCalls.MPI_SUCCESS) throw new InvalidOperationException($"An MPI call failed with error {error}.");
        }
    }
}
