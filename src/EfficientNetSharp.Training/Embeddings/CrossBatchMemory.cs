using System.Collections.Immutable;
using EfficientNetSharp.Training.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace EfficientNetSharp.Training.Embeddings;

/// <summary>
/// The latest embeddings of earlier batches (Wang et al. 2020): a ring that lies among the run's running values, so that a run that was
/// stopped goes on with what it had.
/// </summary>
internal sealed class CrossBatchMemory(int capacity)
{
    private const string Rows = "task.memory", Labels = "task.memory_labels", Next = "task.memory_next";

    /// <summary>An empty memory, by names.</summary>
    public static IEnumerable<(string Name, ImmutableArray<int> Shape, float[] Values)> Parameters(int capacity, int features)
    {
        var empty = new float[capacity];
        empty.AsSpan().Fill(-1);
        return [(Rows, [capacity, features], new float[checked(capacity * features)]), (Labels, [capacity], empty), (Next, [1], [0])];
    }

    /// <summary>A batch's rows and labels with those of the memory behind them.</summary>
    public static (Tensor Rows, Tensor Labels) Join(Tensor rows, Tensor labels, IReadOnlyDictionary<string, Tensor> kept) => (
        cat([rows, kept[Rows].to(rows.dtype)]), cat([labels, kept[Labels].to(ScalarType.Int64)]));

    /// <summary>Puts a batch in, in place of the oldest.</summary>
    public void Add(Tensor rows, Tensor labels, IReadOnlyDictionary<string, Tensor> kept)
    {
        using var constant = no_grad();
        long count = Math.Min(rows.shape[0], capacity), next = (long)kept[Next].cpu().to(ScalarType.Float64).ReadCpuDouble(0);
        var places = arange(Scalars.Of(next), Scalars.Of(next + count), Scalars.One, ScalarType.Int64, rows.device)
            .remainder(Scalars.Of(capacity));
        kept[Rows].index_copy_(0, places, rows.narrow(0, rows.shape[0] - count, count).to(kept[Rows].dtype));
        kept[Labels].index_copy_(0, places, labels.narrow(0, labels.shape[0] - count, count).to(kept[Labels].dtype));
        kept[Next].fill_(Scalars.Of((next + count) % capacity));
    }
}
