using System.IO.Hashing;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Formats.Zip;

/// <summary>An entry's bytes, one after another. Keeps the checksum, ends where the directory says, and fails with one line.</summary>
/// <param name="inner">The bytes, decompressed.</param>
/// <param name="entry">What the directory says about them.</param>
/// <param name="path">The archive.</param>
/// <param name="kind">What it is to be, in messages.</param>
internal sealed class ZipEntryStream(Stream inner, ZipEntry entry, string path, string kind) : Stream
{
    private readonly Crc32 _checksum = new();
    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => entry.Length;

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        if (buffer.Length > entry.Length - _position) buffer = buffer[..(int)(entry.Length - _position)];
        try
        {
            int read = inner.Read(buffer);
            _checksum.Append(buffer[..read]);
            _position += read;
            return read;
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw FileErrors.Damaged(kind, path, $"its entry {OneLine.Quote(entry.Name)} does not decompress", e);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <summary>Checks, once all is read, that it was what the directory says.</summary>
    /// <exception cref="InvalidInputException">It was not.</exception>
    public void CheckEnd()
    {
        if (_position != entry.Length || _checksum.GetCurrentHashAsUInt32() != entry.Checksum)
            throw FileErrors.Damaged(kind, path, $"its entry {OneLine.Quote(entry.Name)} does not have its checksum");
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }
}
