namespace EfficientNetSharp.Files;

/// <summary>
/// How much the bytes of a file may become: what compression, sharing and repetition make of them is bounded by how many there are. Weights
/// and images hardly compress; a file that grows beyond this is none of theirs. docs/security.md states the numbers.
/// </summary>
public static class Expansion
{
    /// <summary>Bytes that any file may become: room for small files of zeros, such as fresh biases.</summary>
    public const long FreeBytes = 64L << 20;

    /// <summary>Bytes that each of a file's bytes may become besides.</summary>
    public const long MaxRatio = 32;

    /// <summary>The most that a file may become.</summary>
    /// <param name="bytes">Bytes as they lie in the file.</param>
    public static long Max(long bytes) => FreeBytes + (MaxRatio * bytes);
}
