using System.Collections.Immutable;

namespace EfficientNetSharp.Data;

/// <summary>Some images of another dataset, in an order of their own; classes, labels and names stay as they are.</summary>
public sealed class SubsetDataset : IShardedDataset
{
    /// <summary>Chooses images by their numbers in the source; a number may come more than once.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is not in the source.</exception>
    public SubsetDataset(IImageDataset source, ImmutableArray<int> indices)
    {
        ArgumentNullException.ThrowIfNull(source);
        foreach (int index in indices)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index, nameof(indices));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, source.Count, nameof(indices));
        }
        Source = source;
        Indices = indices;
    }

    /// <summary>What the images are chosen from.</summary>
    public IImageDataset Source { get; }

    /// <summary>For each image its number in the source.</summary>
    public ImmutableArray<int> Indices { get; }

    /// <inheritdoc />
    public int Count => Indices.Length;

    /// <inheritdoc />
    public ImmutableArray<string> Classes => Source.Classes;

    /// <inheritdoc />
    public int LabelOf(int index) => Source.LabelOf(At(index));

    /// <inheritdoc />
    public string NameOf(int index) => Source.NameOf(At(index));

    /// <inheritdoc />
    public long SizeOf(int index) => Source.SizeOf(At(index));

    /// <inheritdoc />
    public void ReadEncoded(int index, EncodedBuffer buffer) => Source.ReadEncoded(At(index), buffer);

    /// <inheritdoc />
    public bool HasShards => Source is IShardedDataset { HasShards: true };

    /// <inheritdoc />
    public int? ShuffleBuffer => (Source as IShardedDataset)?.ShuffleBuffer;

    /// <inheritdoc />
    public int ShardOf(int index) => Source is IShardedDataset sharded ? sharded.ShardOf(At(index)) : 0;

    /// <inheritdoc />
    public int PlaceOf(int index) => Source is IShardedDataset sharded ? sharded.PlaceOf(At(index)) : At(index);

    private int At(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        return Indices[index];
    }
}
