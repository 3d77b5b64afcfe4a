using System.IO.Compression;
using EfficientNetSharp.Formats;

namespace EfficientNetSharp.Weights.Formats.Hdf5;

/// <summary>The filters that chunks go through (section IV.A.2.l), undone.</summary>
internal static class Hdf5Filter
{
    // The specification's ids.
    private const int Deflate = 1, Shuffle = 2, Fletcher32 = 3;

    // The library's limit (H5Z_MAX_NFILTERS).
    private const int MaxFilters = 32;

    // Deflate's best is 1032 to 1.
    private const long MaxRatio = 1032;

    /// <summary>The ids of a dataset's filters in the order in which they were applied; none for a dataset without.</summary>
    /// <exception cref="InvalidInputException">One is not known.</exception>
    public static int[] ReadIds(Hdf5Object dataset, ByteSource source)
    {
        if (dataset.Find(0x0b) is not { } message) return [];
        source.Position = message.Start;
        int version = source.ReadByte(), count = source.ReadByte();
        if (version is not (1 or 2) || count > MaxFilters) throw dataset.File.Damaged("a dataset of it has filters of an unknown form");
        // Version 1 has reserved bytes here, names of all filters, and numbers filled up to pairs.
        if (version == 1) source.Position += 6;
        var ids = new int[count];
        for (int i = 0; i < count; i++)
        {
            ids[i] = source.ReadUInt16();
            int nameLength = version == 1 || ids[i] >= 256 ? source.ReadUInt16() : 0;
            source.Position += 2;
            int values = source.ReadUInt16();
            if (version == 1) (nameLength, values) = ((nameLength + 7) / 8 * 8, (values + 1) / 2 * 2);
            source.Position += nameLength + (sizeof(uint) * values);
            if (ids[i] is not (Deflate or Shuffle or Fletcher32)) throw dataset.File.Unknown($"a dataset compressed by filter {ids[i]}");
        }

        return ids;
    }

    /// <summary>Undoes filters on a chunk.</summary>
    /// <param name="file">The file.</param>
    /// <param name="stored">The chunk as it is stored.</param>
    /// <param name="ids">The filters as they were applied.</param>
    /// <param name="skipped">Bit i is set where filter i was not applied to this chunk.</param>
    /// <param name="length">Bytes that the chunk has without filters.</param>
    /// <param name="elementSize">Bytes of an element.</param>
    public static byte[] Undo(Hdf5File file, byte[] stored, int[] ids, uint skipped, int length, int elementSize)
    {
        byte[] bytes = stored;
        for (int i = ids.Length - 1; i >= 0; i--)
        {
            if ((skipped & (1u << i)) != 0) continue;
            bytes = ids[i] switch
            {
                Deflate => Inflate(file, bytes, length),
                Shuffle => Unshuffle(bytes, elementSize),
                // A checksum of four bytes at the end.
                _ => bytes.Length >= 4 ? bytes[..^4] : [],
            };
        }

        return bytes.Length == length ? bytes : throw file.Damaged($"a chunk of it has {bytes.Length} bytes, expected {length}");
    }

    private static byte[] Inflate(Hdf5File file, byte[] bytes, int length)
    {
        // A checksum that was made before compression adds to the length.
        int max = length + sizeof(uint);
        if (length / MaxRatio > bytes.Length) throw file.Damaged($"a chunk of it cannot have {length} bytes in {bytes.Length}");
        try
        {
            using var stream = new ZLibStream(new MemoryStream(bytes), CompressionMode.Decompress);
            var result = new byte[max];
            return result[..stream.ReadAtLeast(result, max, throwOnEndOfStream: false)];
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw WeightErrors.Damaged(file.Path, "a chunk of it does not decompress", e);
        }
    }

    // All first bytes of the elements, then all second ones, …; what is left over stays at the end.
    private static byte[] Unshuffle(byte[] bytes, int elementSize)
    {
        int count = bytes.Length / elementSize;
        byte[] result = [.. bytes];
        for (int part = 0; part < elementSize; part++)
            for (int i = 0; i < count; i++)
                result[(i * elementSize) + part] = bytes[(part * count) + i];
        return result;
    }
}
