using EfficientNetSharp.Graphs;
using EfficientNetSharp.Running;

namespace EfficientNetSharp.Tests.Running;

public sealed class RunnerComparisonTests
{
    [Fact]
    public void Noise_is_the_same_each_time_and_normal()
    {
        float[] noise = RunnerComparison.Noise(TensorShape.Map(3, 40, 30), 2);
        Assert.Equal(noise, RunnerComparison.Noise(TensorShape.Map(3, 40, 30), 2));
        Assert.NotEqual(noise, RunnerComparison.Noise(TensorShape.Map(3, 40, 30), 2, seed: 2));
        Assert.Equal(2 * 3 * 40 * 30, noise.Length);
        Assert.InRange(noise.Average(), -0.1f, 0.1f);
        Assert.InRange(noise.Average(value => value * value), 0.9f, 1.1f);
    }

    // ‖1.01·x − x‖ / ‖x‖ = 0.01, whatever x is.
    [Fact]
    public void Errors_are_relative_to_the_outputs_length()
    {
        var errors = RunnerComparison.RelativeErrors(new Scaling(1), new Scaling(1.01f));
        Assert.Equal(0.01, Assert.Single(errors), 1e-5);
        Assert.Equal([0.0], RunnerComparison.RelativeErrors(new Scaling(0), new Scaling(0)));
        Assert.True(double.IsNaN(RunnerComparison.RelativeErrors(new Scaling(1), new Scaling(float.NaN))[0]));
        Assert.Equal(double.PositiveInfinity, RunnerComparison.RelativeErrors(new Scaling(0), new Scaling(1))[0]);
    }

    [Fact]
    public void Networks_of_different_shapes_are_not_compared() =>
        Assert.Throws<ArgumentException>(
            () => RunnerComparison.RelativeErrors(new Scaling(1), new Scaling(1) { InputShape = TensorShape.Map(1, 2, 3) }));

    private sealed class Scaling(float factor) : IModelRunner
    {
        public string Backend => "scaling";

        public TensorShape InputShape { get; init; } = TensorShape.Map(1, 2, 2);

        public TensorShape OutputShape => TensorShape.Vector(4);

        public void Run(ReadOnlySpan<float> input, int batch, Span<float> output)
        {
            for (int i = 0; i < output.Length; i++) output[i] = factor * input[i];
        }

        public void Dispose()
        {
        }
    }
}
