using EfficientNetSharp.Data.Mixing;

namespace EfficientNetSharp.Data.Loading;

/// <summary>How a <see cref="BatchLoader"/> reads a dataset.</summary>
public sealed record BatchLoaderOptions
{
    /// <summary>Images of a batch, of all ranks together.</summary>
    public required int BatchSize { get; init; }

    /// <summary>
    /// True for <see cref="SampleOrder.Training"/>: shuffled anew each epoch, full batches only. False
    /// for <see cref="SampleOrder.Evaluation"/>: every image once, in the dataset's order.
    /// </summary>
    public required bool Training { get; init; }

    /// <summary>Names the run: the order of its epochs and the random numbers of its images. Default 0.</summary>
    public ulong Seed { get; init; }

    /// <summary>Threads that decode. Default null: one per processor. What is loaded does not depend on it.</summary>
    public int? Workers { get; init; }

    /// <summary>
    /// How many batches may be in work or waiting, beside the one that the consumer holds. Default null: two per worker, but no
    /// more than 512 MiB of images, and at least 2.
    /// </summary>
    public int? PrefetchBatches { get; init; }

    /// <summary>What to do about images that cannot be read. Default <see cref="BrokenImagePolicy.Fail"/>.</summary>
    public BrokenImagePolicy BrokenImages { get; init; } = BrokenImagePolicy.Fail;

    /// <summary>
    /// This process among those that work together, 0 … <see cref="RankCount"/> − 1. Default 0. Of each batch of n images it
    /// assembles the rows n·r/R … n·(r+1)/R − 1.
    /// </summary>
    public int Rank { get; init; }

    /// <summary>
    /// How many processes work together. Default 1. With more than one, batches may be empty: every rank sees every number.
    /// </summary>
    public int RankCount { get; init; } = 1;

    /// <summary>
    /// For images that lie in shards: the buffer in images through which they are shuffled, so that files are read nearly from
    /// front to back (<see cref="ShardShuffle"/>). Default null: what the format needs, which is a permutation of all images but for
    /// Parquet files. Not used for images in files of their own.
    /// </summary>
    public int? ShuffleBuffer { get; init; }

    /// <summary>
    /// Mixes the images of each batch of this process; only in training. Default null: no mixing, and the batches have no second labels.
    /// </summary>
    public MixingOptions? Mixing { get; init; }

    /// <summary>
    /// Images of one class that stand together in a training batch, of which <see cref="BatchSize"/> is a multiple; see
    /// <see cref="ClassSampler"/>. Default 1, none: images are shuffled one by one.
    /// </summary>
    public int ImagesPerClass { get; init; } = 1;

    /// <summary>Whether a training epoch shows every class equally often; see <see cref="ClassSampler"/>. Default false.</summary>
    public bool BalancedClasses { get; init; }

    /// <summary>Measures the waiting. Default <see cref="TimeProvider.System"/>.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    // Two per worker, as torch.utils.data.DataLoader's prefetch_factor has it; here all workers fill one batch together, so it
    // serves to ride out slow spells of disk and consumer.
    private const int BatchesPerWorker = 2;

    // A few per cent of a training machine's memory, and room for 13 batches of 64 images at 224×224.
    private const long PrefetchBytes = 512L * 1024 * 1024;

    // One to fill while one waits.
    private const int MinBatches = 2;

    internal int WorkerCount => Workers ?? Environment.ProcessorCount;

    internal int WindowFor(long imageLength, int rows)
    {
        if (PrefetchBatches is { } given) return given;
        long affordable = PrefetchBytes / Math.Max(1, imageLength * rows * sizeof(float));
        return (int)Math.Max(MinBatches, Math.Min((long)BatchesPerWorker * WorkerCount, affordable));
    }
}
