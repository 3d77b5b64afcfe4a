using System.Collections.Immutable;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Files;
using EfficientNetSharp.Formats;
using EfficientNetSharp.Formats.Protobuf;

namespace EfficientNetSharp.Weights.Formats.Onnx;

/// <summary>Reads the values of a tensor out of the fields that have them as protobuf numbers rather than as raw bytes.</summary>
internal static class OnnxTypedValues
{
    /// <summary>Reads the values.</summary>
    /// <exception cref="InvalidInputException">There are not as many as expected, or they are in the field of another type.</exception>
    public static float[] Read(InputFile file, string name, ImmutableArray<ProtoField> pieces, ElementType type, long count)
    {
        int field = FieldOf(type);
        if (count > Array.MaxLength) throw WeightErrors.Damaged(file.Path, $"the tensor {OneLine.Quote(name)} has {count} values");
        var values = new float[count];
        int at = 0;
        var source = new ByteSource(file.OpenStream(), file.Path, WeightErrors.Kind);
        foreach (var piece in pieces)
        {
            if (piece.Number != field) continue;
            foreach (ulong bits in ReadPiece(source, piece, field))
            {
                if (at == values.Length) throw Wrong(file.Path, name, count, "more");
                values[at++] = Convert(bits, type);
            }
        }

        return at == values.Length ? values : throw Wrong(file.Path, name, count, $"{at}");
    }

    private static InvalidInputException Wrong(string path, string name, long expected, string found) =>
        WeightErrors.Damaged(path, $"the tensor {OneLine.Quote(name)} has {found} values, expected {expected}");

    // onnx.proto's comments at float_data and its kin.
    private static int FieldOf(ElementType type) => type switch
    {
        ElementType.F32 => 4,
        ElementType.F64 => 10,
        ElementType.I64 => 7,
        ElementType.U32 or ElementType.U64 => 11,
        _ => 5,
    };

    private static IEnumerable<ulong> ReadPiece(ByteSource source, ProtoField piece, int field)
    {
        int width = field switch { 4 => sizeof(float), 10 => sizeof(double), _ => 0 };
        if (!piece.IsDelimited || width == 0)
        {
            foreach (long value in ProtoReader.ReadIntegers(source, piece)) yield return (ulong)value;
            yield break;
        }

        for (long at = piece.Start; at < piece.Start + piece.Length; at += width)
        {
            source.Position = at;
            yield return width == sizeof(float) ? source.ReadUInt32() : source.ReadUInt64();
        }
    }

    private static float Convert(ulong bits, ElementType type) => type switch
    {
        ElementType.F32 => BitConverter.UInt32BitsToSingle((uint)bits),
        ElementType.F64 => (float)BitConverter.UInt64BitsToDouble(bits),
        ElementType.F16 => (float)BitConverter.UInt16BitsToHalf((ushort)bits),
        ElementType.BF16 => BitConverter.UInt32BitsToSingle((uint)bits << 16),
        ElementType.U32 or ElementType.U64 => bits,
        ElementType.Bool => bits == 0 ? 0 : 1,
        _ => (long)bits,
    };
}
