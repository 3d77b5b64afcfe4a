namespace EfficientNetSharp.Running;

/// <summary>How a backend runs a network, as far as all backends know it.</summary>
public sealed record RunnerOptions
{
    /// <summary>Most threads that can be asked for; more than any machine has cores, so a larger number is a slip.</summary>
    public const int MaxThreads = 1024;

    /// <summary>Threads that work on one call; 0, the default, for one per core.</summary>
    public int Threads { get; init; }

    /// <summary>
    /// Bits of a vector to compute with, 128, 256 or 512, for a backend that lets them be chosen; the backend's own choice where
    /// <see langword="null"/>, the default.
    /// </summary>
    public int? SimdBits { get; init; }

    /// <summary>Checks the values, for a backend that chooses its vectors itself.</summary>
    /// <param name="backend">The backend's name.</param>
    /// <exception cref="InvalidInputException">A value is out of range, or vectors are chosen.</exception>
    public void CheckWithoutSimd(string backend)
    {
        Check();
        if (SimdBits is { } bits)
            throw new InvalidInputException(
                $"The backend '{backend}' chooses its vectors itself: no width of them is expected (SimdBits, --simd), found {bits}; "
                + "leave it out, or use the engine.");
    }

    /// <summary>Checks the values; whether the machine has the vectors, their backend knows.</summary>
    /// <exception cref="InvalidInputException">A value is out of range.</exception>
    public void Check()
    {
        if (Threads is < 0 or > MaxThreads)
            throw new InvalidInputException($"The number of threads is expected to be 0 (one per core) to {MaxThreads}, found {Threads}.");
    }
}
