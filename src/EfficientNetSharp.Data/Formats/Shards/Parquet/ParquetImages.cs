using System.Collections.Immutable;

namespace EfficientNetSharp.Data.Formats.Shards.Parquet;

/// <summary>
/// Images of Parquet files. Rows are packed in groups of hundreds, and one image cannot be had without unpacking its group's; so
/// groups that were unpacked are kept up to a limit, and a shuffle buffer keeps the order within them.
/// </summary>
internal sealed class ParquetImages : IShardedDataset
{
    // Of a machine that trains this is a few per cent; at 110 kB per image (ImageNet's mean) it holds 4,900.
    private const long MaxCachedBytes = 512L << 20;

    // An image waits for more than three times the buffer in one case of twenty (ShardShuffle), so the groups of four buffers are in use.
    private const int BuffersInUse = 4;

    private readonly ImmutableArray<ParquetShard> _files;
    private readonly (int File, int Group)[] _groups;
    private readonly (int Group, int Row, int Label)[] _rows;
    private readonly GroupCache _cache;

    public ParquetImages(ClassLabels classes, IReadOnlyList<ParquetShard> files)
    {
        Classes = classes.Names;
        _files = [.. files];
        _groups = [.. files.SelectMany((file, f) => file.Groups.Select((_, g) => (f, g)))];
        var rows = new List<(int Group, int Row, int Label)>();
        long bytes = 0;
        for (int i = 0; i < _groups.Length; i++)
        {
            var group = files[_groups[i].File].Groups[_groups[i].Group];
            bytes += group.Bytes;
            for (int row = 0; row < group.Labels.Length; row++)
            {
                if (group.Labels[row] is { } label) rows.Add((i, row, classes.LabelOf(label)));
            }
        }

        _rows = [.. rows];
        _cache = new GroupCache(MaxCachedBytes);
        if (bytes > MaxCachedBytes)
        {
            ShuffleBuffer = (int)Math.Clamp(
                MaxCachedBytes / BuffersInUse / Math.Max(1, bytes / Math.Max(1, _rows.Length)), 1, int.MaxValue);
        }
    }

    public bool HasShards => true;

    public int? ShuffleBuffer { get; }

    public int Count => _rows.Length;

    public ImmutableArray<string> Classes { get; }

    public int ShardOf(int index) => At(index).Group;

    public int PlaceOf(int index) => At(index).Row;

    public int LabelOf(int index) => At(index).Label;

    public string NameOf(int index)
    {
        var (group, row, _) = At(index);
        var (file, number) = _groups[group];
        return NameOf(_files[file].Path, number, row);
    }

    /// <summary>The name of a row's image.</summary>
    internal static string NameOf(string path, int group, int row) =>
        FormattableString.Invariant($"{Path.GetFileName(path)}/{group}/{row}");

    public long SizeOf(int index)
    {
        CheckIndex(index);
        // Known only when the group is unpacked.
        return -1;
    }

    public void ReadEncoded(int index, EncodedBuffer buffer)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        var (group, row, _) = At(index);
        var (file, number) = _groups[group];
        string path = _files[file].Path;
        var images = _cache.Get(group, _files[file].Groups[number].Bytes, () => ParquetShard.ReadImages(path, number));
        // The columns of a file that was put together by hand may differ in length.
        var image = row < images.Length ? images[row] : null;
        if (image is not { } bytes)
        {
            throw new InvalidInputException(
                $"Expected an image in '{NameOf(index)}', found a row without bytes. Fetch the set with its images embedded.");
        }

        buffer.Write(bytes.Span);
    }

    private (int Group, int Row, int Label) At(int index)
    {
        CheckIndex(index);
        return _rows[index];
    }

    private void CheckIndex(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
    }

    /// <summary>Unpacked groups, those used last kept. Threads that want the same group wait for one unpacking.</summary>
    private sealed class GroupCache(long maxBytes)
    {
        private readonly Lock _lock = new();
        private readonly LinkedList<(int Group, long Bytes, Lazy<ReadOnlyMemory<byte>?[]> Images)> _used = new();
        private readonly Dictionary<int, LinkedListNode<(int Group, long Bytes, Lazy<ReadOnlyMemory<byte>?[]> Images)>> _nodes = [];
        private long _bytes;

        public ReadOnlyMemory<byte>?[] Get(int group, long bytes, Func<ReadOnlyMemory<byte>?[]> unpack)
        {
            Lazy<ReadOnlyMemory<byte>?[]> images;
            lock (_lock)
            {
                if (_nodes.TryGetValue(group, out var node))
                {
                    _used.Remove(node);
                    _used.AddFirst(node);
                }
                else
                {
                    node = _used.AddFirst((group, bytes, new Lazy<ReadOnlyMemory<byte>?[]>(unpack)));
                    _nodes.Add(group, node);
                    _bytes += bytes;
                    while (_bytes > maxBytes && _used.Count > 1) Drop(_used.Last!);
                }

                images = node.Value.Images;
            }

            return images.Value;
        }

        private void Drop(LinkedListNode<(int Group, long Bytes, Lazy<ReadOnlyMemory<byte>?[]> Images)> node)
        {
            _used.Remove(node);
            _nodes.Remove(node.Value.Group);
            _bytes -= node.Value.Bytes;
        }
    }
}
