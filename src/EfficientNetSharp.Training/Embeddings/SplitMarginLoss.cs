using EfficientNetSharp.Training.Distributed;
using EfficientNetSharp.Training.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace EfficientNetSharp.Training.Embeddings;

/// <summary>
/// A margin loss of which each of several processes has a stretch of the identities' centres, and computes it for the images of all (An et
/// al. 2022): with very many identities they and their softmax are what costs. Maxima, sums and the targets' logits are exchanged, so the loss is that of one process.
/// </summary>
/// <param name="loss">The loss.</param>
/// <param name="group">The processes; all call it for each part of a step.</param>
internal sealed class SplitMarginLoss(MarginLoss loss, IProcessGroup group)
{
    /// <summary>The identities of a process: first … end − 1.</summary>
    /// <param name="identities">All.</param>
    /// <param name="rank">The process.</param>
    /// <param name="size">All processes.</param>
    public static (int First, int End) Stretch(int identities, int rank, int size) =>
        ((int)((long)identities * rank / size), (int)((long)identities * (rank + 1) / size));

    /// <summary>The loss of this process's images, whose gradients are those of the mean over all.</summary>
    /// <param name="batch">This process's images; at least one. The centres are those of its stretch.</param>
    /// <param name="identities">How many there are.</param>
    /// <param name="sample">
    /// Chooses the identities that come, of a stretch and with those of the labels; <see langword="null"/> for all.
    /// </param>
    public EmbeddingLossValue Of(EmbeddingBatch batch, int identities, Func<(int First, int End), long[], long[]>? sample = null)
    {
        var (own, count) = (batch.Embeddings, (int)batch.Embeddings.shape[0]);
        int[] starts = StartsOf(count);
        int first = starts[group.Rank], total = starts[^1];
        using var rows = Gathered(own, first, total).requires_grad_(true);
        using var labels = Gathered(batch.Labels, first, total).to(ScalarType.Int64);
        var stretch = Stretch(identities, group.Rank, group.Size);
        var centers = batch.Parameters[EmbeddingLoss.Centers];
        using var leaf = centers.detach().clone().requires_grad_(true);
        var kept = sample?.Invoke(stretch, labels.data<long>().ToArray());

        var (logits, cosines, place, isHere, further) = loss.Part(
            batch with { Embeddings = rows, Labels = labels }, leaf, stretch, kept is null ? null : tensor(kept));
        var (losses, slope, right) = Softmax(logits.detach(), cosines.detach(), place, isHere, batch.LabelSmoothing, identities);
        var surrogate = logits.mul(slope.to(logits.dtype)).sum();
        // All processes compute it alike, and their gradients are added up.
        if (further is not null) surrogate = surrogate.Plus(further.Over(group.Size));
        surrogate.backward();
        var toward = Summed(rows.grad!).narrow(0, first, count);

        // Whoever takes the mean over images weighs this process's by their share.
        double weight = (double)total / count;
        var pull = own.mul(toward).sum().Plus(centers.mul(leaf.grad!).sum()).Times(weight);
        double value = losses.AsSpan(first, count).ToArray().Average() + (further?.detach().to(ScalarType.Float64).ReadCpuDouble(0) ?? 0);
        return new EmbeddingLossValue(pull.sub(pull.detach()).Plus(value)) { Right = right.AsSpan(first, count).ToArray().Count(is1 => is1) };
    }

    // Each image's loss, the derivative of the mean by this process's logits, and whether its own identity is the nearest.
    private (double[] Losses, Tensor Slope, bool[] Right) Softmax(
        Tensor logits, Tensor cosines, Tensor place, Tensor isHere, double smoothing, int identities)
    {
        using var constant = no_grad();
        var values = logits.to(ScalarType.Float64);
        int total = (int)values.shape[0];
        double[] max = MaxOf(values), nearest = MaxOf(cosines.to(ScalarType.Float64));
        var shifted = values.sub(tensor(max).unsqueeze(1));
        var here = isHere.to(ScalarType.Float64);
        double[] sums =
        [
            .. Numbers(shifted.exp().sum(1)), .. Numbers(values.gather(1, place).squeeze(1).mul(here)), .. Numbers(values.sum(1)),
            .. Numbers(cosines.to(ScalarType.Float64).gather(1, place).squeeze(1).mul(here)), values.shape[1],
        ];
        group.AllReduceSum(sums.AsSpan());
        double classes = sums[^1], spread = smoothing / classes;
        var losses = new double[total];
        var partition = new double[total];
        var right = new bool[total];
        for (int i = 0; i < total; i++)
        {
            partition[i] = max[i] + Math.Log(sums[i]);
            losses[i] = partition[i] - ((1 - smoothing) * sums[total + i]) - (spread * sums[(2 * total) + i]);
            right[i] = sums[(3 * total) + i] >= nearest[i];
        }

        var slope = values.sub(tensor(partition).unsqueeze(1)).exp().Minus(spread);
        slope = slope.scatter_add(1, place, here.Times(smoothing - 1).unsqueeze(1));
        return (losses, slope.Over(total), right);
    }

    // There is no maximum among the exchanges: each process's stand in a row of their own.
    private double[] MaxOf(Tensor values)
    {
        int total = (int)values.shape[0];
        var all = new double[group.Size * total];
        Numbers(values.amax([1])).CopyTo(all, group.Rank * total);
        group.AllReduceSum(all.AsSpan());
        var max = all[..total];
        for (int i = total; i < all.Length; i++) max[i % total] = Math.Max(max[i % total], all[i]);
        return max;
    }

    private int[] StartsOf(int count)
    {
        var counts = new double[group.Size];
        counts[group.Rank] = count;
        group.AllReduceSum(counts.AsSpan());
        int[] starts = new int[group.Size + 1];
        for (int rank = 0; rank < group.Size; rank++) starts[rank + 1] = starts[rank] + (int)counts[rank];
        return starts;
    }

    private Tensor Gathered(Tensor own, int first, int total)
    {
        long width = own.numel() / own.shape[0];
        var all = new double[total * width];
        Numbers(own).CopyTo(all, first * width);
        group.AllReduceSum(all.AsSpan());
        return tensor(all, [total, .. own.shape[1..]]).to(own.dtype);
    }

    private Tensor Summed(Tensor values)
    {
        double[] numbers = Numbers(values);
        group.AllReduceSum(numbers.AsSpan());
        return tensor(numbers, values.shape).to(values.dtype);
    }

    private static double[] Numbers(Tensor values) => values.detach().cpu().to(ScalarType.Float64).contiguous().data<double>().ToArray();
}
