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
        new EfficientNetSharp.Training.Optimizers.AdamW(Count, Decayed, 0.05),
        (decayed, rest) => torch.optim.AdamW([AdamGroup(decayed, 0.05), AdamGroup(rest, 0)], lr: 1e-2));

    [Fact]
    public void Sgd_with_nesterov_momentum_follows_torch() => Compare(
        new SgdNesterov(Count, Decayed, 1e-2),
        (decayed, rest) => torch.optim.SGD([SgdGroup(decayed, 1e-2), SgdGroup(rest, 0)], 1e-2));

    [Fact]
    public void Schedule_warms_up_linearly_then_falls_as_half_a_cosine()
    {
        var schedule = new LearningRateSchedule(0.4, 4, 105, 0.01);
        Assert.Equal(0.1, schedule.At(0), 12);
        Assert.Equal(0.4, schedule.At(3), 12);
        Assert.Equal(0.4, schedule.At(4), 12);
        Assert.Equal(0.4 * (0.01 + (0.99 * 0.5)), schedule.At(54), 12);
        Assert.Equal(0.004, schedule.At(104), 12);
        Assert.Equal(0.004, schedule.At(1000), 12);
    }

    [Fact]
    public void Average_of_constant_values_is_a_geometric_sum_with_warm_up()
    {
        var average = new ExponentialMovingAverage(0.5, new float[19], new float[3]);
        float[] ones = [.. Enumerable.Repeat(1f, 19)], twos = [2, 2, 2];
        double expected = 0;
        for (int n = 0; n < 12; n++)
        {
            average.Update(ones, twos, n);
            double decay = Math.Min(0.5, (1.0 + n) / (10.0 + n));
            expected = (decay * expected) + (1 - decay);
            Assert.All(average.Values, value => Assert.Equal(expected, value, 5));
            Assert.All(average.Statistics, value => Assert.Equal(2 * expected, value, 5));
        }

        Assert.Equal(0.1, average.DecayAt(0), 12);
        Assert.Equal(0.5, average.DecayAt(8), 12);
    }

    private static void Compare(IOptimizer ours, Func<Parameter[], Parameter[], torch.optim.Optimizer> makeTheirs)
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
            ours.Step(values, gradients, 1e-2, step);
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
