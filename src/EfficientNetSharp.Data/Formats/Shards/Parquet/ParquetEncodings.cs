using System.Numerics;

namespace EfficientNetSharp.Data.Formats.Shards.Parquet;

/// <summary>Encodings of numbers (parquet-format's Encodings.md). Each fills what it is given or says that the bytes do not.</summary>
internal static class ParquetEncodings
{
    /// <summary>
    /// The hybrid of runs and bit-packed groups, of levels and of places in dictionaries. A run takes two bytes however long it is, and no
    /// run is empty, so the work is bounded by bytes and values.
    /// </summary>
    public static bool TryReadRuns(ReadOnlySpan<byte> bytes, int bitWidth, Span<int> values)
    {
        if (bitWidth is < 0 or > 32) return false;
        int at = 0;
        while (!values.IsEmpty)
        {
            if (!TryReadVarint(bytes, ref at, out ulong head) || head >> 1 is 0 or > int.MaxValue) return false;
            int count = (int)(head >> 1);
            if ((head & 1) == 0)
            {
                int width = (bitWidth + 7) / 8;
                if (width > bytes.Length - at) return false;
                uint value = 0;
                for (int i = 0; i < width; i++) value |= (uint)bytes[at + i] << (8 * i);
                at += width;
                count = Math.Min(count, values.Length);
                values[..count].Fill((int)value);
                values = values[count..];
                continue;
            }

            // Groups of eight; the last may hold more than is wanted, and some writers cut it off.
            int wanted = (int)Math.Min(count * 8L, values.Length);
            long packed = (long)count * bitWidth;
            var group = bytes[at..(int)Math.Min(bytes.Length, at + packed)];
            if ((long)wanted * bitWidth > group.Length * 8L) return false;
            for (int i = 0; i < wanted; i++) values[i] = (int)ReadBits(group, (long)i * bitWidth, bitWidth);
            at += group.Length;
            values = values[wanted..];
        }

        return true;
    }

    /// <summary>DELTA_BINARY_PACKED: differences in blocks of mini-blocks, each with a bit width of its own.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="values">Filled.</param>
    /// <param name="used">Bytes that the numbers took.</param>
    public static bool TryReadDeltas(ReadOnlySpan<byte> bytes, Span<long> values, out int used)
    {
        used = 0;
        if (!TryReadVarint(bytes, ref used, out ulong block) || !TryReadVarint(bytes, ref used, out ulong parts)
            || !TryReadVarint(bytes, ref used, out ulong total) || !TryReadSigned(bytes, ref used, out long last)) return false;
        // A block is a multiple of 128, a part of it a multiple of 32.
        if (block is 0 or > 1 << 20 || parts == 0 || parts > block / 32 || block % (32 * parts) != 0
            || total != (ulong)values.Length) return false;
        if (values.IsEmpty) return true;
        values[0] = last;
        int perPart = (int)(block / parts), next = 1;
        while (next < values.Length)
        {
            if (!TryReadSigned(bytes, ref used, out long smallest) || (int)parts > bytes.Length - used) return false;
            var widths = bytes.Slice(used, (int)parts);
            used += (int)parts;
            for (int part = 0; part < (int)parts && next < values.Length; part++)
            {
                int width = widths[part], length = perPart / 8 * width;
                if (width > 64 || length > bytes.Length - used) return false;
                var packed = bytes.Slice(used, length);
                used += length;
                for (int i = 0; i < perPart && next < values.Length; i++)
                {
                    last = unchecked(last + smallest + (long)ReadBits(packed, (long)i * width, width));
                    values[next++] = last;
                }
            }
        }

        return true;
    }

    /// <summary>Bits that hold a number up to a largest one.</summary>
    public static int WidthOf(int largest) => 32 - BitOperations.LeadingZeroCount((uint)largest);

    private static bool TryReadSigned(ReadOnlySpan<byte> bytes, ref int at, out long value)
    {
        bool read = TryReadVarint(bytes, ref at, out ulong folded);
        value = (long)(folded >> 1) ^ -(long)(folded & 1);
        return read;
    }

    private static bool TryReadVarint(ReadOnlySpan<byte> bytes, ref int at, out ulong value)
    {
        value = 0;
        for (int shift = 0; shift < 64 && at < bytes.Length; shift += 7)
        {
            byte next = bytes[at++];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80) return true;
        }

        return false;
    }

    // Least significant bits first.
    private static ulong ReadBits(ReadOnlySpan<byte> bytes, long bit, int width)
    {
        ulong value = 0;
        for (int have = 0; have < width;)
        {
            int inByte = (int)(bit & 7), take = Math.Min(8 - inByte, width - have);
            ulong part = ((ulong)bytes[(int)(bit >> 3)] >> inByte) & ((1UL << take) - 1);
            value |= part << have;
            have += take;
            bit += take;
        }

        return value;
    }
}
