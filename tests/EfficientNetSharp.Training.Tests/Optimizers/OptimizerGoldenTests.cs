using System.Text.Json;
using EfficientNetSharp.Training.Optimizers;

namespace EfficientNetSharp.Training.Tests.Optimizers;

/// <summary>Twenty steps against torch.optim, and against TensorFlow's RMSProp and LAMB written out in NumPy.</summary>
public sealed class OptimizerGoldenTests
{
    [Fact]
    public void AdamW() => Follow("adamw", count => new AdamW(count), 0.05);

    [Fact]
    public void Sgd_with_nesterov_momentum() => Follow("sgd", count => new SgdNesterov(count), 0.01);

    [Fact]
    public void RmsProp_as_TensorFlow_has_it() => Follow("rmsprop_tf", count => new RmsPropTf(count), 0.01);

    [Fact]
    public void Lamb_scales_each_tensor_by_its_own_ratio() => Follow("lamb", count => new Lamb(count), 0.02);

    [Fact]
    public void A_falling_rate_does_not_shrink_RmsProps_momentum()
    {
        // With the rate outside the buffer, as in torch, a rate of zero would stop the weight at once.
        float[] value = [0], gradient = [1];
        var optimizer = new RmsPropTf(1);
        var group = new ParameterGroups([new(0, 1, 0)]);
        optimizer.Step(value, gradient, group, 0.1, 0);
        float after = value[0];
        optimizer.Step(value, gradient, group, 0, 1);
        Assert.Equal(after * 1.9f, value[0], 1e-5f);
    }

    [Fact]
    public void What_no_group_covers_stays_and_scaled_groups_move_less()
    {
        float[] values = new float[30], gradients = [.. Enumerable.Repeat(1f, 30)];
        var groups = new ParameterGroups([new(0, 10, 0), new(20, 10, 0, RateScale: 0.25)]);
        new SgdNesterov(30).Step(values, gradients, groups, 0.1, 0);
        Assert.All(values[10..20], value => Assert.Equal(0, value));
        Assert.All(values[20..], value => Assert.Equal(0.25f * values[0], value, 1e-6f));
    }

    private static void Follow(string name, Func<int, IOptimizer> make, double decay)
    {
        float[] values = RecipeGoldens.Numbers("start");
        var optimizer = make(values.Length);
        var groups = new ParameterGroups([new(0, 36, decay), new(36, 20, decay), new(56, 7, 0)]);
        var shown = RecipeGoldens.Get("steps").EnumerateArray().Select(step => step.GetInt32()).ToList();
        var expected = RecipeGoldens.Get(name).EnumerateArray().ToList();
        double rate = RecipeGoldens.Get("rate").GetDouble();
        int step = 0;
        foreach (JsonElement gradients in RecipeGoldens.Get("gradients").EnumerateArray())
        {
            optimizer.Step(values, RecipeGoldens.Numbers(gradients), groups, rate, step);
            if (shown.IndexOf(step) is var place and >= 0)
            {
                float[] golden = RecipeGoldens.Numbers(expected[place]);
                for (int i = 0; i < values.Length; i++) Assert.Equal(golden[i], values[i], 2e-5f);
            }

            step++;
        }
    }
}
