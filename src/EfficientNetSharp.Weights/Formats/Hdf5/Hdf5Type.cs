using EfficientNetSharp.Arrays;
using EfficientNetSharp.Formats;

namespace EfficientNetSharp.Weights.Formats.Hdf5;

/// <summary>What the elements of a dataset or an attribute are.</summary>
internal enum Hdf5Kind
{
    /// <summary>Something that is not read: compounds, references, enumerations, …</summary>
    Other,

    /// <summary>Numbers.</summary>
    Number,

    /// <summary>Texts of a fixed number of bytes.</summary>
    FixedText,

    /// <summary>Texts of any length, kept in a heap.</summary>
    HeapText,
}

/// <summary>A datatype (section IV.A.2.d).</summary>
internal readonly record struct Hdf5Type(Hdf5Kind Kind, int Size, ElementType Element = default, bool BigEndian = false)
{
    /// <summary>Reads the datatype at a place.</summary>
    public static Hdf5Type Read(ByteSource source, long at)
    {
        source.Position = at;
        // The lower half of the first byte is the class; three bytes of facts by class; the size.
        int kind = source.ReadByte() & 0xf, facts = source.ReadByte();
        source.Position += 2;
        uint size = source.ReadUInt32();
        if (size > int.MaxValue) throw WeightErrors.Damaged(source.Path, $"an element of it has {size} bytes");
        bool bigEndian = (facts & 1) != 0;
        return kind switch
        {
            0 when FindInteger(size, (facts & 8) != 0) is { } integer => new Hdf5Type(Hdf5Kind.Number, (int)size, integer, bigEndian),
            1 when FindFloat(source, at, size) is { } real && (facts & 0x40) == 0 =>
            new Hdf5Type(Hdf5Kind.Number, (int)size, real, bigEndian),
            3 => new Hdf5Type(Hdf5Kind.FixedText, (int)size),
            9 when (facts & 0xf) == 1 => new Hdf5Type(Hdf5Kind.HeapText, (int)size),
            _ => new Hdf5Type(Hdf5Kind.Other, (int)size),
        };
    }

    private static ElementType? FindInteger(uint size, bool signed) => (size, signed) switch
    {
        (1, true) => ElementType.I8,
        (1, false) => ElementType.U8,
        (2, true) => ElementType.I16,
        (2, false) => ElementType.U16,
        (4, true) => ElementType.I32,
        (4, false) => ElementType.U32,
        (8, true) => ElementType.I64,
        (8, false) => ElementType.U64,
        _ => null,
    };

    // Bit offset and precision, two bytes each, then place and size of the exponent and place and size of the mantissa.
    private static ElementType? FindFloat(ByteSource source, long at, uint size)
    {
        source.Position = at + 8 + 5;
        int exponent = source.ReadByte();
        source.Position++;
        int mantissa = source.ReadByte();
        return (size, exponent, mantissa) switch
        {
            (2, 5, 10) => ElementType.F16,
            (2, 8, 7) => ElementType.BF16,
            (4, 8, 23) => ElementType.F32,
            (8, 11, 52) => ElementType.F64,
            _ => null,
        };
    }
}
