using System.Runtime.CompilerServices;

namespace EfficientNetSharp.Weights.Formats.Keras;

/// <summary>
/// The bytes of an HDF5 file for the HDF5 reader, which trusts them: addresses in a damaged file can lead in circles. Every step
/// of such a circle reads, so here is where it ends.
/// </summary>
/// <param name="inner">The file.</param>
/// <param name="path">What it is called in messages.</param>
internal sealed class Hdf5Source(Stream inner, string path) : Stream
{
    // A sound file is read about once when it is opened and once a tensor; its small structures are read anew for each of their
    // users, in steps of a few bytes. Measured on Keras's files: under 40 reads a kilobyte.
    private const long MostReads = 10_000_000;

    private long _reads;

    /// <summary>The first bytes of an HDF5 file.</summary>
    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'H', (byte)'D', (byte)'F', (byte)'\r', (byte)'\n', 0x1a, (byte)'\n'];

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => inner.Length;

    public override long Position
    {
        get => inner.Position;
        set => inner.Position = value is >= 0 && value <= inner.Length ? value : throw WeightFault.Damaged(path, "an address in it is outside of it");
    }

    /// <summary>Starts counting anew, for a new tensor.</summary>
    public void Restart() => _reads = 0;

    public override int Read(Span<byte> buffer)
    {
        if (++_reads > MostReads || !RuntimeHelpers.TryEnsureSufficientExecutionStack()) throw WeightFault.Damaged(path, "addresses in it lead in circles");
        if (buffer.Length > inner.Length - inner.Position) throw WeightFault.Damaged(path, "it ends early");
        return inner.Read(buffer);
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => inner.Position + offset,
        _ => inner.Length + offset,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
