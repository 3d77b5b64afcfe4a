using System.Runtime.ExceptionServices;
using EfficientNetSharp.Data.Mixing;
using EfficientNetSharp.Imaging.Transforms;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Data.Loading;

/// <summary>
/// Reads, decodes and transforms images on threads of its own, ahead of the thread that trains or evaluates, and hands them
/// over as batches in a fixed order.
/// </summary>
/// <remarks>
/// <para>
/// What is loaded depends on dataset, transform and options alone: image i of epoch e draws from
/// <see cref="SeededRandom"/>(seed, e, i), whichever worker reads it, in whichever batch and rank it is. Mixing follows from seed, epoch,
/// batch and rank.
/// </para>
/// <para>
/// The workers are background threads that live from the first enumeration until <see cref="Dispose"/>; between epochs they
/// sleep. All members are for one consumer thread, except <see cref="Dispose"/>, which any thread may call.
/// </para>
/// <code>
/// using var loader = new BatchLoader(train, transform, new BatchLoaderOptions { BatchSize = 64, Training = true, Seed = 1 });
/// foreach (var batch in loader.Batches(epoch))
/// {
///     using (batch) Step(batch.Images, batch.Labels);
/// }
/// </code>
/// </remarks>
public sealed class BatchLoader : IDisposable
{
    private readonly IImageDataset _dataset;
    private readonly IImageTransform _transform;
    private readonly BatchLoaderOptions _options;
    private readonly ShardShuffle? _shuffle;
    private readonly ClassSampler? _classes;
    private readonly BufferPool _pool;
    private readonly BatchQueue _queue;
    private readonly Lock _threadsLock = new();
    private readonly SortedDictionary<int, BrokenImage> _broken = [];
    private Thread[] _threads = [];
    private bool _disposed;
    private long _started;
    private TimeSpan? _elapsed = TimeSpan.Zero;

    /// <summary>Prepares a loader; its threads start with the first enumeration.</summary>
    /// <param name="dataset">The images; not disposed by the loader.</param>
    /// <param name="transform">From encoded image to network input; called from several threads at once.</param>
    /// <param name="options">Batch size, order, seed, threads and memory.</param>
    /// <exception cref="ArgumentException">An option is out of its range, or a batch is too large for an array.</exception>
    /// <exception cref="InvalidInputException">
    /// The mixing is out of range, or there are too few images to train on; see <see cref="SampleOrder.Training"/>.
    /// </exception>
    public BatchLoader(IImageDataset dataset, IImageTransform transform, BatchLoaderOptions options)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(transform);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.WorkerCount, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.PrefetchBatches ?? 1, 1, nameof(options));
        if (options is { Mixing: not null, Training: false })
            throw new ArgumentException("Images are mixed in training only; leave the mixing out.", nameof(options));
        (_dataset, _transform, _options) = (dataset, transform, options);
        if (options.Training && (options.ImagesPerClass != 1 || options.BalancedClasses))
            _classes = ClassSampler.Of(dataset, options.ImagesPerClass, options.BalancedClasses);
        else if (options.Training) _shuffle = ShardShuffle.Of(dataset, options.ShuffleBuffer);
        var first = OrderOf(epoch: 0);
        BatchCount = first.BatchCount;
        PrefetchBatches = options.WindowFor(transform.OutputShape.Count, first.MaxRows);
        // The pool keeps what the window and a consumer with one batch use.
        _pool = new BufferPool(transform.OutputShape, first.MaxRows, PrefetchBatches + 1, options.Mixing is not null);
        _queue = new BatchQueue(_pool, PrefetchBatches, options.BrokenImages, MixingOf(options));
    }

    /// <summary>Batches of one epoch; the same for every rank.</summary>
    public int BatchCount { get; }

    /// <summary>Threads that decode.</summary>
    public int Workers => _options.WorkerCount;

    /// <summary>How many batches may be in work or waiting, beside those that the consumer holds.</summary>
    public int PrefetchBatches { get; }

    /// <summary>
    /// The images left out so far under <see cref="BrokenImagePolicy.Skip"/>, each once, by their number in the dataset. Only
    /// batches that the consumer asked for count.
    /// </summary>
    public IReadOnlyCollection<BrokenImage> BrokenImages => _broken.Values;

    /// <summary>How long the consumer waited for batches in the latest enumeration.</summary>
    public TimeSpan WaitTime { get; private set; }

    /// <summary>How long the latest enumeration took, or has taken so far.</summary>
    public TimeSpan ElapsedTime => _elapsed ?? _options.TimeProvider.GetElapsedTime(_started);

    /// <summary>
    /// <see cref="WaitTime"/> as a share of <see cref="ElapsedTime"/>: near 0 the loader keeps up, near 1 more workers, smaller
    /// files or lighter augmentations would make training faster.
    /// </summary>
    public double WaitShare => ElapsedTime > TimeSpan.Zero ? Math.Min(1, WaitTime / ElapsedTime) : 0;

    internal int BuffersMade => _pool.Made;

    internal IReadOnlyList<Thread> Threads => _threads;

    /// <summary>
    /// The batches of an epoch, in order. Leaving the loop early is fine: what was read ahead is dropped. One enumeration at a
    /// time; the next may start when the loop over the one before has ended.
    /// </summary>
    /// <param name="epoch">The epoch, from 0; orders and augmentations follow from it.</param>
    /// <param name="startBatch">
    /// The first batch to deliver: a run that stopped after batch k goes on at k + 1 with the same images as unbroken.
    /// </param>
    /// <param name="cancellationToken">Ends the wait for a batch.</param>
    /// <returns>
    /// Batches that the caller disposes of. For a single process a batch whose images are all broken is left out; see
    /// <see cref="Batch.Number"/>.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">The epoch is negative or the start is not in 0 … <see cref="BatchCount"/>.</exception>
    /// <exception cref="ObjectDisposedException">The loader was disposed, before or during the enumeration.</exception>
    /// <exception cref="InvalidOperationException">While enumerating: another enumeration is under way.</exception>
    /// <exception cref="InvalidInputException">
    /// While enumerating: an image is broken and the policy is to fail, or every image is.
    /// </exception>
    /// <exception cref="OperationCanceledException">While enumerating: the token was cancelled.</exception>
    public IEnumerable<Batch> Batches(int epoch = 0, int startBatch = 0, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        ArgumentOutOfRangeException.ThrowIfNegative(startBatch);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(startBatch, BatchCount);
        return Enumerate(OrderOf(epoch), epoch, startBatch, cancellationToken);
    }

    /// <summary>
    /// Ends the workers and waits until they have finished the images in their hands. Batches that were taken stay valid. An
    /// enumeration that is waiting on another thread ends with an <see cref="ObjectDisposedException"/>.
    /// </summary>
    public void Dispose()
    {
        lock (_threadsLock) _disposed = true;
        _queue.Stop();
        foreach (var thread in _threads) thread.Join();
        _pool.Close();
    }

    private Action<BatchAssembly>? MixingOf(BatchLoaderOptions options)
    {
        if (options.Mixing is null) return null;
        var mixer = new BatchMixer(options.Mixing);
        return assembly => assembly.Mix(mixer, _transform.OutputShape, options.Seed, options.Rank);
    }

    private SampleOrder OrderOf(int epoch) => _classes is not null
        ? SampleOrder.ByClasses(_classes, _options.BatchSize, _options.Seed, epoch, _options.Rank, _options.RankCount)
        : _options.Training ? SampleOrder.Training(_dataset.Count, _options.BatchSize, _options.Seed, epoch, _options.Rank, _options.RankCount, _shuffle)
        : SampleOrder.Evaluation(_dataset.Count, _options.BatchSize, _options.Rank, _options.RankCount);

    private IEnumerable<Batch> Enumerate(SampleOrder order, int epoch, int startBatch, CancellationToken cancellationToken)
    {
        _queue.Begin(order, epoch, startBatch);
        try
        {
            StartThreads();
            (_started, _elapsed, WaitTime) = (_options.TimeProvider.GetTimestamp(), null, TimeSpan.Zero);
            using var waking = cancellationToken.UnsafeRegister(static queue => ((BatchQueue)queue!).Wake(), _queue);
            bool delivered = false;
            while (Next(cancellationToken) is { } assembly)
            {
                if (assembly.Readable == 0 && _options.RankCount == 1)
                {
                    _pool.Return(assembly.Buffer);
                    continue;
                }
                delivered |= assembly.Readable > 0;
                yield return new Batch(_pool, assembly.Buffer, assembly);
            }
            if (!delivered && startBatch == 0 && _options.RankCount == 1) RefuseAllBroken();
        }
        finally
        {
            _elapsed = _options.TimeProvider.GetElapsedTime(_started);
            _queue.End();
        }
    }

    private BatchAssembly? Next(CancellationToken cancellationToken)
    {
        long before = _options.TimeProvider.GetTimestamp();
        var assembly = _queue.Next(cancellationToken);
        WaitTime += _options.TimeProvider.GetElapsedTime(before);
        if (assembly?.Failure is { } failure)
        {
            _pool.Return(assembly.Buffer);
            failure.Throw();
        }
        foreach (var (index, reason) in assembly?.Broken ?? [])
            _broken.TryAdd(index, new BrokenImage(index, _dataset.NameOf(index), reason));
        return assembly;
    }

    private void RefuseAllBroken()
    {
        if (_broken.Values.FirstOrDefault() is { } first)
            throw new InvalidInputException(
                "Expected images that can be read, " +
                $"found {_broken.Count} broken ones and no other. The first: {first.Reason}");
    }

    private void StartThreads()
    {
        lock (_threadsLock)
        {
            if (_disposed || _threads.Length > 0) return;
            var threads = new Thread[Workers];
            for (int i = 0; i < threads.Length; i++)
            {
                threads[i] = new Thread(Work) { IsBackground = true, Name = $"BatchLoader {i + 1}/{threads.Length}" };
                threads[i].Start();
            }
            _threads = threads;
        }
    }

    private void Work()
    {
        var encoded = new EncodedBuffer();
        while (_queue.Take(out var ticket))
        {
            ExceptionDispatchInfo? failure = null;
            try
            {
                Read(ticket, encoded);
            }
            catch (Exception exception)
            {
                // On this thread it would end the process; the consumer throws it or lists it.
                failure = ExceptionDispatchInfo.Capture(exception);
            }
            _queue.Finish(ticket, failure);
        }
    }

    private void Read(Ticket ticket, EncodedBuffer encoded)
    {
        var buffer = ticket.Assembly.Buffer;
        int index = buffer.Indices[ticket.Slot];
        buffer.Labels[ticket.Slot] = _dataset.LabelOf(index);
        _dataset.ReadEncoded(index, encoded);
        var random = new SeededRandom(_options.Seed, (ulong)ticket.Assembly.Epoch, (ulong)index);
        var row = buffer.Images.AsSpan(ticket.Slot * _pool.ImageLength, _pool.ImageLength);
        _transform.Apply(encoded.Bytes, _dataset.NameOf(index), ref random, row);
    }
}
