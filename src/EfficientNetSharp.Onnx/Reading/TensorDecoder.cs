using System.Collections.Immutable;
using System.Runtime.InteropServices;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Files;
using EfficientNetSharp.Onnx.Schema;
using Type = EfficientNetSharp.Onnx.Schema.TensorProto.Types.DataType;

namespace EfficientNetSharp.Onnx.Reading;

/// <summary>
/// Reads a tensor's values from where they are: raw bytes, typed lists, or a file in the model's folder. Nothing is allocated
/// before the bytes for it are known to be there.
/// </summary>
internal sealed class TensorDecoder(string modelPath)
{
    private readonly HashSet<string> _files = new(StringComparer.Ordinal);

    // Bytes that may still be read from other files.
    private long _external;

    /// <summary>Decodes a tensor.</summary>
    /// <exception cref="InvalidInputException">Its type, its dimensions or the number of its values do not do.</exception>
    public Constant Decode(TensorProto tensor) => DecodeValues(tensor) with { Type = IntegerTypeOf((Type)tensor.DataType) };

    private Constant DecodeValues(TensorProto tensor)
    {
        var dims = Dims(tensor);
        if (!AxisRules.TryMultiply(dims, out long count)) throw Refuse(tensor, "dimensions that multiply to at most 2^63", Text(dims));
        var type = (Type)tensor.DataType;
        if (tensor.DataLocation == TensorProto.Types.DataLocation.External) return Raw(tensor, dims, count, type, ReadExternal(tensor));
        return tensor.HasRawData ? Raw(tensor, dims, count, type, tensor.RawData.Span) : Typed(tensor, dims, count, type);
    }

    private static ImmutableArray<int> Dims(TensorProto tensor)
    {
        if (tensor.Dims.Count > AxisRules.MaxDimensions)
            throw Refuse(tensor, $"at most {AxisRules.MaxDimensions} dimensions", $"{tensor.Dims.Count}");
        if (tensor.Dims.Any(dimension => dimension is < 0 or > int.MaxValue))
            throw Refuse(tensor, "dimensions of 0 to 2^31 - 1", $"[{string.Join(", ", tensor.Dims)}]");
        return [.. tensor.Dims.Select(dimension => (int)dimension)];
    }

    private static Constant Raw(TensorProto tensor, ImmutableArray<int> dims, long count, Type type, ReadOnlySpan<byte> bytes)
    {
        int size = SizeOf(type) ?? throw Unsupported(tensor);
        if (count > bytes.Length || count * size != bytes.Length) throw Refuse(tensor, $"{count} values of {size} bytes for {Text(dims)}",
            $"{bytes.Length} bytes");
        return type switch
        {
            Type.Float => Constant.Of(dims, Cast<float>(bytes).ToArray()),
            Type.Double => Constant.Of(dims, Convert(Cast<double>(bytes), value => (float)value)),
            Type.Float16 => Constant.Of(dims, Convert(Cast<Half>(bytes), value => (float)value)),
            Type.Bfloat16 => Constant.Of(dims, Convert(Cast<ushort>(bytes), FromBfloat16)),
            Type.Int64 => Constant.Of(dims, Convert(Cast<long>(bytes), value => value)),
            Type.Uint64 => Constant.Of(dims, Convert(Cast<ulong>(bytes), value => unchecked((long)value))),
            Type.Int32 => Constant.Of(dims, Convert(Cast<int>(bytes), value => (long)value)),
            Type.Uint32 => Constant.Of(dims, Convert(Cast<uint>(bytes), value => (long)value)),
            Type.Int16 => Constant.Of(dims, Convert(Cast<short>(bytes), value => (long)value)),
            Type.Uint16 => Constant.Of(dims, Convert(Cast<ushort>(bytes), value => (long)value)),
            Type.Int8 => Constant.Of(dims, Convert(Cast<sbyte>(bytes), value => (long)value)),
            _ => Constant.Of(dims, Convert(bytes, value => (long)value)),
        };
    }

    private static Constant Typed(TensorProto tensor, ImmutableArray<int> dims, long count, Type type)
    {
        int found = type switch
        {
            Type.Float => tensor.FloatData.Count,
            Type.Double => tensor.DoubleData.Count,
            Type.Int64 => tensor.Int64Data.Count,
            Type.Float16 or Type.Bfloat16 or Type.Int32 or Type.Int16 or Type.Uint16 or Type.Int8 or Type.Uint8 or Type.Bool =>
            tensor.Int32Data.Count,
            _ => throw Unsupported(tensor),
        };
        if (found != count) throw Refuse(tensor, $"{count} values for {Text(dims)}", $"{found}");
        return type switch
        {
            Type.Float => Constant.Of(dims, [.. tensor.FloatData]),
            Type.Double => Constant.Of(dims, tensor.DoubleData.Select(value => (float)value).ToArray()),
            Type.Int64 => Constant.Of(dims, [.. tensor.Int64Data]),
            // The bits stand in the low half of each number.
            Type.Float16 => Constant.Of(dims,
                tensor.Int32Data.Select(bits => (float)BitConverter.UInt16BitsToHalf(unchecked((ushort)bits))).ToArray()),
            Type.Bfloat16 => Constant.Of(dims, tensor.Int32Data.Select(bits => FromBfloat16(unchecked((ushort)bits))).ToArray()),
            _ => Constant.Of(dims, tensor.Int32Data.Select(value => (long)value).ToArray()),
        };
    }

    // The types that a quantized tensor may have.
    private static ElementType? IntegerTypeOf(Type type) => type switch
    {
        Type.Uint8 => ElementType.U8,
        Type.Int8 => ElementType.I8,
        Type.Uint16 => ElementType.U16,
        Type.Int16 => ElementType.I16,
        Type.Int32 => ElementType.I32,
        _ => null,
    };

    private static int? SizeOf(Type type) => type switch
    {
        Type.Double or Type.Int64 or Type.Uint64 => 8,
        Type.Float or Type.Int32 or Type.Uint32 => 4,
        Type.Float16 or Type.Bfloat16 or Type.Int16 or Type.Uint16 => 2,
        Type.Int8 or Type.Uint8 or Type.Bool => 1,
        _ => null,
    };

    // A file beside the model or in a folder below it.
    private byte[] ReadExternal(TensorProto tensor)
    {
        var entries = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in tensor.ExternalData) entries[entry.Key] = entry.Value;
        string location = entries.GetValueOrDefault("location", "");
        var (path, problem) = ExternalFile.Resolve(modelPath, location);
        if (problem is not null) throw Refuse(tensor, "its values in a file in the model's folder", problem);
        using var file = InputFile.Open(path!);
        long offset = Number(tensor, entries, "offset") ?? 0;
        if (offset > file.Length) throw Refuse(tensor, $"an offset of at most {file.Length}", $"{offset}");
        long length = Number(tensor, entries, "length") ?? file.Length - offset;
        if (length > file.Length - offset || length > Array.MaxLength)
            throw Refuse(tensor,
                $"at most {Math.Min(file.Length - offset, Array.MaxLength)} bytes in {OneLine.Quote(location)} from {offset}", $"{length}");
        // Any number of tensors may name the same bytes.
        if (_files.Add(path!)) _external += Expansion.Max(file.Length);
        _external -= length;
        if (_external < 0) throw Refuse(tensor, "bytes that other tensors do not have too", $"{OneLine.Quote(location)} again and again");
        var bytes = GC.AllocateUninitializedArray<byte>((int)length);
        file.ReadExactly(offset, bytes);
        return bytes;
    }

    private static long? Number(TensorProto tensor, Dictionary<string, string> entries, string key)
    {
        if (!entries.TryGetValue(key, out string? text)) return null;
        return NumberText.TryParseDigits(text, out long number)
            ? number
            : throw Refuse(tensor, $"a number as the {key} of its external data", OneLine.Quote(text));
    }

    private static ReadOnlySpan<T> Cast<T>(ReadOnlySpan<byte> bytes)
        where T : struct => BitConverter.IsLittleEndian
            ? MemoryMarshal.Cast<byte, T>(bytes)
            : throw new PlatformNotSupportedException("ONNX's raw data are read on little-endian machines.");

    private static TTo[] Convert<TFrom, TTo>(ReadOnlySpan<TFrom> from, Func<TFrom, TTo> convert)
    {
        var to = new TTo[from.Length];
        for (int i = 0; i < to.Length; i++) to[i] = convert(from[i]);
        return to;
    }

    // The upper half of a float32.
    private static float FromBfloat16(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    private static string Text(ImmutableArray<int> dims) => $"[{string.Join(", ", dims)}]";

    private static InvalidInputException Unsupported(TensorProto tensor) =>
        Refuse(tensor, "numbers of 8 to 64 bits", $"the type {tensor.DataType}");

    private static InvalidInputException Refuse(TensorProto tensor, string expected, string found) =>
        new($"the tensor {OneLine.Quote(tensor.Name)} is expected to have {expected}, found {found}; export the file again.");
}
