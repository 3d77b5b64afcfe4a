using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Data.Loading;

/// <summary>The memory of one batch.</summary>
internal sealed class BatchBuffer(int batchSize, int imageLength, bool isMixed)
{
    public float[] Images { get; } = GC.AllocateUninitializedArray<float>(batchSize * imageLength);

    public int[] Labels { get; } = new int[batchSize];

    public int[] Indices { get; } = new int[batchSize];

    public int[] Rows { get; } = new int[batchSize];

    /// <summary>Empty when nothing is mixed.</summary>
    public int[] SecondLabels { get; } = isMixed ? new int[batchSize] : [];

    /// <summary>Empty when nothing is mixed.</summary>
    public float[] FirstShares { get; } = isMixed ? new float[batchSize] : [];
}

/// <summary>
/// Keeps the memory of batches for the next ones. Renting never waits: how many buffers there are is bounded by the loader's
/// window and by what its user holds.
/// </summary>
internal sealed class BufferPool
{
    private readonly Stack<BatchBuffer> _free = new();
    private readonly Lock _lock = new();
    private readonly int _batchSize;
    private readonly int _keep;
    private readonly bool _isMixed;
    private bool _closed;

    public BufferPool(TensorShape imageShape, int batchSize, int keep, bool isMixed = false)
    {
        if (imageShape.Count < 1 || imageShape.Count * batchSize > Array.MaxLength)
        {
            throw new ArgumentException(
                $"A batch of {batchSize} images of {imageShape} has no size that one array can hold.", nameof(batchSize));
        }
        ImageShape = imageShape;
        ImageLength = (int)imageShape.Count;
        _batchSize = batchSize;
        _keep = keep;
        _isMixed = isMixed;
    }

    public TensorShape ImageShape { get; }

    public int ImageLength { get; }

    /// <summary>How many buffers were ever made.</summary>
    public int Made { get; private set; }

    public BatchBuffer Rent()
    {
        lock (_lock)
        {
            if (_free.TryPop(out var buffer)) return buffer;
            Made++;
        }
        return new BatchBuffer(_batchSize, ImageLength, _isMixed);
    }

    public void Return(BatchBuffer buffer)
    {
        lock (_lock)
        {
            // A user who held many batches at once does not make the loader hold them for ever.
            if (!_closed && _free.Count < _keep) _free.Push(buffer);
        }
    }

    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
            _free.Clear();
        }
    }
}
