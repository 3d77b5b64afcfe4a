using System.Collections.Immutable;
using EfficientNetSharp.Training.Recipes;
using EfficientNetSharp.Training.Tasks;
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
        var draw = cosines.sub(margin).mul(-scale).exp().masked_fill(own.logical_not(), 0).sum([0]).log1p();
        var push = cosines.add(margin).mul(scale).exp().masked_fill(own, 0).sum([0]).log1p();
        var present = own.any(0).sum().to(cosines.dtype);
        return new EmbeddingLossValue(draw.sum().div(present).add(push.mean()), cosines, batch.Labels);
    }
}
