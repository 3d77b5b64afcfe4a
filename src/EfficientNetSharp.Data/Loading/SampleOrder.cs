using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Data.Loading;

/// <summary>
/// Which pictures an epoch shows, in which order and in which batches, for one of several ranks: plain data, known before the
/// first picture is read. An epoch can therefore be taken up at any batch.
/// </summary>
public sealed class SampleOrder
{
    // Keeps the permutation's stream apart from those of the pictures, which are named (seed, epoch, index).
    private const ulong PermutationStream = 1;

    private readonly int[] _indices;

    private SampleOrder(int[] indices, int batchSize)
    {
        _indices = indices;
        BatchSize = batchSize;
    }

    /// <summary>The pictures of this rank, batch after batch.</summary>
    public ReadOnlySpan<int> Indices => _indices;

    /// <summary>Pictures of a full batch of this rank.</summary>
    public int BatchSize { get; }

    /// <summary>How many batches this rank sees.</summary>
    public int BatchCount => (int)(((long)_indices.Length + BatchSize - 1) / BatchSize);

    /// <summary>
    /// The order of a training epoch: a permutation that seed and epoch name, cut into batches of
    /// <paramref name="batchSize"/> × <paramref name="world"/> pictures of which each rank takes an equal run. All ranks together
    /// see what one process with the larger batch would see. A last batch that is not full is dropped, because batch norm needs
    /// batches of like size; a set smaller than one batch gives a single batch of what there is, shared out equally.
    /// </summary>
    /// <param name="count">Pictures in the dataset.</param>
    /// <param name="batchSize">Pictures of a batch of one rank.</param>
    /// <param name="seed">Names the run.</param>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="rank">This process, 0 … <paramref name="world"/> − 1.</param>
    /// <param name="world">How many processes train together.</param>
    /// <exception cref="InvalidInputException">There are fewer pictures than ranks, or none at all.</exception>
    public static SampleOrder Training(int count, int batchSize, ulong seed, int epoch, int rank = 0, int world = 1)
    {
        Check(count, batchSize, rank, world);
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        if (count < world)
            throw new InvalidInputException($"Expected at least one picture for each of {world} processes to train on, found {count} in all. Add pictures or use fewer processes.");

        int[] permutation = Range(0, count);
        var random = new SeededRandom(seed, (ulong)epoch, 0, PermutationStream);
        random.Shuffle<int>(permutation);

        int share = (int)Math.Min(batchSize, count / world);
        long together = (long)share * world;
        int batches = (int)(count / together);
        int[] indices = new int[batches * share];
        for (int batch = 0; batch < batches; batch++)
            permutation.AsSpan((int)((batch * together) + ((long)rank * share)), share).CopyTo(indices.AsSpan(batch * share));
        return new SampleOrder(indices, share);
    }

    /// <summary>
    /// The order of an evaluation: every picture once, as the dataset has them; ranks take neighbouring runs whose lengths
    /// differ by one at most. The last batch holds what is left.
    /// </summary>
    /// <param name="count">Pictures in the dataset.</param>
    /// <param name="batchSize">Pictures of a batch.</param>
    /// <param name="rank">This process, 0 … <paramref name="world"/> − 1.</param>
    /// <param name="world">How many processes evaluate together.</param>
    public static SampleOrder Evaluation(int count, int batchSize, int rank = 0, int world = 1)
    {
        Check(count, batchSize, rank, world);
        int first = (int)((long)count * rank / world), end = (int)((long)count * (rank + 1) / world);
        return new SampleOrder(Range(first, end - first), batchSize);
    }

    /// <summary>The pictures of one batch.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The batch is not in 0 … <see cref="BatchCount"/> − 1.</exception>
    public ReadOnlySpan<int> Batch(int batch)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(batch);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(batch, BatchCount);
        int first = batch * BatchSize;
        return _indices.AsSpan(first, Math.Min(BatchSize, _indices.Length - first));
    }

    private static void Check(int count, int batchSize, int rank, int world)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batchSize);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(world);
        ArgumentOutOfRangeException.ThrowIfNegative(rank);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(rank, world);
    }

    private static int[] Range(int first, int count)
    {
        int[] numbers = new int[count];
        for (int i = 0; i < count; i++) numbers[i] = first + i;
        return numbers;
    }
}
