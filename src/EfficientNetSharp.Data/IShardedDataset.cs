namespace EfficientNetSharp.Data;

/// <summary>
/// A dataset whose images lie many to a file, in an order in which they are read fastest; see
/// <see cref="Loading.ShardShuffle"/>.
/// </summary>
public interface IShardedDataset : IImageDataset
{
    /// <summary>Whether there are shards; false for a selection out of images that have files of their own.</summary>
    bool HasShards { get; }

    /// <summary>
    /// The shuffle buffer in images that reading needs to be fast, where a drawn order over all would have whole parts of
    /// files unpacked for single images; <see langword="null"/> where any order will do.
    /// </summary>
    int? ShuffleBuffer { get; }

    /// <summary>The shard of an image, from 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The index is not in 0 … Count − 1.</exception>
    int ShardOf(int index);

    /// <summary>The image's place among those of its shard, in the order of the file.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The index is not in 0 … Count − 1.</exception>
    int PlaceOf(int index);
}
