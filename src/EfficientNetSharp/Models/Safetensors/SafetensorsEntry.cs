using System.Collections.Immutable;
using EfficientNetSharp.Arrays;

namespace EfficientNetSharp.Models.Safetensors;

/// <summary>A tensor to be written to a safetensors file.</summary>
public sealed class SafetensorsEntry
{
    private readonly ReadOnlyMemory<float> _floats;
    private readonly ReadOnlyMemory<byte> _bytes;

    private SafetensorsEntry(string name, ElementType type, ImmutableArray<int> shape, ReadOnlyMemory<float> floats,
        ReadOnlyMemory<byte> bytes, long given)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name == SafetensorsFormat.MetadataKey) throw new ArgumentException($"'{name}' is not a tensor's name in this format.",
            nameof(name));
        if (shape.IsDefault || shape.Length > ArrayShape.MaxDimensions || shape.Any(dimension => dimension < 0))
            throw new ArgumentException($"A shape has at most {ArrayShape.MaxDimensions} dimensions, none negative.", nameof(shape));
        if (!SafetensorsFormat.TryGetByteLength(type, shape.AsSpan(), out long expected) || expected != given)
            throw new ArgumentException($"The tensor '{name}' of shape [{string.Join(", ", shape)}] in {type} does not take {given} bytes.",
                nameof(shape));
        Name = name;
        Type = type;
        Shape = shape;
        ByteLength = given;
        _floats = floats;
        _bytes = bytes;
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Type of its elements.</summary>
    public ElementType Type { get; }

    /// <summary>Dimensions, row-major.</summary>
    public ImmutableArray<int> Shape { get; }

    /// <summary>Bytes that it takes.</summary>
    public long ByteLength { get; }

    /// <summary>A tensor of float32 values; they are not copied, and rounded as they are written where the file holds fewer bits.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="shape">Dimensions, row-major.</param>
    /// <param name="values">The values.</param>
    /// <param name="type">
    /// What the file holds: <see cref="ElementType.F32"/>, <see cref="ElementType.F16"/> or <see cref="ElementType.BF16"/>.
    /// </param>
    /// <exception cref="ArgumentException">
    /// The number of values is not the product of the dimensions, the type is another, or the name is <c>__metadata__</c>.
    /// </exception>
    public static SafetensorsEntry FromFloats(
        string name, ImmutableArray<int> shape, ReadOnlyMemory<float> values, ElementType type = ElementType.F32) =>
        type is ElementType.F32 or ElementType.F16 or ElementType.BF16
            ? new(name, type, shape, values, default, (long)values.Length * type.BitCount() / 8)
            : throw new ArgumentException($"Floats are written as F32, F16 or BF16, not as {type}.", nameof(type));

    /// <summary>A tensor of any type by its bytes, elements least significant byte first; they are not copied.</summary>
    /// <exception cref="ArgumentException">The number of bytes does not fit the shape, or the name is <c>__metadata__</c>.</exception>
    public static SafetensorsEntry FromBytes(string name, ElementType type, ImmutableArray<int> shape, ReadOnlyMemory<byte> bytes) =>
        new(name, type, shape, default, bytes, bytes.Length);

    internal void WriteTo(Stream stream)
    {
        // An entry has one of the two; bytes may be of a type that floats are not written as.
        if (!_floats.IsEmpty) Float32Writer.Write(stream, _floats.Span, Type);
        stream.Write(_bytes.Span);
    }
}
