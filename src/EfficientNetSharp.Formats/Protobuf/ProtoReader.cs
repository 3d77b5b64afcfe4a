namespace EfficientNetSharp.Formats.Protobuf;

/// <summary>A field of a protobuf message.</summary>
/// <param name="Number">Its number in the message's definition.</param>
/// <param name="Value">A varint's or fixed-width field's bits; 0 for a length-delimited one.</param>
/// <param name="Start">A length-delimited field's first byte.</param>
/// <param name="Length">A length-delimited field's bytes; -1 for others.</param>
internal readonly record struct ProtoField(int Number, ulong Value, long Start, long Length)
{
    public bool IsDelimited => Length >= 0;

    public float AsFloat() => BitConverter.UInt32BitsToSingle((uint)Value);
}

/// <summary>
/// Walks the fields of protobuf messages where they lie (the wire format of protobuf.dev/programming-guides/encoding), so that a
/// message's large fields need not be read to know the small ones.
/// </summary>
internal static class ProtoReader
{
    /// <summary>The fields of a message in a part of a source, in their order.</summary>
    /// <exception cref="InvalidInputException">The part is no message.</exception>
    public static IEnumerable<ProtoField> ReadFields(ByteSource source, long start, long length)
    {
        // Whoever takes a field may read elsewhere in the source, so the place is kept here.
        long at = start, end = start + length;
        while (at < end)
        {
            source.Position = at;
            var field = ReadField(source);
            at = field.IsDelimited ? field.Start + field.Length : source.Position;
            if (at > end || at < 0) throw source.Damaged("a protobuf field of it reaches beyond its message");
            yield return field;
        }
    }

    /// <summary>The integers of a repeated field, of which this is one piece: packed, or a single one.</summary>
    public static IEnumerable<long> ReadIntegers(ByteSource source, ProtoField field)
    {
        if (!field.IsDelimited)
        {
            yield return (long)field.Value;
            yield break;
        }

        for (long at = field.Start; at < field.Start + field.Length; at = source.Position)
        {
            source.Position = at;
            yield return (long)ReadVarint(source);
        }
    }

    /// <summary>A text field.</summary>
    /// <exception cref="InvalidInputException">It is no text, or longer than any name.</exception>
    public static string ReadText(ByteSource source, ProtoField field, int max = 10_000)
    {
        if (field.Length is < 0 || field.Length > max)
            throw source.Damaged($"a text of it has {field.Length} bytes, expected at most {max}");
        source.Position = field.Start;
        return System.Text.Encoding.UTF8.GetString(source.ReadBytes(field.Length));
    }

    /// <summary>A number of seven bits a byte, least significant first.</summary>
    public static ulong ReadVarint(ByteSource source)
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte next = source.ReadByte();
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80) return value;
        }

        throw source.Damaged("a number of it has over ten bytes");
    }

    private static ProtoField ReadField(ByteSource source)
    {
        ulong tag = ReadVarint(source);
        if (tag >> 3 is 0 or > 536_870_911) throw source.Damaged("a protobuf field of it has no valid number");
        int number = (int)(tag >> 3);
        switch (tag & 7)
        {
            case 0:
                return new ProtoField(number, ReadVarint(source), 0, -1);
            case 1:
                return new ProtoField(number, source.ReadUInt64(), 0, -1);
            case 2:
                ulong length = ReadVarint(source);
                if (length > (ulong)(source.Length - source.Position)) throw source.Damaged("it ends within a protobuf field");
                return new ProtoField(number, 0, source.Position, (long)length);
            case 5:
                return new ProtoField(number, source.ReadUInt32(), 0, -1);
            default:
                throw source.Damaged($"a protobuf field of it has the type {tag & 7}, expected 0, 1, 2 or 5");
        }
    }
}
