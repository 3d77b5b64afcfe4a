namespace EfficientNetSharp.Data.Formats.Shards.Parquet;

/// <summary>What a field is (the compact protocol's numbers).</summary>
internal enum ThriftType
{
    Stop = 0,
    True = 1,
    False = 2,
    Byte = 3,
    Int16 = 4,
    Int32 = 5,
    Int64 = 6,
    Double = 7,
    Binary = 8,
    List = 9,
    Set = 10,
    Map = 11,
    Struct = 12,
    Uuid = 13,
}

/// <summary>
/// Walks structures in Thrift's compact protocol (thrift's <c>doc/specs/thrift-compact-protocol.md</c>), in which Parquet keeps its
/// metadata. Every step takes bytes, and nesting has a limit, so that the work is linear in the bytes.
/// </summary>
/// <param name="bytes">The structure's bytes; more may follow.</param>
internal ref struct ThriftReader(ReadOnlySpan<byte> bytes)
{
    // Parquet's metadata are nested seven deep.
    private const int MaxDepth = 32;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Bytes read.</summary>
    public int Position { get; private set; }

    /// <summary>
    /// Reads the head of the next field; <see langword="false"/> behind the last. Whoever reads it takes its value or
    /// <see cref="Skip"/>s it.
    /// </summary>
    /// <param name="id">The number of the field before; 0 for the first. Becomes this one's.</param>
    /// <param name="type">What it holds.</param>
    public bool ReadField(ref int id, out ThriftType type)
    {
        byte head = ReadByte();
        type = (ThriftType)(head & 0xf);
        if (type == ThriftType.Stop) return false;
        int step = head >> 4;
        id = step > 0 ? id + step : (short)ReadInteger();
        return true;
    }

    /// <summary>A number of a field of 8 to 64 bits.</summary>
    public long ReadNumber(ThriftType type) => type switch
    {
        ThriftType.Byte => (sbyte)ReadByte(),
        ThriftType.Int16 or ThriftType.Int32 or ThriftType.Int64 => ReadInteger(),
        _ => throw new ThriftException("a number is expected"),
    };

    /// <summary>A number that has to fit 32 bits and may not be negative.</summary>
    public int ReadCount(ThriftType type)
    {
        long number = ReadNumber(type);
        return number is >= 0 and <= int.MaxValue ? (int)number : throw new ThriftException($"a count is {number}");
    }

    /// <summary>Bytes or text.</summary>
    public ReadOnlySpan<byte> ReadBinary(ThriftType type)
    {
        if (type != ThriftType.Binary) throw new ThriftException("a text is expected");
        return Take(ReadVarint());
    }

    /// <summary>The head of a list: what it holds and how many. No more are told of than bytes follow.</summary>
    public int ReadList(ThriftType type, out ThriftType element)
    {
        if (type is not (ThriftType.List or ThriftType.Set)) throw new ThriftException("a list is expected");
        byte head = ReadByte();
        element = (ThriftType)(head & 0xf);
        ulong count = (ulong)(head >> 4);
        if (count == 15) count = ReadVarint();
        // Each element takes a byte at least.
        if (count > (ulong)(_bytes.Length - Position)) throw new ThriftException();
        return (int)count;
    }

    /// <summary>Goes past a field's value.</summary>
    public void Skip(ThriftType type, int depth = 0)
    {
        if (depth > MaxDepth) throw new ThriftException("it is nested too deep");
        switch (type)
        {
            case ThriftType.True or ThriftType.False:
                break;
            case ThriftType.Byte:
                ReadByte();
                break;
            case ThriftType.Int16 or ThriftType.Int32 or ThriftType.Int64:
                ReadVarint();
                break;
            case ThriftType.Double:
                Take(sizeof(double));
                break;
            case ThriftType.Uuid:
                Take(16);
                break;
            case ThriftType.Binary:
                Take(ReadVarint());
                break;
            case ThriftType.List or ThriftType.Set:
                for (int left = ReadList(type, out var element); left > 0; left--) SkipElement(element, depth + 1);
                break;
            case ThriftType.Map:
                SkipMap(depth + 1);
                break;
            case ThriftType.Struct:
                for (int id = 0; ReadField(ref id, out var field);) Skip(field, depth + 1);
                break;
            default:
                throw new ThriftException($"a field is of the unknown type {(int)type}");
        }
    }

    private void SkipMap(int depth)
    {
        ulong count = ReadVarint();
        if (count == 0) return;
        if (count > (ulong)(_bytes.Length - Position)) throw new ThriftException();
        byte types = ReadByte();
        for (; count > 0; count--)
        {
            SkipElement((ThriftType)(types >> 4), depth);
            SkipElement((ThriftType)(types & 0xf), depth);
        }
    }

    // In lists truth values take a byte each; as fields their type says it.
    private void SkipElement(ThriftType type, int depth)
    {
        if (type is ThriftType.True or ThriftType.False)
            ReadByte();
        else
            Skip(type, depth);
    }

    private long ReadInteger()
    {
        ulong folded = ReadVarint();
        return (long)(folded >> 1) ^ -(long)(folded & 1);
    }

    private ulong ReadVarint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte next = ReadByte();
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80) return value;
        }

        throw new ThriftException("a number has over ten bytes");
    }

    private byte ReadByte() => Position < _bytes.Length ? _bytes[Position++] : throw new ThriftException();

    private ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)(_bytes.Length - Position)) throw new ThriftException();
        var taken = _bytes.Slice(Position, (int)count);
        Position += (int)count;
        return taken;
    }
}

/// <summary>Bytes that are no structure, or the first bytes of one.</summary>
internal sealed class ThriftException : Exception
{
    /// <summary>The bytes end within the structure.</summary>
    public ThriftException()
        : base("it ends early") => IsShort = true;

    /// <summary>The bytes are none.</summary>
    public ThriftException(string message)
        : base(message)
    {
    }

    /// <summary>Whether more bytes may help.</summary>
    public bool IsShort { get; }
}
