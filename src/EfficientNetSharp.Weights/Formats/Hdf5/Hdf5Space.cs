using EfficientNetSharp.Formats;

namespace EfficientNetSharp.Weights.Formats.Hdf5;

/// <summary>A dataspace (section IV.A.2.b): the dimensions of a dataset or an attribute.</summary>
internal static class Hdf5Space
{
    /// <summary>The dimensions, none for a single value; <see langword="null"/> for a space without values.</summary>
    public static long[]? Read(ByteSource source, long at)
    {
        source.Position = at;
        int version = source.ReadByte(), rank = source.ReadByte();
        source.Position++;
        int kind = source.ReadByte();
        if (version is not (1 or 2)) throw WeightErrors.Damaged(source.Path,
            $"a dataspace of it has the version {version}, expected 1 or 2");
        // 2 is a space without values; version 1 does not know it.
        if (version == 2 && kind == 2) return null;
        if (version == 1) source.Position += 4;
        var dimensions = new long[rank];
        for (int i = 0; i < rank; i++) dimensions[i] = (long)source.ReadUInt64();
        return dimensions;
    }
}
