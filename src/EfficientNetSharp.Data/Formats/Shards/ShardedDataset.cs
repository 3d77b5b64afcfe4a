using System.Collections.Immutable;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Data.Formats.Shards;

/// <summary>Where an image lies in a shard.</summary>
/// <param name="Offset">Its first byte.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Label">Its class.</param>
internal readonly record struct ShardRecord(long Offset, int Length, int Label);

/// <summary>
/// Images that lie many to a file, listed once by offset and read by position; a file is opened when an image of it is first
/// asked for, and stays open. Images are numbered shard after shard in the order of the files.
/// </summary>
internal abstract class ShardedDataset : IShardedDataset
{
    private readonly string[] _paths;
    private readonly InputFile?[] _files;
    private readonly Lock _opening = new();
    private readonly int[] _starts;
    private readonly ShardRecord[] _records;

    /// <param name="classes">The class list.</param>
    /// <param name="paths">The shards' files.</param>
    /// <param name="records">The images of each shard.</param>
    protected ShardedDataset(
        ImmutableArray<string> classes, IReadOnlyList<string> paths, IReadOnlyList<IReadOnlyCollection<ShardRecord>> records)
    {
        Classes = classes;
        _paths = [.. paths];
        _files = new InputFile?[paths.Count];
        _records = [.. records.SelectMany(shard => shard)];
        _starts = new int[paths.Count + 1];
        for (int shard = 0; shard < paths.Count; shard++) _starts[shard + 1] = _starts[shard] + records[shard].Count;
    }

    public bool HasShards => true;

    public virtual int? ShuffleBuffer => null;

    public int Count => _records.Length;

    public ImmutableArray<string> Classes { get; }

    public int ShardOf(int index)
    {
        CheckIndex(index);
        int found = Array.BinarySearch(_starts, index);
        if (found < 0) return ~found - 1;
        // Several shards start at one place where some are empty; the last of them holds the image.
        while (_starts[found + 1] == index) found++;
        return found;
    }

    public int PlaceOf(int index) => index - _starts[ShardOf(index)];

    public int LabelOf(int index) => At(index).Label;

    public virtual string NameOf(int index) => $"{Path.GetFileName(_paths[ShardOf(index)])}/{PlaceOf(index)}";

    public virtual long SizeOf(int index) => At(index).Length;

    public void ReadEncoded(int index, EncodedBuffer buffer)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        var record = At(index);
        Read(FileOf(ShardOf(index)), record, NameOf(index), buffer);
    }

    /// <summary>Reads an image.</summary>
    protected abstract void Read(InputFile file, ShardRecord record, string name, EncodedBuffer buffer);

    /// <summary>Opens a shard to read from.</summary>
    protected virtual InputFile OpenShard(int shard) => InputFile.Open(_paths[shard]);

    private ShardRecord At(int index)
    {
        CheckIndex(index);
        return _records[index];
    }

    protected void CheckIndex(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
    }

    private InputFile FileOf(int shard)
    {
        if (Volatile.Read(ref _files[shard]) is { } open) return open;
        lock (_opening)
        {
            return _files[shard] ??= OpenShard(shard);
        }
    }
}
