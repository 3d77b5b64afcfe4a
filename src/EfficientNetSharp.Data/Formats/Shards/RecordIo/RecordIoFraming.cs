using System.Buffers.Binary;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Data.Formats.Shards.RecordIo;

/// <summary>
/// How RecordIO files frame their records (dmlc-core, <c>recordio.h</c>): magic, a word of kind and length, the payload, zeros up to a
/// multiple of 4. A payload that has the magic at a multiple of 4 is split there, and the magic left out.
/// </summary>
internal static class RecordIoFraming
{
    /// <summary>Bytes before a part's payload.</summary>
    public const int HeaderBytes = 8;

    /// <summary>What each part begins with.</summary>
    public const uint Magic = 0xced7230a;

    // The format of 2015, whose lengths have 30 bits.
    private const uint FormerMagic = 0x3ed7230a;

    private const int LengthBits = 29;

    /// <summary>The greatest length of a part.</summary>
    public const int MaxLength = (1 << LengthBits) - 1;

    private enum Part
    {
        Whole,
        First,
        Middle,
        Last,
    }

    /// <summary>Walks over a record.</summary>
    /// <param name="file">The file.</param>
    /// <param name="offset">Where the record begins.</param>
    /// <returns>Where each part's payload lies, and where the next record begins.</returns>
    /// <exception cref="InvalidInputException">There is no whole record.</exception>
    public static (List<(long Offset, int Length)> Parts, long Next) Walk(InputFile file, long offset)
    {
        var parts = new List<(long, int)>(1);
        Span<byte> header = stackalloc byte[HeaderBytes];
        long start = offset;
        while (true)
        {
            if (offset + HeaderBytes > file.Length) throw Damaged($"the record at byte {start} is cut off");
            file.ReadExactly(offset, header);
            uint magic = BinaryPrimitives.ReadUInt32LittleEndian(header), word = BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);
            if (magic == FormerMagic)
                throw Damaged("its records are of the format of 2015, whose lengths are others; write it again with a newer mxnet");
            if (magic != Magic) throw Damaged($"no record begins at byte {offset}");
            var part = (Part)(word >> LengthBits);
            int length = (int)(word & MaxLength);
            bool begins = part is Part.Whole or Part.First;
            if (part > Part.Last || begins != (parts.Count == 0))
                throw Damaged($"the part at byte {offset} of the record at byte {start} does not follow the one before it");
            if (offset + HeaderBytes + length > file.Length) throw Damaged($"the record at byte {start} is cut off");
            parts.Add((offset + HeaderBytes, length));
            offset += HeaderBytes + ((length + 3L) & ~3L);
            if (part is Part.Whole or Part.Last) return (parts, Math.Min(offset, file.Length));
        }

        InvalidInputException Damaged(string what) => DatasetErrors.Damaged(file.Path, what);
    }

    /// <summary>Bytes of a record's payload, the magics between its parts put back.</summary>
    public static long LengthOf(List<(long Offset, int Length)> parts) =>
        parts.Sum(part => (long)part.Length) + ((parts.Count - 1L) * sizeof(uint));

    /// <summary>Reads the first bytes of a record's payload, as far as it goes.</summary>
    public static int Read(InputFile file, List<(long Offset, int Length)> parts, long skip, Span<byte> into)
    {
        int done = 0;
        long at = 0;
        Span<byte> magic = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(magic, Magic);
        for (int i = 0; i < parts.Count && done < into.Length; i++)
        {
            if (i > 0)
            {
                // What of the magic lies behind what is skipped.
                for (int k = 0; k < magic.Length && done < into.Length; k++, at++)
                {
                    if (at >= skip) into[done++] = magic[k];
                }
            }

            var (offset, length) = parts[i];
            long first = Math.Clamp(skip - at, 0, length);
            int count = (int)Math.Min(length - first, into.Length - done);
            file.ReadExactly(offset + first, into.Slice(done, count));
            done += count;
            at += length;
        }

        return done;
    }

    /// <summary>Writes a record.</summary>
    public static void Write(Stream stream, ReadOnlySpan<byte> payload)
    {
        int begun = 0;
        for (int i = 0; i + sizeof(uint) <= payload.Length; i += sizeof(uint))
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(payload[i..]) != Magic) continue;
            WritePart(begun == 0 ? Part.First : Part.Middle, payload[begun..i]);
            begun = i + sizeof(uint);
        }

        WritePart(begun == 0 ? Part.Whole : Part.Last, payload[begun..]);

        void WritePart(Part part, ReadOnlySpan<byte> bytes)
        {
            Span<byte> header = stackalloc byte[HeaderBytes];
            BinaryPrimitives.WriteUInt32LittleEndian(header, Magic);
            BinaryPrimitives.WriteUInt32LittleEndian(header[4..], ((uint)part << LengthBits) | (uint)bytes.Length);
            stream.Write(header);
            stream.Write(bytes);
            stream.Write("\0\0\0"u8[..(-bytes.Length & 3)]);
        }
    }
}
