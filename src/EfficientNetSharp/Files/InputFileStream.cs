namespace EfficientNetSharp.Files;

/// <summary>
/// A part of an <see cref="InputFile"/> as a stream, for what reads streams only. Reading, seeking; not buffered. Disposing it
/// leaves the file open.
/// </summary>
/// <param name="file">The file.</param>
/// <param name="start">First byte of the part.</param>
/// <param name="length">Bytes in the part.</param>
public sealed class InputFileStream(InputFile file, long start, long length) : Stream
{
    private long _position;

    /// <inheritdoc />
    public override bool CanRead => true;

    /// <inheritdoc />
    public override bool CanSeek => true;

    /// <inheritdoc />
    public override bool CanWrite => false;

    /// <inheritdoc />
    public override long Length => length;

    /// <inheritdoc />
    public override long Position
    {
        get => _position;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            _position = value;
        }
    }

    /// <inheritdoc />
    /// <exception cref="InvalidInputException">Reading failed.</exception>
    public override int Read(Span<byte> buffer)
    {
        int max = (int)Math.Min(buffer.Length, Math.Max(0, length - _position));
        int read = file.ReadAtMost(start + _position, buffer[..max]);
        _position += read;
        return read;
    }

    /// <inheritdoc />
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc />
    /// <exception cref="IOException">The place is before the first byte.</exception>
    public override long Seek(long offset, SeekOrigin origin)
    {
        long place = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => _position + offset,
            _ => length + offset,
        };
        return place >= 0 ? _position = place : throw new IOException($"The place {place} is before the first byte.");
    }

    /// <inheritdoc />
    public override void Flush()
    {
    }

    /// <inheritdoc />
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc />
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
