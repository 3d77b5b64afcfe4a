using System.Collections.Immutable;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Files;
using EfficientNetSharp.Formats;
using EfficientNetSharp.Formats.Protobuf;

namespace EfficientNetSharp.Weights.Formats.Onnx;

/// <summary>Finds what a <c>TensorProto</c> of onnx.proto holds, without reading its values.</summary>
internal sealed class OnnxTensor
{
    private readonly List<ProtoField> _typed = [];
    private readonly List<long> _dimensions = [];
    private readonly Dictionary<string, string> _external = new(StringComparer.Ordinal);
    private ulong _type;
    private ProtoField? _raw;
    private bool _isExternal;

    private OnnxTensor()
    {
    }

    public string Name { get; private set; } = "";

    /// <summary>Reads a tensor's description.</summary>
    public static OnnxTensor Parse(ByteSource source, ProtoField message)
    {
        var tensor = new OnnxTensor();
        foreach (var field in ProtoReader.ReadFields(source, message.Start, message.Length)) tensor.Take(source, field);
        return tensor;
    }

    /// <summary>The tensor under a name, or <see langword="null"/> where it holds no plain numbers.</summary>
    /// <param name="name">The name.</param>
    /// <param name="file">The model file.</param>
    /// <param name="external">Opens files beside it.</param>
    /// <exception cref="InvalidInputException">It does not have the values that its shape takes.</exception>
    public SourceTensor? ToSource(string name, InputFile file, OnnxExternalData external)
    {
        if (FindType(_type) is not { } type) return null;
        var shape = StoredShape.Check(file.Path, name, _dimensions);
        long count = StoredShape.Count(shape), bytes = count * (type.BitCount() / 8);
        if (_isExternal)
        {
            var (data, offset, length) = external.Find(name, _external, bytes);
            CheckLength(file.Path, name, bytes, length);
            return new SourceTensor(name, shape, () => Float32Reader.Read(data, offset, count, type));
        }

        if (_raw is { } raw)
        {
            CheckLength(file.Path, name, bytes, raw.Length);
            return new SourceTensor(name, shape, () => Float32Reader.Read(file, raw.Start, count, type));
        }

        // Each value takes a byte at least, so that a large shape with few bytes is known before memory is taken.
        long max = _typed.Sum(piece => piece.IsDelimited ? piece.Length : 1);
        if (count > max)
            throw WeightErrors.Damaged(file.Path, $"the tensor {OneLine.Quote(name)} of shape [{string.Join(", ", shape)}] has at most {max} values");
        return new SourceTensor(name, shape, () => OnnxTypedValues.Read(file, name, [.. _typed], type, count));
    }

    private static void CheckLength(string path, string name, long expected, long found)
    {
        if (found != expected) throw WeightErrors.Damaged(path, $"the tensor {OneLine.Quote(name)} has {found} bytes, expected {expected}");
    }

    private void Take(ByteSource source, ProtoField field)
    {
        switch (field.Number)
        {
            case 1:
                foreach (long dimension in ProtoReader.ReadIntegers(source, field))
                {
                    if (_dimensions.Count > ArrayShape.MaxDimensions)
                        throw WeightErrors.Damaged(source.Path, "a tensor of it has too many dimensions");
                    _dimensions.Add(dimension);
                }

                break;
            case 2:
                _type = field.Value;
                break;
            // float_data, int32_data, int64_data, double_data, uint64_data.
            case 4 or 5 or 7 or 10 or 11:
                _typed.Add(field);
                break;
            case 8:
                Name = ProtoReader.ReadText(source, field);
                break;
            case 9 when field.IsDelimited:
                _raw = field;
                break;
            case 13 when field.IsDelimited:
                var (key, value) = ReadPair(source, field);
                _external[key] = value;
                break;
            case 14:
                _isExternal = field.Value == 1;
                break;
        }
    }

    /// <summary>A <c>StringStringEntryProto</c>.</summary>
    public static (string Key, string Value) ReadPair(ByteSource source, ProtoField pair)
    {
        string key = "", value = "";
        foreach (var field in ProtoReader.ReadFields(source, pair.Start, pair.Length))
        {
            if (field.Number == 1) key = ProtoReader.ReadText(source, field);
            // Metadata hold model cards and class names too.
            if (field.Number == 2) value = ProtoReader.ReadText(source, field, max: 10_000_000);
        }

        return (key, value);
    }

    // TensorProto.DataType.
    private static ElementType? FindType(ulong type) => type switch
    {
        1 => ElementType.F32,
        2 => ElementType.U8,
        3 => ElementType.I8,
        4 => ElementType.U16,
        5 => ElementType.I16,
        6 => ElementType.I32,
        7 => ElementType.I64,
        9 => ElementType.Bool,
        10 => ElementType.F16,
        11 => ElementType.F64,
        12 => ElementType.U32,
        13 => ElementType.U64,
        16 => ElementType.BF16,
        _ => null,
    };
}
