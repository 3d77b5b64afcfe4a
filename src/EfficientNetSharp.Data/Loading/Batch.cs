using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Data.Loading;

/// <summary>
/// Images ready for a network, with their labels. The batch belongs to who took it from the loader, until it is disposed;
/// then its memory is filled with other images. A batch that is never disposed stays valid and costs the loader nothing but
/// the allocation of another buffer.
/// </summary>
public sealed class Batch : IDisposable
{
    private readonly BufferPool _pool;
    private BatchBuffer? _buffer;

    internal Batch(BufferPool pool, BatchBuffer buffer, BatchAssembly assembly)
    {
        _pool = pool;
        _buffer = buffer;
        Number = assembly.Number;
        Count = assembly.Readable;
        FirstRow = assembly.FirstRow;
        GlobalCount = assembly.GlobalCount;
    }

    /// <summary>The batch's place in the epoch, from 0; a run that stopped after this batch goes on at the next number.</summary>
    public int Number { get; }

    /// <summary>
    /// N, the images in the batch: this rank's part of the batch size, or fewer in a last batch or where broken images were
    /// left out. Never 0 for a single process; with several ranks it may be, so that all of them step together.
    /// </summary>
    public int Count { get; }

    /// <summary>The row of the batch of all ranks at which this rank's part begins; 0 for a single process.</summary>
    public int FirstRow { get; }

    /// <summary>
    /// The images of the batch of all ranks as planned, broken ones included: which of them other ranks cannot read is not known
    /// here.
    /// </summary>
    public int GlobalCount { get; }

    /// <summary>The shape of one image, [C,H,W].</summary>
    public TensorShape ImageShape => _pool.ImageShape;

    /// <summary>The images [N,C,H,W], row-major. They may be written to, for example to mix them.</summary>
    /// <exception cref="ObjectDisposedException">The batch was disposed.</exception>
    public Memory<float> Images => Buffer.Images.AsMemory(0, Count * _pool.ImageLength);

    /// <summary>The classes of the images [N].</summary>
    /// <exception cref="ObjectDisposedException">The batch was disposed.</exception>
    public ReadOnlySpan<int> Labels => Buffer.Labels.AsSpan(0, Count);

    /// <summary>The images' numbers in the dataset [N].</summary>
    /// <exception cref="ObjectDisposedException">The batch was disposed.</exception>
    public ReadOnlySpan<int> Indices => Buffer.Indices.AsSpan(0, Count);

    /// <summary>
    /// For each image its row in the batch of all ranks as planned [N], rising: <see cref="FirstRow"/>, <see cref="FirstRow"/> + 1, …
    /// with gaps where broken images were left out. What is drawn by this row is the same however many ranks there are.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The batch was disposed.</exception>
    public ReadOnlySpan<int> Rows => Buffer.Rows.AsSpan(0, Count);

    /// <summary>
    /// The classes that the images are mixed with [N], empty when the loader does not mix. An image's target is
    /// share · first + (1 − share) · second with its share in <see cref="FirstShares"/>.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The batch was disposed.</exception>
    public ReadOnlySpan<int> SecondLabels => Buffer.SecondLabels.AsSpan(0, Buffer.SecondLabels.Length == 0 ? 0 : Count);

    /// <summary>The share of <see cref="Labels"/> in each image's target [N], 0 to 1; empty when the loader does not mix.</summary>
    /// <exception cref="ObjectDisposedException">The batch was disposed.</exception>
    public ReadOnlySpan<float> FirstShares => Buffer.FirstShares.AsSpan(0, Buffer.FirstShares.Length == 0 ? 0 : Count);

    private BatchBuffer Buffer => _buffer ?? throw new ObjectDisposedException(nameof(Batch));

    /// <summary>Gives the memory back to the loader. More than one call does no harm.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _buffer, null) is { } buffer) _pool.Return(buffer);
    }
}
