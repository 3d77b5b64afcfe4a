using System.Buffers;
using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using EfficientNetSharp.Arrays;

namespace EfficientNetSharp.Weights.Formats.Zip;

/// <summary>
/// Writes a zip archive (PKWARE's APPNOTE 6.3) of stored entries whose data are aligned, as PyTorch writes them. All sizes have
/// 64 bits. The stream must stand at its start.
/// </summary>
internal sealed class StoredZipWriter(Stream stream)
{
    // PyTorch's: data may then be mapped into memory and used in place.
    private const int Alignment = 64;

    // The version of the format that has 64-bit sizes, and the MS-DOS date 1980-01-01, the earliest.
    private const ushort Version = 45, Date = 0x21;

    // The flag of names in UTF-8.
    private const ushort Utf8 = 1 << 11;

    private const int LocalBytes = 30, Extra64Bytes = 20;

    private readonly ArrayBufferWriter<byte> _directory = new();
    private long _position;
    private long _entries;

    /// <summary>Adds an entry of bytes.</summary>
    public void Add(string name, ReadOnlySpan<byte> bytes)
    {
        AddHeader(name, bytes.Length, Crc32.HashToUInt32(bytes));
        stream.Write(bytes);
        _position += bytes.Length;
    }

    /// <summary>Adds an entry of float32 values, least significant byte first.</summary>
    public void Add(string name, ReadOnlySpan<float> values)
    {
        long length = (long)values.Length * sizeof(float);
        AddHeader(name, length, GetChecksum(values));
        Float32Writer.Write(stream, values, ElementType.F32);
        _position += length;
    }

    /// <summary>Writes the directory.</summary>
    public void Finish()
    {
        long length = _directory.WrittenCount;
        stream.Write(_directory.WrittenSpan);
        Span<byte> end = stackalloc byte[56 + 20 + 22];
        end.Clear();
        // The 64-bit end record; its own length is counted from behind the field.
        Put(end, 0x06064b50u);
        Put(end[4..], 56L - 12);
        Put(end[12..], Version);
        Put(end[14..], Version);
        Put(end[24..], _entries);
        Put(end[32..], _entries);
        Put(end[40..], length);
        Put(end[48..], _position);
        // Its locator.
        Put(end[56..], 0x07064b50u);
        Put(end[64..], _position + length);
        Put(end[72..], 1u);
        // The end record, whose fields say to look in the other one.
        Put(end[76..], 0x06054b50u);
        Put(end[84..], ushort.MaxValue);
        Put(end[86..], ushort.MaxValue);
        Put(end[88..], uint.MaxValue);
        Put(end[92..], uint.MaxValue);
        stream.Write(end);
    }

    private void AddHeader(string name, long length, uint checksum)
    {
        byte[] nameBytes = Encoding.UTF8.GetBytes(name);
        long unaligned = _position + LocalBytes + nameBytes.Length + Extra64Bytes;
        // A padding field has four bytes of its own.
        int padding = (int)((Alignment - ((unaligned + 4) % Alignment)) % Alignment);
        var header = new byte[LocalBytes + nameBytes.Length + Extra64Bytes + 4 + padding];
        Put(header, 0x04034b50u);
        PutCommon(header.AsSpan(4), checksum, nameBytes.Length, Extra64Bytes + 4 + padding);
        nameBytes.CopyTo(header, LocalBytes);
        var extra = header.AsSpan(LocalBytes + nameBytes.Length);
        Put(extra, (ushort)1);
        Put(extra[2..], (ushort)(Extra64Bytes - 4));
        Put(extra[4..], length);
        Put(extra[12..], length);
        // PyTorch's padding has the id "FB".
        "FB"u8.CopyTo(extra[Extra64Bytes..]);
        Put(extra[(Extra64Bytes + 2)..], (ushort)padding);
        AddToDirectory(nameBytes, length, checksum);
        stream.Write(header);
        _position += header.Length;
        _entries++;
    }

    private void AddToDirectory(byte[] name, long length, uint checksum)
    {
        const int entryBytes = 46, extraBytes = 28;
        var entry = new byte[entryBytes + name.Length + extraBytes];
        Put(entry, 0x02014b50u);
        Put(entry.AsSpan(4), Version);
        PutCommon(entry.AsSpan(6), checksum, name.Length, extraBytes);
        Put(entry.AsSpan(42), uint.MaxValue);
        name.CopyTo(entry, entryBytes);
        var extra = entry.AsSpan(entryBytes + name.Length);
        Put(extra, (ushort)1);
        Put(extra[2..], (ushort)(extraBytes - 4));
        Put(extra[4..], length);
        Put(extra[12..], length);
        Put(extra[20..], _position);
        _directory.Write(entry);
    }

    // What a local header and a directory entry have in common: version, flags, method 0, time, date, checksum, sizes, lengths.
    private static void PutCommon(Span<byte> at, uint checksum, int nameLength, int extraLength)
    {
        Put(at, Version);
        Put(at[2..], Utf8);
        Put(at[8..], Date);
        Put(at[10..], checksum);
        Put(at[14..], uint.MaxValue);
        Put(at[18..], uint.MaxValue);
        Put(at[22..], (ushort)nameLength);
        Put(at[24..], (ushort)extraLength);
    }

    private static uint GetChecksum(ReadOnlySpan<float> values)
    {
        // Pieces, as a span of bytes over all of a large array would exceed 2³¹.
        const int piece = 1 << 24;
        var checksum = new Crc32();
        while (!values.IsEmpty)
        {
            var part = values[..Math.Min(piece, values.Length)];
            checksum.Append(ToBytes(part));
            values = values[part.Length..];
        }

        return checksum.GetCurrentHashAsUInt32();
    }

    private static ReadOnlySpan<byte> ToBytes(ReadOnlySpan<float> values)
    {
        if (BitConverter.IsLittleEndian) return MemoryMarshal.AsBytes(values);
        using var bytes = new MemoryStream();
        Float32Writer.Write(bytes, values, ElementType.F32);
        return bytes.ToArray();
    }

    private static void Put(Span<byte> at, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(at, value);

    private static void Put(Span<byte> at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(at, value);

    private static void Put(Span<byte> at, long value) => BinaryPrimitives.WriteInt64LittleEndian(at, value);
}
