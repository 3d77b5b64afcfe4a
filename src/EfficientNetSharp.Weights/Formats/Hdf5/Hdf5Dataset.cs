using System.Collections.Immutable;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Files;
using EfficientNetSharp.Formats;

namespace EfficientNetSharp.Weights.Formats.Hdf5;

/// <summary>Datasets as tensors (the layouts of section IV.A.2.i).</summary>
internal static class Hdf5Dataset
{
    /// <summary>A dataset under a name; <see langword="null"/> where it holds no plain numbers.</summary>
    /// <exception cref="InvalidInputException">It is damaged, of a newer form, or its values are in other files.</exception>
    public static SourceTensor? Describe(Hdf5Object dataset, ByteSource source, string name)
    {
        var file = dataset.File;
        if (dataset.Find(0x01) is not { } space || dataset.Find(0x03) is not { } typeMessage || dataset.Find(0x08) is not { } layout)
            throw file.Damaged($"the dataset {OneLine.Quote(name)} lacks its type or space");
        var type = Hdf5Type.Read(source, typeMessage.Start);
        if (type.Kind != Hdf5Kind.Number || Hdf5Space.Read(source, space.Start) is not { } dimensions) return null;
        // The list of external files: values could be made of any file of the machine.
        if (dataset.Find(0x07) is not null) throw file.Unknown($"the dataset {OneLine.Quote(name)} with values in other files");
        var shape = StoredShape.Check(file.Path, name, dimensions);
        return new SourceTensor(name, shape, FindReader(dataset, source, layout, name, shape, type));
    }

    private static Func<float[]> FindReader(Hdf5Object dataset, ByteSource source, Hdf5Message layout, string name,
        ImmutableArray<int> shape, Hdf5Type type)
    {
        var file = dataset.File;
        long count = StoredShape.Count(shape);
        source.Position = layout.Start;
        int version = source.ReadByte(), kind = source.ReadByte();
        if (count == 0) return () => [];
        switch (version, kind)
        {
            case (3 or 4, 0):
                long length = source.ReadUInt16();
                return ReadPlain(file, source, name, source.Position, length, count, type);
            case (3 or 4, 1):
                long address = (long)source.ReadUInt64();
                return ReadPlain(file, source, name, address, (long)source.ReadUInt64(), count, type);
            case (3, 2):
                var chunks = Hdf5Chunks.Read(dataset, source, name, shape, type);
                return chunks.ReadValues;
            default:
                throw file.Unknown($"the dataset {OneLine.Quote(name)} in the layout {version}.{kind} of other file versions");
        }
    }

    private static Func<float[]> ReadPlain(Hdf5File file, ByteSource source, string name, long address, long length, long count,
        Hdf5Type type)
    {
        if (address < 0 || length != count * type.Size || address > source.Length || length > source.Length - address)
            throw file.Damaged($"the dataset {OneLine.Quote(name)} does not have its {count} values");
        return () =>
        {
            using var stream = file.OpenStream();
            stream.Position = address;
            return Float32Reader.Read(stream, file.Path, count, type.Element, type.BigEndian);
        };
    }
}
