using System.Collections.Immutable;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Formats;
using EfficientNetSharp.Formats.Protobuf;

namespace EfficientNetSharp.Weights.Formats.TensorFlow;

/// <summary>A tensor as the index of a checkpoint describes it (<c>BundleEntryProto</c> of tensor_bundle.proto).</summary>
internal sealed record CheckpointEntry
{
    public string Name { get; private init; } = "";

    /// <summary>Its type; <see langword="null"/> where it holds no plain numbers.</summary>
    public ElementType? Type { get; private init; }

    public ImmutableArray<int> Shape { get; private init; } = [];

    public int Shard { get; private init; }

    public long Offset { get; private init; }

    public long Size { get; private init; }

    public uint Checksum { get; private init; }

    /// <summary>Whether the variable is split; its parts then have entries of their own.</summary>
    public bool IsPartitioned { get; private init; }

    public static CheckpointEntry Parse(string path, string name, byte[] message)
    {
        var source = new ByteSource(new MemoryStream(message), path, WeightErrors.Kind);
        var entry = new CheckpointEntry { Name = name };
        foreach (var field in ProtoReader.ReadFields(source, 0, message.Length))
        {
            entry = field.Number switch
            {
                1 => entry with { Type = FindType(field.Value) },
                2 => entry with { Shape = ParseShape(source, field, name) },
                3 => entry with { Shard = field.Value < int.MaxValue ? (int)field.Value : -1 },
                4 => entry with { Offset = (long)field.Value },
                5 => entry with { Size = (long)field.Value },
                6 => entry with { Checksum = (uint)field.Value },
                7 => entry with { IsPartitioned = true },
                _ => entry,
            };
        }

        return entry;
    }

    // TensorShapeProto: field 2 is a dimension, whose field 1 is its size (0 where absent).
    private static ImmutableArray<int> ParseShape(ByteSource source, ProtoField shape, string name)
    {
        if (!shape.IsDelimited) throw WeightErrors.Damaged(source.Path, "a tensor of it has no shape");
        var dimensions = new List<long>();
        foreach (var field in ProtoReader.ReadFields(source, shape.Start, shape.Length))
        {
            if (field is not { Number: 2, IsDelimited: true }) continue;
            long size = 0;
            foreach (var part in ProtoReader.ReadFields(source, field.Start, field.Length))
                if (part.Number == 1) size = (long)part.Value;
            dimensions.Add(size);
        }

        return StoredShape.Check(source.Path, name, dimensions);
    }

    // DataType of types.proto.
    private static ElementType? FindType(ulong type) => type switch
    {
        1 => ElementType.F32,
        2 => ElementType.F64,
        3 => ElementType.I32,
        4 => ElementType.U8,
        5 => ElementType.I16,
        6 => ElementType.I8,
        9 => ElementType.I64,
        10 => ElementType.Bool,
        14 => ElementType.BF16,
        17 => ElementType.U16,
        19 => ElementType.F16,
        22 => ElementType.U32,
        23 => ElementType.U64,
        _ => null,
    };
}
