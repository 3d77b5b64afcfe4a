using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Testing;

namespace EfficientNetSharp.Inference.Tests;

/// <summary>What a runner takes, refuses and survives.</summary>
public sealed class EngineRunnerTests
{
    private static readonly Graph Network =
        ArchitectureRegistry.Get("efficientnet_b0").Scale(0.5, 0.5, 96).Build(new BuildOptions { Classes = 10 });

    private static readonly WeightSet Weights = SyntheticWeights.For(Network, gain: 4);

    [Fact]
    public void Results_are_the_same_bits_for_every_number_of_threads_and_of_images_side_by_side()
    {
        float[] input = SyntheticInput.Batch(Network.Input.Shape, 5), expected = Run(new PlanOptions { Threads = 1 }, input, 5);
        foreach (int threads in new[] { 1, 2, 3, 7 })
        foreach (int perPass in new[] { 1, 2, 8 })
            Assert.Equal(expected, Run(new PlanOptions { Threads = threads, ImagesPerPass = perPass }, input, 5));

        int length = (int)Network.Input.Shape.Count;
        for (int n = 0; n < 5; n++)
        {
            float[] image = input[(n * length)..((n + 1) * length)];
            Assert.Equal(expected[(n * 10)..((n + 1) * 10)], Run(new PlanOptions { Threads = 2 }, image, 1));
        }
    }

    [Fact]
    public void A_run_allocates_nothing()
    {
        float[] input = SyntheticInput.Batch(Network.Input.Shape, 2), output = new float[20];
        using var runner = EngineRunner.Create(Network, Weights, new PlanOptions { Threads = 2 });
        for (int i = 0; i < 40; i++) Once();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10; i++) Once();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Once() => ((IModelRunner)runner).Run(input, 2, output);
    }

    [Fact]
    public void NaN_in_one_image_reaches_its_row_and_no_other()
    {
        float[] input = SyntheticInput.Batch(Network.Input.Shape, 3);
        int length = (int)Network.Input.Shape.Count;
        foreach (var level in SimdLevels.Available)
        {
            float[] clean = Run(new PlanOptions { Level = level, ImagesPerPass = 3 }, input, 3), dirty = (float[])input.Clone();
            dirty[length + (length / 2)] = float.NaN;
            float[] output = Run(new PlanOptions { Level = level, ImagesPerPass = 3 }, dirty, 3);
            Assert.All(output[10..20], value => Assert.True(float.IsNaN(value)));
            Assert.Equal(clean[..10], output[..10]);
            Assert.Equal(clean[20..], output[20..]);
        }
    }

    [Fact]
    public void Lengths_and_batches_that_do_not_fit_are_named()
    {
        using var runner = EngineRunner.Create(Network, Weights, new PlanOptions { Threads = 1 });
        const int Image = 3 * 96 * 96;
        var error = Assert.Throws<ArgumentException>(() => ((IModelRunner)runner).Run(new float[Image], 2, new float[20]));
        Assert.Contains($"{2 * Image} values are expected for 2 images, found {Image}", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => ((IModelRunner)runner).Run(new float[Image], 1, new float[9]));
        Assert.Throws<ArgumentOutOfRangeException>(() => ((IModelRunner)runner).Run([], 0, []));
        Assert.Equal("engine", runner.Backend);
        Assert.Equal(Network.Input.Shape, runner.InputShape);
        Assert.Equal(Network.Output.Shape, runner.OutputShape);
        Assert.True(runner.Plan.PeakBytes > 0 && runner.Plan.WeightBytes > 0);
    }

    [Fact]
    public void A_run_that_is_called_off_says_so_and_the_next_one_is_whole()
    {
        using var runner = EngineRunner.Create(Network, Weights, new PlanOptions { Threads = 2 });
        float[] input = SyntheticInput.Batch(Network.Input.Shape, 1), output = new float[10];
        Assert.Throws<OperationCanceledException>(() => runner.Run(input, 1, output, new CancellationToken(canceled: true)));
        ((IModelRunner)runner).Run(input, 1, output);
        Assert.Equal(Run(new PlanOptions { Threads = 2 }, input, 1), output);
    }

    [Fact]
    public void A_disposed_runner_refuses()
    {
        var runner = EngineRunner.Create(Network, Weights, new PlanOptions { Threads = 2 });
        runner.Dispose();
        runner.Dispose();
        Assert.Throws<ObjectDisposedException>(() => ((IModelRunner)runner).Run(new float[3 * 96 * 96], 1, new float[10]));
    }

    [Fact]
    public void Options_weights_and_operators_that_do_not_fit_are_refused_when_the_plan_is_made()
    {
        Assert.Throws<InvalidInputException>(() => Plan.Create(Network, Weights, new PlanOptions { Threads = -1 }));
        Assert.Throws<InvalidInputException>(() => Plan.Create(Network, Weights, new PlanOptions { ImagesPerPass = 0 }));
        Assert.Throws<InvalidInputException>(() => Plan.Create(Network, Weights, new PlanOptions { Level = (SimdLevel)9 }));
        Assert.Throws<InvalidInputException>(() => Plan.Create(Network, new WeightSet([])));
    }

    [Fact]
    public void Memory_is_a_fraction_of_all_values_together()
    {
        var plan = Plan.Create(Network, Weights, new PlanOptions { Threads = 1 });
        long all = Network.Nodes.Sum(node => node.Shape.Count) * sizeof(float);
        Assert.InRange(plan.PeakBytes, 1, all / 4);
    }

    private static float[] Run(PlanOptions options, float[] input, int batch)
    {
        using var runner = EngineRunner.Create(Network, Weights, options);
        var output = new float[batch * 10];
        ((IModelRunner)runner).Run(input, batch, output);
        return output;
    }
}
