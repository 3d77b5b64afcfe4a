using System.Collections.Immutable;
using EfficientNetSharp.Training.Recipes;
using EfficientNetSharp.Training.Tasks;
using EfficientNetSharp.Training.Torch;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace EfficientNetSharp.Training.Embeddings;

/// <summary>
/// A softmax over the cosines between embeddings and the identities' centres, scaled, in which the own identity has to win by a margin.
/// </summary>
internal sealed class MarginLoss(EmbeddingOptions options) : EmbeddingLoss
{
    /// <summary>AdaFace's running mean and deviation of lengths, [2].</summary>
    public const string Lengths = "task.lengths";

    /// <summary>CurricularFace's t, [1].</summary>
    public const string Progress = "task.progress";

    // arcface_torch's; only directions count, and short vectors turn faster.
    private const double CenterDeviation = 0.01;

    // AdaFace's code: what it begins with, and the range that lengths count in.
    private const float FirstMean = 20, FirstDeviation = 100;

    private const double MinLength = 0.001, MaxLength = 100;

    // CurricularFace (Huang et al. 2020), eq. 10: momentum 0.99.
    private const double ProgressMomentum = 0.01;

    private int Subcenters => options.Loss == EmbeddingLossKind.SubcenterArcFace ? options.Subcenters : 1;

    public override ImmutableArray<TaskParameter> Parameters(int identities, int features, ulong seed) =>
        Parameters((0, identities), features, seed);

    /// <summary>What it trains and keeps for a stretch of the identities.</summary>
    /// <param name="stretch">The stretch.</param>
    /// <param name="features">D.</param>
    /// <param name="seed">Names the draws, which are those of all identities.</param>
    public ImmutableArray<TaskParameter> Parameters((int First, int End) stretch, int features, ulong seed)
    {
        var rows = (checked(stretch.First * Subcenters), checked(stretch.End * Subcenters));
        var centers = DrawCenters(rows, features, CenterDeviation, seed) with { RateScale = options.CenterRateScale };
        return options.Loss switch
        {
            EmbeddingLossKind.AdaFace => [centers, Keep(Lengths, [2], [FirstMean, FirstDeviation])],
            EmbeddingLossKind.CurricularFace => [centers, Keep(Progress, [1], [0])],
            _ => [centers],
        };
    }

    public override EmbeddingLossValue Of(EmbeddingBatch batch)
    {
        var centers = batch.Parameters[Centers];
        int identities = (int)centers.shape[0] / Subcenters;
        var part = Part(batch, centers, (0, identities), batch.Sampled);
        var labels = part.Place.squeeze(1);
        var loss = F.cross_entropy(part.Logits, labels, label_smoothing: batch.LabelSmoothing);
        return new EmbeddingLossValue(part.Further is null ? loss : loss.Plus(part.Further), part.Cosines, labels);
    }

    /// <summary>What the softmax is made of, for a stretch of the identities.</summary>
    /// <param name="batch">The images; those whose identity lies elsewhere have no target here.</param>
    /// <param name="centers">The stretch's centres.</param>
    /// <param name="stretch">The stretch.</param>
    /// <param name="sampled">Identities of it that come, ascending; <see langword="null"/> for all.</param>
    public MarginPart Part(EmbeddingBatch batch, Tensor centers, (int First, int End) stretch, Tensor? sampled)
    {
        var rows = batch.Embeddings;
        var local = batch.Labels.Minus(stretch.First);
        var isHere = local.ge(Scalars.Zero).logical_and(local.lt(Scalars.Of(stretch.End - stretch.First)));
        local = local.masked_fill(isHere.logical_not(), Scalars.Zero);
        if (sampled is not null)
        {
            var kept = sampled.Minus(stretch.First);
            local = searchsorted(kept, local).clamp_max(Scalars.Of(kept.shape[0] - 1));
            centers = centers.index_select(0, RowsOf(kept));
        }

        var place = local.masked_fill(isHere.logical_not(), Scalars.Zero).unsqueeze(1);
        if (batch.Phase.IsSoftmax)
        {
            var plain = Nearest(rows.mm(centers.t()));
            return new MarginPart(plain, plain, place, isHere, null);
        }

        var cosines = Nearest(F.normalize(rows, dim: 1).mm(F.normalize(centers, dim: 1).t()).clamp(Scalars.MinusOne, Scalars.One));
        var (changed, own, further) = WithMargin(batch, cosines, cosines.gather(1, place));
        if (options.InterclassFilter > 0) changed = changed.masked_fill(changed.gt(Scalars.Of(options.InterclassFilter)), Scalars.Zero);
        own = where(isHere.unsqueeze(1), own, changed.gather(1, place));
        return new MarginPart(changed.scatter(1, place, own).Times(options.LossScale), cosines, place, isHere, further);
    }

    private Tensor RowsOf(Tensor identities) => Subcenters == 1
        ? identities
        : identities.Times(Subcenters).unsqueeze(1).Plus(TensorArithmetic.Range(Subcenters, ScalarType.Int64, identities.device)).flatten();

    // Of several centres the nearest counts.
    private Tensor Nearest(Tensor similarities) => Subcenters == 1
        ? similarities
        : similarities.view(similarities.shape[0], -1, Subcenters).max(2).values;

    // All cosines, the own ones with the margin, and what else is made smaller.
    private (Tensor Changed, Tensor Own, Tensor? Further) WithMargin(EmbeddingBatch batch, Tensor cosines, Tensor own)
    {
        double share = batch.Phase.MarginShare, margin = options.LossMargin * share;
        if (batch.Phase.IsCosFace) return (cosines, own.Minus(CosFaceFirst), null);
        switch (options.Loss)
        {
            case EmbeddingLossKind.CosFace:
                return (cosines, own.Minus(margin), null);
            case EmbeddingLossKind.Combined:
                var m = options.Combined;
                return (cosines, Angular(own, 1 + ((m.Multiplier - 1) * share), m.Angle * share, m.Cosine * share), null);
            case EmbeddingLossKind.AdaFace:
                var safe = Measured(batch);
                return (cosines, Through(own, Margins.AdaFace(own, safe, batch.Parameters[Lengths], margin, options.Concentration)), null);
            case EmbeddingLossKind.MagFace:
                var (low, high) = (options.MagFace.MinLength, options.MagFace.MaxLength);
                var lengths = batch.Embeddings.norm(1, true, 2).clamp(Scalars.Of(low), Scalars.Of(high));
                var wish = lengths.Over(high * high).Plus(lengths.reciprocal()).mean().Times(options.MagFace.LengthWeight);
                return (cosines, Through(own, Margins.MagFace(own, lengths, options.MagFace, share)), wish);
            case EmbeddingLossKind.CurricularFace:
                var t = Advanced(batch, own);
                var turned = own.Times(Math.Cos(margin)).sub(Margins.SineOf(own).Times(Math.Sin(margin)));
                return (Margins.Curricular(cosines, turned, t), Angular(own, 1, margin, 0), null);
            default:
                return (cosines, Angular(own, 1, margin, 0), null);
        }
    }

    private double CosFaceFirst => options.Loss == EmbeddingLossKind.CosFace ? options.LossMargin
        : new EmbeddingOptions { Loss = EmbeddingLossKind.CosFace }.LossMargin;

    private Tensor Angular(Tensor own, double multiplier, double angle, double decrease) =>
        options.Gradient == MarginGradient.Exact
            ? Margins.Combined(own, multiplier, angle, decrease)
            : Through(own, Margins.PlainAngular(own, multiplier, angle, decrease));

    // The value with the margin, and the derivative that is wanted.
    private Tensor Through(Tensor own, Tensor turned) =>
        options.Gradient == MarginGradient.Exact ? turned : own.Plus(turned.sub(own).detach());

    private Tensor Measured(EmbeddingBatch batch)
    {
        using var constant = no_grad();
        var lengths = batch.Embeddings.norm(1, true, 2).clamp(Scalars.Of(MinLength), Scalars.Of(MaxLength));
        var statistics = batch.Parameters[Lengths];
        // The deviation of one image is none.
        var measured = stack([lengths.mean(), lengths.shape[0] > 1 ? lengths.std() : statistics[1].to(lengths.dtype)]).to(statistics.dtype);
        statistics.mul_(Scalars.Of(1 - options.LengthMomentum)).add_(measured.Times(options.LengthMomentum), Scalars.One);
        return lengths;
    }

    private static Tensor Advanced(EmbeddingBatch batch, Tensor own)
    {
        using var constant = no_grad();
        var t = batch.Parameters[Progress];
        t.mul_(Scalars.Of(1 - ProgressMomentum)).add_(own.mean().to(t.dtype).Times(ProgressMomentum), Scalars.One);
        return t.clone().to(own.dtype);
    }
}

/// <summary>A margin loss before the softmax.</summary>
/// <param name="Logits">[N,C] with margins.</param>
/// <param name="Cosines">[N,C] without.</param>
/// <param name="Place">Where each image's own identity is among the C [N,1]; 0 where it is none of them.</param>
/// <param name="IsHere">Whether it is one of them [N].</param>
/// <param name="Further">What else is made smaller; <see langword="null"/> for nothing.</param>
internal readonly record struct MarginPart(Tensor Logits, Tensor Cosines, Tensor Place, Tensor IsHere, Tensor? Further);
