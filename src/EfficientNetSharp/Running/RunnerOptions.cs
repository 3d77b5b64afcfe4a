namespace EfficientNetSharp.Running;

/// <summary>How a backend runs a network, as far as all backends know it.</summary>
public sealed record RunnerOptions
{
    /// <summary>Most threads that can be asked for; more than any machine has cores, so a larger number is a slip.</summary>
    public const int MaxThreads = 1024;

    /// <summary>Threads that work on one call; 0, the default, for one per core.</summary>
    public int Threads { get; init; }

    /// <summary>Checks the values.</summary>
    /// <exception cref="InvalidInputException">A value is out of range.</exception>
    public void Check()
    {
        if (Threads is < 0 or > MaxThreads)
            throw new InvalidInputException($"The number of threads is expected to be 0 (one per core) to {MaxThreads}, found {Threads}.");
    }
}
