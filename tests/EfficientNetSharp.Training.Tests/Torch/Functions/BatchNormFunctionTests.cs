using EfficientNetSharp.Graphs;
using EfficientNetSharp.Randomness;
using EfficientNetSharp.Training.Distributed;
using EfficientNetSharp.Training.Tests.Distributed;
using EfficientNetSharp.Training.Torch;
using EfficientNetSharp.Training.Torch.Functions;
using TorchSharp;
using static TorchSharp.torch;

namespace EfficientNetSharp.Training.Tests.Torch.Functions;

/// <summary>The fused normalisation against libtorch's in 64 bits, and on several ranks against one.</summary>
public sealed class BatchNormFunctionTests
{
    private const double Epsilon = 1e-3, Momentum = 0.1;

    public static TheoryData<ActivationKind, int> Cases
    {
        get
        {
            var data = new TheoryData<ActivationKind, int>();
            foreach (var kind in new[] { ActivationKind.Identity, ActivationKind.Silu, ActivationKind.Relu, ActivationKind.Relu6 })
            {
                // Below, at, between and above the lanes of all vectors.
                foreach (int channels in new[] { 1, 3, 4, 7, 8, 13, 16, 24, 33, 40 }) data.Add(kind, channels);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Values_gradients_and_statistics_are_those_of_libtorch(ActivationKind kind, int channels)
    {
        using var scope = NewDisposeScope();
        var x = Random([3, channels, 5, 7], 1, 3);
        var dy = Random([3, channels, 5, 7], 2);
        var (gamma, beta) = (Random([channels], 3).Plus(1.5), Random([channels], 4));
        var own = Run(x, dy, gamma, beta, kind, group: null);

        var wideX = x.to(ScalarType.Float64).requires_grad_();
        var wideGamma = gamma.to(ScalarType.Float64).requires_grad_();
        var wideBeta = beta.to(ScalarType.Float64).requires_grad_();
        var (means, variances) = (zeros(channels, ScalarType.Float64), ones(channels, ScalarType.Float64));
        var expected = Apply(kind,
            nn.functional.batch_norm(wideX, means, variances, wideGamma, wideBeta, training: true, momentum: Momentum, eps: Epsilon));
        expected.backward([dy.to(ScalarType.Float64)]);

        AssertClose(expected.detach(), own.Y, 2e-6);
        AssertClose(wideX.grad!, own.X, 1e-5);
        AssertClose(wideGamma.grad!, own.Gamma, 1e-5);
        AssertClose(wideBeta.grad!, own.Beta, 1e-5);
        // The means are small against the spread, to which the rounding is proportional.
        AssertClose(means, own.Means, 1e-5);
        AssertClose(variances, own.Variances, 1e-5);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void With_fixed_statistics_values_and_gradients_are_those_of_libtorch(ActivationKind kind, int channels)
    {
        using var scope = NewDisposeScope();
        // More rows than a piece has.
        long[] shape = [5, channels, 60, 70];
        Tensor x = Random(shape, 1, 3), dy = Random(shape, 2);
        var (gamma, beta) = (Random([channels], 3).Plus(1.5), Random([channels], 4));
        var (means, variances) = (Random([channels], 5), Random([channels], 6).Squared().Plus(0.5));
        var (meansBefore, variancesBefore) = (means.clone(), variances.clone());

        var operands = new BatchNormOperands(gamma, beta, means, variances, Epsilon, Momentum, kind, Group: null) { IsFixed = true };
        using var function = BatchNormFunction.Forward(x, operands, out var y);
        var (dGamma, dBeta) = (zeros(channels), zeros(channels));
        var dx = Maps.Writable(dy.alias(), isOwn: false);
        function.Backward(dx, dGamma, dBeta);

        var wideX = x.to(ScalarType.Float64).requires_grad_();
        var wideGamma = gamma.to(ScalarType.Float64).requires_grad_();
        var wideBeta = beta.to(ScalarType.Float64).requires_grad_();
        var expected = Apply(kind, nn.functional.batch_norm(
            wideX, means.to(ScalarType.Float64), variances.to(ScalarType.Float64), wideGamma, wideBeta, training: false, eps: Epsilon));
        expected.backward([dy.to(ScalarType.Float64)]);
        AssertClose(expected.detach(), y, 2e-6);
        AssertClose(wideX.grad!, dx, 1e-5);
        // Sums of 21,000 values that nearly cancel.
        AssertClose(wideGamma.grad!, dGamma, 1e-4);
        AssertClose(wideBeta.grad!, dBeta, 1e-4);
        AssertClose(meansBefore, means, 0);
        AssertClose(variancesBefore, variances, 0);
    }

    [Fact]
    public void Means_that_are_large_against_their_spread_do_not_spoil_the_variance()
    {
        using var scope = NewDisposeScope();
        var x = Random([4, 16, 33, 31], 1).Plus(3000);
        var own = Run(x, Random([4, 16, 33, 31], 2), ones(16), zeros(16), ActivationKind.Identity, group: null);

        var wide = x.to(ScalarType.Float64);
        var expected = nn.functional.batch_norm(wide, zeros(16, ScalarType.Float64), ones(16, ScalarType.Float64), training: true,
            momentum: Momentum, eps: Epsilon);

        // The 3000 themselves are held to 1e-4.
        AssertClose(expected, own.Y, 3e-4);
    }

    [Fact]
    public void Gradients_are_those_of_finite_differences()
    {
        using var scope = NewDisposeScope();
        var x = Random([2, 5, 3, 3], 1);
        var dy = Random([2, 5, 3, 3], 2);
        var (gamma, beta) = (Random([5], 3).Plus(1), Random([5], 4));
        var own = Run(x, dy, gamma, beta, ActivationKind.Silu, group: null);
        const float step = 1e-2f;
        for (int at = 0; at < 90; at += 7)
        {
            double up = Loss(at, step), down = Loss(at, -step);
            Assert.Equal((up - down) / (2 * step), own.X.flatten()[at].Number(), 5e-3);
        }

        double Loss(int at, float change)
        {
            var moved = x.clone();
            moved.view(-1)[at].add_(Scalars.Of(change), Scalars.One);
            return Run(moved, dy, gamma, beta, ActivationKind.Silu, group: null).Y.mul(dy).sum().Number();
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void On_several_ranks_it_is_that_of_one(int ranks)
    {
        using var scope = NewDisposeScope();
        // Ranks have unequal parts, as a batch that does not divide gives.
        const int rows = 7, channels = 20;
        var x = Random([rows, channels, 4, 5], 1, 2);
        var dy = Random([rows, channels, 4, 5], 2);
        var (gamma, beta) = (Random([channels], 3).Plus(1), Random([channels], 4));
        var whole = Run(x, dy, gamma, beta, ActivationKind.Silu, group: null);
        var parts = new Found[ranks];

        ThreadGroup.Run(ranks, group =>
        {
            using var ranksOwn = NewDisposeScope();
            int first = rows * group.Rank / ranks, count = (rows * (group.Rank + 1) / ranks) - first;
            var part = Run(x.narrow(0, first, count), dy.narrow(0, first, count), gamma, beta, ActivationKind.Silu, group);
            ranksOwn.Detach(part.Y, part.X, part.Gamma, part.Beta, part.Means, part.Variances);
            parts[group.Rank] = part;
        });

        AssertClose(whole.Y, cat([.. parts.Select(part => part.Y)]), 1e-5);
        AssertClose(whole.X, cat([.. parts.Select(part => part.X)]), 1e-5);
        AssertClose(whole.Gamma, parts.Select(part => part.Gamma).Aggregate((a, b) => a.Plus(b)), 1e-5);
        AssertClose(whole.Beta, parts.Select(part => part.Beta).Aggregate((a, b) => a.Plus(b)), 1e-5);
        foreach (var part in parts) AssertClose(whole.Variances, part.Variances, 1e-5);
    }

    private static Found Run(Tensor x, Tensor dy, Tensor gamma, Tensor beta, ActivationKind kind, IProcessGroup? group)
    {
        int channels = (int)x.shape[1];
        var (means, variances) = (zeros(channels), ones(channels));
        using var function = BatchNormFunction.Forward(x,
            new BatchNormOperands(gamma, beta, means, variances, Epsilon, Momentum, kind, group), out var y);
        var (dGamma, dBeta) = (zeros(channels), zeros(channels));
        var dx = Maps.Writable(dy.alias(), isOwn: false);
        function.Backward(dx, dGamma, dBeta);
        return new Found(y.clone(), dx, dGamma, dBeta, means, variances);
    }

    private static Tensor Apply(ActivationKind kind, Tensor x) => kind switch
    {
        ActivationKind.Silu => x.silu(),
        ActivationKind.Relu => x.relu(),
        ActivationKind.Relu6 => x.relu6(),
        _ => x,
    };

    internal static Tensor Random(long[] shape, ulong seed, double scale = 1)
    {
        var random = new SeededRandom(seed);
        var values = new float[shape.Aggregate((a, b) => a * b)];
        for (int i = 0; i < values.Length; i++) values[i] = (float)(scale * random.NextGaussian());
        return tensor(values, shape);
    }

    internal static void AssertClose(Tensor expected, Tensor actual, double tolerance)
    {
        var wide = expected.to(ScalarType.Float64);
        double largest = Math.Max(1e-3, wide.abs().max().Number());
        Assert.Equal(expected.shape, actual.shape);
        Assert.InRange((wide - actual.to(ScalarType.Float64)).abs().max().Number() / largest, 0, tolerance);
    }

    private sealed record Found(Tensor Y, Tensor X, Tensor Gamma, Tensor Beta, Tensor Means, Tensor Variances);
}
