using System.IO.Compression;

namespace EfficientNetSharp.Formats;

/// <summary>
/// The bytes of a gzip file without compression, one after another. Damage comes as an <see cref="InvalidInputException"/>; .NET throws
/// one of two exceptions for it, of which one is also what a full disk gives.
/// </summary>
/// <param name="packed">The file's bytes.</param>
/// <param name="path">What it is called in messages.</param>
/// <param name="kind">What it is to be, in messages; see <see cref="FileErrors"/>.</param>
internal sealed class GunzipStream(Stream packed, string path, string kind) : Stream
{
    private readonly GZipStream _plain = new(packed, CompressionMode.Decompress, leaveOpen: true);

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        try
        {
            return _plain.Read(buffer);
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw FileErrors.Damaged(kind, path, "it does not decompress", e);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) _plain.Dispose();
        base.Dispose(disposing);
    }
}
