using EfficientNetSharp.Randomness;
using EfficientNetSharp.Training.Optimizers;
using TorchSharp;
using TorchSharp.Modules;

namespace EfficientNetSharp.Training.Tests.Optimizers;

/// <summary>Our optimizers against libtorch's, step by step on the same gradients.</summary>
public sealed class OptimizerTests
{
    // Not a multiple of any vector width, so that remainders are met on both sides of the decayed prefix.
    private const int Count = 77, Decayed = 45;

    [Fact]
    public void AdamW_follows_torch() => Compare(
        new EfficientNetSharp.Training.Optimizers.AdamW(Count), 0.05,
        (decayed, rest) => torch.optim.AdamW([AdamGroup(decayed, 0.05), AdamGroup(rest, 0)], lr: 1e-2));

    [Fact]
    public void Sgd_with_nesterov_momentum_follows_torch() => Compare(
        new SgdNesterov(Count), 1e-2,
        (decayed, rest) => torch.optim.SGD([SgdGroup(decayed, 1e-2), SgdGroup(rest, 0)], 1e-2));

    private static void Compare(IOptimizer ours, double decay, Func<Parameter[], Parameter[], torch.optim.Optimizer> makeTheirs)
    {
        var random = new SeededRandom(7);
        var values = Draw(ref random);
        var decayed = new Parameter(torch.tensor(values[..Decayed]));
        var rest = new Parameter(torch.tensor(values[Decayed..]));
        using var theirs = makeTheirs([decayed], [rest]);
        for (int step = 0; step < 25; step++)
        {
            var gradients = Draw(ref random);
            decayed.grad = torch.tensor(gradients[..Decayed]);
            rest.grad = torch.tensor(gradients[Decayed..]);
            theirs.step();
            ours.Step(values, gradients, ParameterGroups.Split(Count, Decayed, decay), 1e-2, step);
            float[] expected = [.. decayed.data<float>(), .. rest.data<float>()];
            for (int i = 0; i < Count; i++) Assert.Equal(expected[i], values[i], 1e-5f);
        }
    }

    private static float[] Draw(ref SeededRandom random)
    {
        var values = new float[Count];
        for (int i = 0; i < Count; i++) values[i] = (float)random.NextGaussian();
        return values;
    }

    private static TorchSharp.Modules.AdamW.ParamGroup AdamGroup(Parameter[] parameters, double decay) =>
        new(parameters, new TorchSharp.Modules.AdamW.Options { weight_decay = decay, beta1 = 0.9, beta2 = 0.999, eps = 1e-8 });

    private static SGD.ParamGroup SgdGroup(Parameter[] parameters, double decay) =>
        new(parameters, new SGD.Options { weight_decay = decay, momentum = 0.9, nesterov = true });
}
