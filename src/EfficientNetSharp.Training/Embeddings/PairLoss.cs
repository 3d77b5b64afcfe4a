using System.Collections.Immutable;
using EfficientNetSharp.Training.Recipes;
using EfficientNetSharp.Training.Tasks;
using EfficientNetSharp.Training.Torch;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace EfficientNetSharp.Training.Embeddings;

/// <summary>A loss of the cosines between the images of a batch, and with those of earlier batches where there is a memory.</summary>
internal sealed class PairLoss(EmbeddingOptions options) : EmbeddingLoss
{
    // Stands for no pair in maxima and softmaxes; −∞ would make derivatives of empty rows undefined.
    private const double Never = 1e9;

    // A distance's derivative divides by the distance; two images that are nearer than 1e-4 are one.
    private const double MinSquare = 1e-8;

    private readonly CrossBatchMemory? _memory = options.Memory > 0 ? new CrossBatchMemory(options.Memory) : null;

    public override ImmutableArray<TaskParameter> Parameters(int identities, int features, ulong seed) =>
        _memory is null ? [] : [.. CrossBatchMemory.Parameters(options.Memory, features).Select(one => Keep(one.Name, one.Shape, one.Values))];

    public override EmbeddingLossValue Of(EmbeddingBatch batch)
    {
        var rows = F.normalize(batch.Embeddings, dim: 1);
        var (keys, keyLabels) = (rows, batch.Labels);
        if (_memory is not null && batch.Phase.UsesMemory) (keys, keyLabels) = CrossBatchMemory.Join(rows, batch.Labels, batch.Parameters);
        var cosines = rows.mm(keys.t());
        var same = batch.Labels.unsqueeze(1).eq(keyLabels.unsqueeze(0));
        // Places of the memory that nothing has filled yet have −1.
        var other = same.logical_not().logical_and(keyLabels.ge(Scalars.Zero).unsqueeze(0));
        var positive = same.logical_and(eye(rows.shape[0], keys.shape[0], ScalarType.Bool, rows.device).logical_not());
        var loss = options.Loss switch
        {
            EmbeddingLossKind.MultiSimilarity => MultiSimilarity(cosines, positive, other),
            EmbeddingLossKind.SupervisedContrastive => Contrastive(cosines, positive, other),
            _ => Triplet(cosines, positive, other),
        };
        _memory?.Add(rows, batch.Labels, batch.Parameters);
        return new EmbeddingLossValue(loss);
    }

    // Wang et al. 2019, eq. 12–15; images without a pair of either kind count 0.
    private Tensor MultiSimilarity(Tensor cosines, Tensor positive, Tensor other)
    {
        var hardestOther = cosines.masked_fill(other.logical_not(), Scalars.Of(-Never)).amax([1], keepdim: true);
        var hardestPositive = cosines.masked_fill(positive.logical_not(), Scalars.Of(Never)).amin([1], keepdim: true);
        var draws = positive.logical_and(cosines.Minus(options.MiningMargin).lt(hardestOther));
        var pushes = other.logical_and(cosines.Plus(options.MiningMargin).gt(hardestPositive));
        var counts = draws.any(1).logical_and(pushes.any(1));
        return Pull(draws, -options.PositiveScale).Plus(Pull(pushes, options.NegativeScale)).mul(counts.to(cosines.dtype)).mean();

        Tensor Pull(Tensor mask, double scale) => cosines.Minus(options.LossMargin).Times(scale).exp()
            .masked_fill(mask.logical_not(), Scalars.Zero).sum(1).log1p().Over(Math.Abs(scale));
    }

    // Khosla et al. 2020, eq. 2; the mean over the images that have their like in the batch.
    private Tensor Contrastive(Tensor cosines, Tensor positive, Tensor other)
    {
        var logits = cosines.Times(options.LossScale).masked_fill(positive.logical_or(other).logical_not(), Scalars.Of(-Never));
        var likelihoods = logits.sub(logits.logsumexp(1, keepdim: true)).masked_fill(positive.logical_not(), Scalars.Zero).sum(1);
        var likes = positive.sum(1).to(cosines.dtype);
        return MeanOf(likelihoods.neg().div(likes.clamp_min(Scalars.One)), likes.gt(Scalars.Zero));
    }

    // On Euclidean distances of the normalised embeddings.
    private Tensor Triplet(Tensor cosines, Tensor positive, Tensor other)
    {
        var distances = cosines.neg().Plus(1).Times(2).clamp_min(Scalars.Of(MinSquare)).sqrt();
        if (options.Mining == TripletMining.Hardest)
        {
            var farthest = distances.masked_fill(positive.logical_not(), Scalars.Of(-Never)).amax([1]);
            var nearest = distances.masked_fill(other.logical_not(), Scalars.Of(Never)).amin([1]);
            return MeanOf(farthest.sub(nearest).Plus(options.LossMargin).clamp_min(Scalars.Zero), positive.any(1).logical_and(other.any(1)));
        }

        // [N, like, other].
        var (like, unlike, others) = (distances.unsqueeze(2), distances.unsqueeze(1), other.unsqueeze(1));
        if (options.Mining == TripletMining.All)
        {
            var violations = like.sub(unlike).Plus(options.LossMargin).clamp_min(Scalars.Zero);
            var active = positive.unsqueeze(2).logical_and(others).logical_and(violations.gt(Scalars.Zero));
            return MeanOf(violations, active);
        }

        var beyond = others.logical_and(unlike.gt(like));
        var nextBeyond = unlike.masked_fill(beyond.logical_not(), Scalars.Of(Never)).amin([2]);
        var farthestOther = distances.masked_fill(other.logical_not(), Scalars.Of(-Never)).amax([1], keepdim: true);
        var chosen = where(beyond.any(2), nextBeyond, farthestOther);
        return MeanOf(
            distances.sub(chosen).Plus(options.LossMargin).clamp_min(Scalars.Zero), positive.logical_and(other.any(1, keepdim: true)));
    }

    // 0 where none counts, with a derivative of 0.
    private static Tensor MeanOf(Tensor values, Tensor counts) =>
        values.masked_fill(counts.logical_not(), Scalars.Zero).sum().div(counts.sum().clamp_min(Scalars.One).to(values.dtype));
}
