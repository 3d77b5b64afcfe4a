using System.Collections.Immutable;
using EfficientNetSharp.Training.Recipes;
using EfficientNetSharp.Training.Tasks;
using EfficientNetSharp.Training.Torch;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace EfficientNetSharp.Training.Embeddings;

/// <summary>
/// ProxyAnchor (Kim et al. 2020, eq. 4): each class's proxy draws the images of its class and pushes the others away, hard ones more.
/// </summary>
internal sealed class ProxyAnchorLoss(EmbeddingOptions options) : EmbeddingLoss
{
    // The paper's code: kaiming_normal_ with mode fan_out.
    public override ImmutableArray<TaskParameter> Parameters(int identities, int features, ulong seed) =>
        
        [DrawCenters((0, identities), features, Math.Sqrt(2.0 / identities), seed) with { RateScale = options.CenterRateScale }];

    public override EmbeddingLossValue Of(EmbeddingBatch batch)
    {
        var proxies = batch.Parameters[Centers];
        var cosines = F.normalize(batch.Embeddings, dim: 1).mm(F.normalize(proxies, dim: 1).t());
        var own = F.one_hot(batch.Labels, proxies.shape[0]).to(ScalarType.Bool);
        double scale = options.LossScale, margin = options.LossMargin;
        var draw = cosines.Minus(margin).Times(-scale).exp().masked_fill(own.logical_not(), Scalars.Zero).sum([0]).log1p();
        var push = cosines.Plus(margin).Times(scale).exp().masked_fill(own, Scalars.Zero).sum([0]).log1p();
        var present = own.any(0).sum().to(cosines.dtype);
        return new EmbeddingLossValue(draw.sum().div(present).Plus(push.mean()), cosines, batch.Labels);
    }
}
