using System.Numerics;

namespace EfficientNetSharp.Data;

/// <summary>
/// Room for one encoded image that a thread uses for one image after another: it grows to the largest and makes no garbage
/// after that. Not safe for use by two threads at once.
/// </summary>
public sealed class EncodedBuffer
{
    // Most photographs of training sets fit (ImageNet's mean is 110 kB), so that a buffer rarely grows twice.
    private const int MinCapacity = 256 * 1024;

    private byte[] _bytes = [];

    /// <summary>How many bytes the image has.</summary>
    public int Length { get; private set; }

    /// <summary>The bytes of the image read last.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, Length);

    /// <summary>The first bytes as a stream to read, as long as nothing else is written here.</summary>
    internal Stream OpenStream(int length) => new MemoryStream(_bytes, 0, length, writable: false);

    /// <summary>Makes room for an image and returns that room; its contents are undefined until they are written.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative or more than an array can hold.</exception>
    public Span<byte> Resize(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Array.MaxLength);
        if (length > _bytes.Length)
        {
            uint capacity = Math.Min(BitOperations.RoundUpToPowerOf2((uint)Math.Max(length, MinCapacity)), (uint)Array.MaxLength);
            _bytes = GC.AllocateUninitializedArray<byte>((int)capacity);
        }
        Length = length;
        return _bytes.AsSpan(0, length);
    }

    /// <summary>Keeps only the first bytes, for a source that turned out shorter than it claimed.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative or greater than <see cref="Length"/>.</exception>
    public void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        Length = length;
    }

    /// <summary>Replaces the contents by a copy of the bytes given.</summary>
    public void Write(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Resize(bytes.Length));
}
