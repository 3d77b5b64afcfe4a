using System.Collections.Immutable;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Files;
using EfficientNetSharp.Formats;

namespace EfficientNetSharp.Weights.Formats.Hdf5;

/// <summary>A dataset in chunks of one shape, which a tree indexes and filters may have compressed.</summary>
internal sealed class Hdf5Chunks
{
    private readonly Hdf5File _file;
    private readonly string _name;
    private readonly Hdf5Type _type;
    private readonly long _tree;
    private readonly int[] _shape, _chunk, _filters;
    private readonly int _count, _chunkBytes;

    private Hdf5Chunks(Hdf5File file, string name, Hdf5Type type, long tree, int[] shape, int[] chunk, int[] filters, int count,
        int chunkBytes)
    {
        (_file, _name, _type, _tree, _shape, _chunk, _filters, _count, _chunkBytes) =
            (file, name, type, tree, shape, chunk, filters, count, chunkBytes);
    }

    /// <summary>
    /// Reads the layout, of which version and class are read: dimensions and one more, the tree, the chunk's shape and element size.
    /// </summary>
    public static Hdf5Chunks Read(Hdf5Object dataset, ByteSource source, string name, ImmutableArray<int> shape, Hdf5Type type)
    {
        int rank = source.ReadByte();
        long tree = (long)source.ReadUInt64(), bytes = type.Size, count = StoredShape.Count(shape);
        var chunk = new int[shape.Length];
        if (rank != shape.Length + 1 || shape.IsEmpty)
            throw dataset.File.Damaged(
                $"the chunks of the dataset {OneLine.Quote(name)} have {rank - 1} dimensions, expected {shape.Length}");
        for (int d = 0; d < chunk.Length; d++)
        {
            uint side = source.ReadUInt32();
            if (side == 0 || side > int.MaxValue || (bytes *= side) > int.MaxValue)
                throw dataset.File.Damaged($"the chunks of the dataset {OneLine.Quote(name)} are too large");
            chunk[d] = (int)side;
        }

        var filters = Hdf5Filter.ReadIds(dataset, source);
        // What the file cannot hold is not taken memory for.
        long max = filters.Length == 0 ? source.Length : Expansion.Max(dataset.File.JustifiedBy);
        if (count > Array.MaxLength || count * type.Size > max || bytes > max)
            throw dataset.File.Damaged($"the dataset {OneLine.Quote(name)} of shape [{string.Join(", ", shape)}] does not fit it");
        return new Hdf5Chunks(dataset.File, name, type, tree, [.. shape], chunk, filters, (int)count, (int)bytes);
    }

    public float[] ReadValues()
    {
        var source = _file.CreateSource();
        var values = new float[_count];
        var seen = new HashSet<long>();
        // The key: stored bytes, filters passed over, and the first element's place, the last number of which counts bytes.
        foreach (var (key, address) in Hdf5Tree.FindLeaves(_file, source, _tree, kind: 1, keyBytes: 8 + (8 * (_shape.Length + 1))))
        {
            source.Position = key;
            uint length = source.ReadUInt32(), skipped = source.ReadUInt32();
            var start = new long[_shape.Length];
            for (int d = 0; d < start.Length; d++)
            {
                start[d] = (long)source.ReadUInt64();
                if (start[d] < 0 || start[d] >= _shape[d] || start[d] % _chunk[d] != 0)
                    throw _file.Damaged($"a chunk of the dataset {OneLine.Quote(_name)} lies outside of it");
            }

            if (!seen.Add(Place(start))) throw _file.Damaged($"the dataset {OneLine.Quote(_name)} has a chunk twice");
            source.Position = address;
            byte[] bytes = Hdf5Filter.Undo(_file, source.ReadBytes(length), _filters, skipped, _chunkBytes, _type.Size);
            using var stream = new MemoryStream(bytes);
            Copy(Float32Reader.Read(stream, _file.Path, _chunkBytes / _type.Size, _type.Element, _type.BigEndian), start, values);
        }

        long expected = 1;
        for (int d = 0; d < _shape.Length; d++) expected *= ((_shape[d] - 1L) / _chunk[d]) + 1;
        return seen.Count == expected
            ? values
            : throw _file.Damaged($"the dataset {OneLine.Quote(_name)} has {seen.Count} chunks, expected {expected}");
    }

    private long Place(long[] start)
    {
        long place = 0;
        for (int d = 0; d < start.Length; d++) place = (place * _shape[d]) + start[d];
        return place;
    }

    // Copies row by row what of a chunk lies within the dataset; chunks at its edges reach beyond.
    private void Copy(float[] chunk, long[] start, float[] values)
    {
        int last = _shape.Length - 1;
        int row = (int)Math.Min(_chunk[last], _shape[last] - start[last]);
        for (int from = 0; from < chunk.Length; from += _chunk[last])
        {
            long to = 0, rest = from / _chunk[last], scale = _shape[last];
            bool inside = true;
            for (int d = last - 1; d >= 0; d--)
            {
                long index = start[d] + (rest % _chunk[d]);
                inside &= index < _shape[d];
                to += index * scale;
                rest /= _chunk[d];
                scale *= _shape[d];
            }

            if (inside) chunk.AsSpan(from, row).CopyTo(values.AsSpan((int)(to + start[last])));
        }
    }
}
