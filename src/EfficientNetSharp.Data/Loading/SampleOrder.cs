using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Data.Loading;

/// <summary>
/// Which images an epoch shows, in which order and in which batches, for one of several ranks: plain data, known before the
/// first image is read. An epoch can therefore be taken up at any batch, and all ranks agree without talking to each other.
/// </summary>
/// <remarks>
/// Batches are global: of a batch of n images rank r of R assembles the rows n·r/R … n·(r+1)/R − 1 (rounded down). All ranks
/// together see exactly what one process sees, in the last short batch as well, where a rank may have no row at all.
/// </remarks>
public sealed class SampleOrder
{
    // Keeps the permutation's stream apart from those of the images, which are named (seed, epoch, index).
    private const ulong PermutationStream = 1;

    private readonly int[] _epoch;
    private readonly int _groupSize;

    private SampleOrder(int[] epoch, int batchSize, int rank, int rankCount, int groupSize = 1)
    {
        (_epoch, _groupSize) = (epoch, groupSize);
        (BatchSize, Rank, RankCount) = (batchSize, rank, rankCount);
    }

    /// <summary>The images of the whole epoch, of all ranks, batch after batch.</summary>
    public ReadOnlySpan<int> Epoch => _epoch;

    /// <summary>Images of a full batch of all ranks together.</summary>
    public int BatchSize { get; }

    /// <summary>This process, 0 … <see cref="RankCount"/> − 1.</summary>
    public int Rank { get; }

    /// <summary>How many processes work together.</summary>
    public int RankCount { get; }

    /// <summary>How many batches the epoch has; the same for every rank.</summary>
    public int BatchCount => (int)(((long)_epoch.Length + BatchSize - 1) / BatchSize);

    /// <summary>
    /// The order of a training epoch, which seed and epoch name. A last batch that is not full is dropped, because batch norm
    /// needs batches of like size; a set smaller than one batch gives a single batch of what there is.
    /// </summary>
    /// <param name="count">Images in the dataset.</param>
    /// <param name="batchSize">Images of a batch of all ranks together.</param>
    /// <param name="seed">Names the run.</param>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="rank">This process, 0 … <paramref name="rankCount"/> − 1.</param>
    /// <param name="rankCount">How many processes train together.</param>
    /// <param name="shuffle">
    /// How to shuffle; <see langword="null"/> for a permutation of all images, which suits files of their own.
    /// </param>
    /// <exception cref="InvalidInputException">A batch has fewer images than there are ranks, or there is no image at all.</exception>
    public static SampleOrder Training(
        int count, int batchSize, ulong seed, int epoch, int rank = 0, int rankCount = 1, ShardShuffle? shuffle = null)
    {
        int together = Together(count, batchSize, epoch, rank, rankCount);
        if (shuffle is not null && shuffle.Count != count)
            throw new ArgumentException($"The shuffle is of {shuffle.Count} images, the dataset has {count}.", nameof(shuffle));

        var random = RandomOf(seed, epoch);
        int[] order = shuffle is null ? Range(count) : shuffle.Order(ref random);
        if (shuffle is null) random.Shuffle<int>(order);
        int kept = count / together * together;
        return new SampleOrder(kept == count ? order : order[..kept], together, rank, rankCount);
    }

    /// <summary>
    /// The order of a training epoch by classes. Batches are of whole groups, and so is each rank's part of a batch; a last batch that is not
    /// full is dropped.
    /// </summary>
    /// <param name="classes">Draws the order.</param>
    /// <param name="batchSize">Images of a batch of all ranks together, a multiple of the group's.</param>
    /// <param name="seed">Names the run.</param>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="rank">This process, 0 … <paramref name="rankCount"/> − 1.</param>
    /// <param name="rankCount">How many processes train together.</param>
    /// <exception cref="InvalidInputException">
    /// A batch is not of whole groups, has fewer groups than there are ranks, or there is no group at all.
    /// </exception>
    public static SampleOrder ByClasses(
        ClassSampler classes, int batchSize, ulong seed, int epoch, int rank = 0, int rankCount = 1)
    {
        ArgumentNullException.ThrowIfNull(classes);
        int size = classes.GroupSize;
        if (batchSize % size != 0 || classes.Count < size)
        {
            throw new InvalidInputException(
                $"Expected batches of whole groups of {size} images of a class, found batches of {batchSize} and " +
                $"{NumberText.Counted(classes.Count, "image")} in groups. Make the batch a multiple of {size}, or the groups smaller.");
        }

        int together = size * Together(classes.Count / size, batchSize / size, epoch, rank, rankCount);
        var random = RandomOf(seed, epoch);
        int[] order = classes.Order(ref random);
        return new SampleOrder(order[..(order.Length / together * together)], together, rank, rankCount, size);
    }

    /// <summary>The order of an evaluation: every image once, as the dataset has them. The last batch holds what is left.</summary>
    /// <param name="count">Images in the dataset.</param>
    /// <param name="batchSize">Images of a batch of all ranks together.</param>
    /// <param name="rank">This process, 0 … <paramref name="rankCount"/> − 1.</param>
    /// <param name="rankCount">How many processes evaluate together.</param>
    public static SampleOrder Evaluation(int count, int batchSize, int rank = 0, int rankCount = 1)
    {
        Check(count, batchSize, rank, rankCount);
        return new SampleOrder(Range(count), batchSize, rank, rankCount);
    }

    /// <summary>The images of one batch that are this rank's.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The batch is not in 0 … <see cref="BatchCount"/> − 1.</exception>
    public ReadOnlySpan<int> Batch(int batch)
    {
        var whole = WholeBatch(batch);
        int first = Share(whole.Length, Rank);
        return whole[first..Share(whole.Length, Rank + 1)];
    }

    /// <summary>The images of one batch of all ranks.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The batch is not in 0 … <see cref="BatchCount"/> − 1.</exception>
    public ReadOnlySpan<int> WholeBatch(int batch)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(batch);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(batch, BatchCount);
        int first = batch * BatchSize;
        return _epoch.AsSpan(first, Math.Min(BatchSize, _epoch.Length - first));
    }

    /// <summary>The row of the whole batch that is this rank's first.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The batch is not in 0 … <see cref="BatchCount"/> − 1.</exception>
    public int FirstRow(int batch) => Share(WholeBatch(batch).Length, Rank);

    /// <summary>The maximum number of rows that a rank has of one batch.</summary>
    internal int MaxRows =>
        (int)(((long)(Math.Min(BatchSize, Math.Max(1, _epoch.Length)) / _groupSize) + RankCount - 1) / RankCount) * _groupSize;

    private int Share(int count, int rank) => (int)((long)(count / _groupSize) * rank / RankCount) * _groupSize;

    private static SeededRandom RandomOf(ulong seed, int epoch) => new(seed, (ulong)epoch, 0, PermutationStream);

    private static int Together(int count, int batchSize, int epoch, int rank, int rankCount)
    {
        Check(count, batchSize, rank, rankCount);
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        int together = Math.Min(batchSize, count);
        return together >= rankCount ? together : throw new InvalidInputException(
            $"Expected at least one image for each of {rankCount} processes in a training batch, " +
            $"found {together} in all. Add images, enlarge the batch or use fewer processes.");
    }

    private static void Check(int count, int batchSize, int rank, int rankCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batchSize);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rankCount);
        ArgumentOutOfRangeException.ThrowIfNegative(rank);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(rank, rankCount);
    }

    private static int[] Range(int count)
    {
        int[] numbers = new int[count];
        for (int i = 0; i < count; i++) numbers[i] = i;
        return numbers;
    }
}
