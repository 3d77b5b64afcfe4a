using System.Buffers.Binary;

namespace EfficientNetSharp.Formats;

/// <summary>
/// Bytes read one after another from a stream that can seek, buffered. The end comes as an <see cref="InvalidInputException"/>,
/// and no read takes memory for more bytes than there are.
/// </summary>
internal sealed class ByteSource
{
    private const int MaxBuffer = 1 << 14;

    private readonly Stream _stream;
    private readonly byte[] _buffer;
    private long _bufferStart;
    private int _bufferLength;

    /// <param name="stream">The bytes; its length must not change.</param>
    /// <param name="path">What the file is called in messages.</param>
    /// <param name="kind">What the file is to be, in messages; see <see cref="FileErrors"/>.</param>
    /// <param name="justifiedBy">Bytes of the file on disk, where these are unpacked from it; else there are as many as these.</param>
    public ByteSource(Stream stream, string path, string kind, long? justifiedBy = null)
    {
        _stream = stream;
        Path = path;
        Kind = kind;
        Length = stream.Length;
        JustifiedBy = justifiedBy ?? Length;
        _buffer = new byte[Math.Min(Length, MaxBuffer)];
    }

    public string Path { get; }

    public string Kind { get; }

    public long Length { get; }

    /// <summary>Bytes of the file on disk: what memory is justified by.</summary>
    public long JustifiedBy { get; }

    /// <summary>Where the next byte is read.</summary>
    public long Position { get; set; }

    public byte ReadByte()
    {
        long at = Position - _bufferStart;
        if (at < 0 || at >= _bufferLength)
        {
            FillBuffer();
            at = 0;
        }

        Position++;
        return _buffer[at];
    }

    public void ReadExactly(Span<byte> bytes)
    {
        EnsureLeft(bytes.Length);
        // What does not fit the buffer goes past it.
        if (bytes.Length > _buffer.Length)
        {
            _stream.Position = Position;
            if (_stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length) throw EndsEarly();
            Position += bytes.Length;
            return;
        }

        while (!bytes.IsEmpty)
        {
            long at = Position - _bufferStart;
            if (at < 0 || at >= _bufferLength)
            {
                FillBuffer();
                at = 0;
            }

            var part = _buffer.AsSpan((int)at, _bufferLength - (int)at);
            if (part.Length > bytes.Length) part = part[..bytes.Length];
            part.CopyTo(bytes);
            bytes = bytes[part.Length..];
            Position += part.Length;
        }
    }

    public byte[] ReadBytes(long count)
    {
        EnsureLeft(count);
        var bytes = new byte[count];
        ReadExactly(bytes);
        return bytes;
    }

    public ushort ReadUInt16()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ushort)];
        ReadExactly(bytes);
        return BinaryPrimitives.ReadUInt16LittleEndian(bytes);
    }

    public uint ReadUInt32()
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        ReadExactly(bytes);
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    public ulong ReadUInt64()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        ReadExactly(bytes);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }

    /// <summary>Checks that so many bytes follow.</summary>
    public void EnsureLeft(long count)
    {
        if (count < 0 || Position < 0 || count > Length - Position || count > Array.MaxLength) throw EndsEarly();
    }

    private void FillBuffer()
    {
        if (Position < 0 || Position >= Length) throw EndsEarly();
        _stream.Position = Position;
        _bufferStart = Position;
        _bufferLength = _stream.ReadAtLeast(_buffer, _buffer.Length, throwOnEndOfStream: false);
        if (_bufferLength == 0) throw EndsEarly();
    }

    /// <summary>The message that the file is not as its format says.</summary>
    public InvalidInputException Damaged(string what) => FileErrors.Damaged(Kind, Path, what);

    private InvalidInputException EndsEarly() => Damaged("it ends early");
}
