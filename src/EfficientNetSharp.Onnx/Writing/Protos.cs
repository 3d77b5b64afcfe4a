using System.Buffers.Binary;
using System.Collections.Immutable;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Models;
using EfficientNetSharp.Onnx.Schema;
using Google.Protobuf;
using static EfficientNetSharp.Onnx.Schema.AttributeProto.Types;

namespace EfficientNetSharp.Onnx.Writing;

/// <summary>The messages that ONNX graphs are made of, with the fields that every reader wants.</summary>
internal static class Protos
{
    public static AttributeProto Integer(string name, long value) => new() { Name = name, Type = AttributeType.Int, I = value };

    public static AttributeProto Integers(string name, params ReadOnlySpan<long> values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeType.Ints };
        foreach (long value in values) attribute.Ints.Add(value);
        return attribute;
    }

    public static AttributeProto Number(string name, float value) => new() { Name = name, Type = AttributeType.Float, F = value };

    public static TensorProto FloatTensor(string name, WeightTensor tensor) => FloatTensor(name, tensor.Shape, tensor);

    /// <summary>A tensor under another shape of as many values.</summary>
    public static TensorProto FloatTensor(string name, ImmutableArray<int> shape, WeightTensor tensor) => new()
    {
        Name = name,
        DataType = (int)TensorProto.Types.DataType.Float,
        Dims = { shape.Select(dimension => (long)dimension) },
        RawData = FloatBytes.Of(tensor),
    };

    /// <summary>A tensor of integers as they lie in memory.</summary>
    public static TensorProto IntegerTensor(string name, ImmutableArray<int> shape, ElementType type, ReadOnlySpan<byte> bytes) => new()
    {
        Name = name,
        DataType = (int)(type switch
        {
            ElementType.U8 => TensorProto.Types.DataType.Uint8,
            ElementType.I8 => TensorProto.Types.DataType.Int8,
            ElementType.U16 => TensorProto.Types.DataType.Uint16,
            ElementType.I16 => TensorProto.Types.DataType.Int16,
            ElementType.I32 => TensorProto.Types.DataType.Int32,
            _ => throw new ArgumentOutOfRangeException(nameof(type), type, "QuantizeLinear has no such integers."),
        }),
        Dims = { shape.Select(dimension => (long)dimension) },
        RawData = ByteString.CopyFrom(bytes),
    };

    public static TensorProto IntegerTensor(string name, params ReadOnlySpan<long> values)
    {
        var bytes = new byte[values.Length * sizeof(long)];
        for (int i = 0; i < values.Length; i++) BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(i * sizeof(long)), values[i]);
        return new TensorProto
        {
            Name = name,
            DataType = (int)TensorProto.Types.DataType.Int64,
            Dims = { values.Length },
            RawData = ByteString.CopyFrom(bytes),
        };
    }
}
