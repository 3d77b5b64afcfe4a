using EfficientNetSharp.Training.Gradients;
using EfficientNetSharp.Training.Optimizers;

namespace EfficientNetSharp.Training.Tests.Gradients;

public sealed class GradientClipperTests
{
    // The golden vectors' three tensors: a kernel of 6 units, a matrix of 4, a vector, which is one unit.
    private static readonly ParameterGroups Units = new([new(0, 36, 0, 1, 6), new(36, 20, 0, 1, 5), new(56, 7, 0)]);

    [Fact]
    public void By_norm_as_torch() => Compare(new ClippingOptions { Norm = 1.5 }, "start", "clip_norm");

    [Fact]
    public void By_value_as_torch() => Compare(new ClippingOptions { Value = 0.3 }, "start", "clip_value");

    [Fact]
    public void Adaptive_by_unit_as_timm() => Compare(new ClippingOptions { Adaptive = 0.01 }, "clip_adaptive_start", "clip_adaptive");

    [Fact]
    public void A_length_within_the_limit_is_left_alone()
    {
        float[] gradients = [0.3f, 0.4f];
        new GradientClipper(new ClippingOptions { Norm = 0.5 }).Apply(gradients, [1, 1], Units, 0.5);
        Assert.Equal([0.3f, 0.4f], gradients);
    }

    private static void Compare(ClippingOptions options, string start, string golden)
    {
        float[] gradients = RecipeGoldens.Numbers(RecipeGoldens.Get("gradients")[0]), expected = RecipeGoldens.Numbers(golden);
        double norm = Math.Sqrt(gradients.Sum(gradient => (double)gradient * gradient));
        new GradientClipper(options).Apply(gradients, RecipeGoldens.Numbers(start), Units, norm);
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], gradients[i], 1e-6f);
    }
}
