using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Data.Loading;

/// <summary>
/// Shuffles images that lie one behind the other in large files (shards), so that the files are read nearly from front to
/// back: the shards come in a drawn order, each from its start, through a buffer of K images of which a drawn one leaves for
/// each that enters. This is the shuffling of <c>tf.data</c>'s <c>list_files</c> and <c>shuffle(K)</c>, but made of numbers before
/// anything is read, so that it can be shared out over ranks and taken up anywhere.
/// </summary>
/// <remarks>
/// No image comes more than K − 1 places before its place in the shards. It waits in the buffer for K others on average, one in
/// twenty for more than 3·K (e⁻³).
/// </remarks>
public sealed class ShardShuffle
{
    private readonly int[] _members;
    private readonly int[] _starts;

    private ShardShuffle(int[] members, int[] starts, int buffer)
    {
        _members = members;
        _starts = starts;
        Buffer = buffer;
    }

    /// <summary>K, the images of the buffer.</summary>
    public int Buffer { get; }

    /// <summary>How many images are shuffled.</summary>
    public int Count => _members.Length;

    /// <summary>How many shards the images lie in.</summary>
    public int ShardCount => _starts.Length - 1;

    /// <summary>
    /// A shuffle for a dataset; <see langword="null"/> where its images do not lie in shards, so that any order is as fast.
    /// </summary>
    /// <param name="dataset">The images.</param>
    /// <param name="buffer">K, 1 or more; <see langword="null"/> for what the dataset's format needs, which for most is none.</param>
    public static ShardShuffle? Of(IImageDataset dataset, int? buffer)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        if (dataset is not IShardedDataset sharded || !sharded.HasShards) return null;
        if ((buffer ?? sharded.ShuffleBuffer) is not { } size) return null;
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size, nameof(buffer));
        var members = Enumerable.Range(0, dataset.Count)
            .Select(index => (Shard: sharded.ShardOf(index), Place: sharded.PlaceOf(index), Index: index)).ToArray();
        Array.Sort(members);
        var starts = new List<int>();
        for (int i = 0; i < members.Length; i++)
        {
            if (i == 0 || members[i].Shard != members[i - 1].Shard) starts.Add(i);
        }

        return new ShardShuffle([.. members.Select(member => member.Index)], [.. starts, members.Length], size);
    }

    /// <summary>Draws an order of all images.</summary>
    internal int[] Order(ref SeededRandom random)
    {
        int[] shards = [.. Enumerable.Range(0, ShardCount)];
        random.Shuffle<int>(shards);
        int[] order = new int[Count], buffer = new int[Math.Min(Buffer, Count)];
        int held = 0, written = 0;
        foreach (int shard in shards)
        {
            for (int i = _starts[shard]; i < _starts[shard + 1]; i++)
            {
                if (held < buffer.Length)
                {
                    buffer[held++] = _members[i];
                    continue;
                }

                int drawn = random.NextInt(held);
                order[written++] = buffer[drawn];
                buffer[drawn] = _members[i];
            }
        }

        random.Shuffle(buffer.AsSpan(0, held));
        buffer.AsSpan(0, held).CopyTo(order.AsSpan(written));
        return order;
    }
}
