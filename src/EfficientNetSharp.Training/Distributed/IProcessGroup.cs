namespace EfficientNetSharp.Training.Distributed;

/// <summary>
/// Processes that train one network together. All call the same members in the same order; each call is matched with the same call of
/// the others.
/// </summary>
public interface IProcessGroup : IDisposable
{
    /// <summary>This process among them, 0 … <see cref="Size"/> − 1.</summary>
    int Rank { get; }

    /// <summary>How many there are, at least 1.</summary>
    int Size { get; }

    /// <summary>How many of them share this machine's processors, at least 1.</summary>
    int LocalSize { get; }

    /// <summary>Replaces each value by the sum of all processes' values in its place; all receive the same bits.</summary>
    /// <param name="values">As long in each process.</param>
    void AllReduceSum(Span<double> values);

    /// <summary>Replaces each value by the sum of all processes' values in its place; all receive the same bits.</summary>
    /// <param name="values">As long in each process.</param>
    void AllReduceSum(Span<float> values);

    /// <summary>Begins <see cref="AllReduceSum(Span{float})"/> and returns at once; later calls of any kind are done after it.</summary>
    /// <param name="values">
    /// Memory that neither moves nor is touched until the result's <see cref="IPendingReduction.Wait"/> returns.
    /// </param>
    /// <param name="count">Values, as many in each process.</param>
    unsafe IPendingReduction BeginAllReduceSum(float* values, int count);

    /// <summary>Replaces the values by those of one process.</summary>
    /// <param name="values">As long in each process.</param>
    /// <param name="root">Whose values.</param>
    void Broadcast(Span<float> values, int root = 0);

    /// <summary>Replaces bytes by those of one process.</summary>
    /// <param name="values">As long in each process.</param>
    /// <param name="root">Whose bytes.</param>
    void Broadcast(Span<byte> values, int root = 0);

    /// <summary>Returns when all processes have called it.</summary>
    void Barrier();

    /// <summary>Ends all processes of the group, this one included; for a process that cannot go on while others wait for it.</summary>
    /// <param name="exitCode">What the job ends with, not 0.</param>
    void Abort(int exitCode);
}

/// <summary>A sum that is being made.</summary>
public interface IPendingReduction
{
    /// <summary>Returns when the sums are there.</summary>
    void Wait();
}
