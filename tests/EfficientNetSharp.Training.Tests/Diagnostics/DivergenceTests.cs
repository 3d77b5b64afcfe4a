using EfficientNetSharp.Models;
using EfficientNetSharp.Training.Steps;
using EfficientNetSharp.Training.Tasks;

namespace EfficientNetSharp.Training.Tests.Diagnostics;

/// <summary>A run that goes wrong says where.</summary>
public sealed class DivergenceTests
{
    [Theory]
    [InlineData("stages.1.0.expand.conv.weight", "stages.1.0.expand.conv")]
    [InlineData("head.norm.bias", "head.norm")]
    public void The_first_layer_that_is_not_finite_is_named(string spoiled, string layer)
    {
        string message = Diverge(weights => weights[spoiled].Values[0] = float.NaN);
        Assert.Contains("step 3", message, StringComparison.Ordinal);
        Assert.Contains($"'{layer}'", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void An_image_that_is_not_finite_is_named_as_the_input() =>
        Assert.Contains("'input'", Diverge(_ => { }, pixel: float.PositiveInfinity), StringComparison.Ordinal);

    [Fact]
    public void A_gradient_that_overflows_names_its_layer()
    {
        // A scale of 1e38 on logits that are all zero: the loss is ln 3, the gradient of what comes before is infinite.
        string message = Diverge(weights =>
        {
            weights["classifier.weight"].Values.AsSpan().Clear();
            weights["classifier.weight"].Values[0] = 3e38f;
            weights["classifier.weight"].Values[1] = -3e38f;
            weights["head.norm.weight"].Values.AsSpan().Clear();
            weights["head.norm.bias"].Values.AsSpan().Clear();
        });
        Assert.Contains("gradients", message, StringComparison.Ordinal);
        Assert.Contains("step 3", message, StringComparison.Ordinal);
    }

    private static string Diverge(Action<WeightSet> spoil, float pixel = 0.5f)
    {
        var weights = WeightInitializer.Initialize(SmallJobs.Tiny.Build(new Architectures.BuildOptions { Classes = 3 }), 1);
        spoil(weights);
        var job = SmallJobs.In("unused") with
        {
            StartWeights = weights,
            Recipe = SmallJobs.Recipe with { Dropout = 0, StochasticDepth = 0 },
        };
        using var session = new TrainingSession(job, stepsPerEpoch: 2);
        session.Enter(EpochPlan.Of(job.Recipe, job.Preprocessing, 0));
        var images = new float[4 * 3 * 24 * 24];
        for (int i = 0; i < images.Length; i++) images[i] = MathF.Sin(i);
        images[7] = pixel;
        return Assert.Throws<InvalidInputException>(
            () => session.Step(new TrainingBatch { Images = images, Labels = [0, 1, 2, 0] }, new BatchShare(4, 4, Stops: false),
            step: 3)).Message;
    }
}
