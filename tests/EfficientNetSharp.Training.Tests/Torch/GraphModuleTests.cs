using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Randomness;
using EfficientNetSharp.Training.Torch;
using EfficientNetSharp.Training.Torch.Functions;
using TorchSharp;
using static TorchSharp.torch;

namespace EfficientNetSharp.Training.Tests.Torch;

public sealed class GraphModuleTests
{
    [Theory]
    [InlineData("efficientnet_b0")]
    [InlineData("tf_efficientnet_b0")]
    public void Layout_of_maps_changes_neither_outputs_nor_gradients(string name)
    {
        var graph = ArchitectureRegistry.Get(name).Build(new BuildOptions { Height = 66, Width = 81, Classes = 7 });
        var weights = WeightInitializer.Initialize(graph, 3);
        using var inner = new GraphModule(graph, weights);
        using var outer = new GraphModule(graph, weights, new ModuleOptions { ChannelsLast = false });
        using var scope = NewDisposeScope();
        var images = Images(graph, 4);
        var (loss, gradients) = Step(inner, images);
        var (plainLoss, plainGradients) = Step(outer, images);
        Assert.Equal(plainLoss, loss, 1e-4f);
        Assert.True(Distance(plainGradients, gradients) < 1e-3, $"gradients differ by {Distance(plainGradients, gradients)}");
        Assert.True(Distance([.. TensorMemory.SpanOf(outer.Parameters.Statistics)],
            [.. TensorMemory.SpanOf(inner.Parameters.Statistics)]) < 1e-5);
    }

    [Fact]
    public void A_step_leaves_no_tensor_behind()
    {
        TorchRuntime.Prepare();
        var graph = ArchitectureRegistry.Get("tf_efficientnet_b0").Build(new BuildOptions { Height = 64, Width = 64, Classes = 7 });
        using var module = new GraphModule(graph, WeightInitializer.Initialize(graph, 3));
        long[] alive = new long[4];
        for (int step = 0; step < alive.Length; step++)
        {
            using (NewDisposeScope())
            {
                var images = Images(graph, 2);
                Step(module, images);
            }

            // Outside of any scope nothing may remain but what the module owns. Counted for this thread: other tests run beside.
            alive[step] = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        }

        Assert.All(alive, count => Assert.Equal(alive[0], count));
    }

    [Fact]
    public void Noise_depends_on_seed_step_and_node_alone()
    {
        var noise = new TrainingNoise(5, 9);
        Assert.Equal(noise.KeepFactors(3, 50, 1, 0.4), new TrainingNoise(5, 9).KeepFactors(3, 50, 1, 0.4));
        Assert.NotEqual(noise.KeepFactors(3, 50, 1, 0.4), noise.KeepFactors(4, 50, 1, 0.4));
        Assert.NotEqual(noise.KeepFactors(3, 50, 1, 0.4), new TrainingNoise(5, 10).KeepFactors(3, 50, 1, 0.4));
        var many = noise.KeepFactors(1, 200_000, 1, 0.2);
        // Factors are 0 or 1/(1 − 0.2); over 200,000 draws the mean's standard deviation is 0.0011.
        Assert.All(many, factor => Assert.True(factor is 0 or 1.25f));
        Assert.InRange(many.Average(), 0.994f, 1.006f);
    }

    [Fact]
    public void Runner_gives_what_the_unfolded_network_gives()
    {
        var graph = ArchitectureRegistry.Get("efficientnet_b0").Build(new BuildOptions { Height = 65, Width = 90, Classes = 7 });
        var weights = Scrambled(graph);
        using var module = new GraphModule(graph, weights);
        using var runner = new TorchRunner(graph, weights);
        using var scope = NewDisposeScope();
        using var inference = no_grad();
        var images = Images(graph, 3);
        var output = new float[3 * 7];
        runner.Run(TensorMemory.SpanOf(images), 3, output);
        Assert.True(Distance(module.Forward(images).data<float>().ToArray(), output) < 1e-5);
    }

    private static WeightSet Scrambled(Graph graph)
    {
        var weights = WeightInitializer.Initialize(graph, 3);
        var random = new SeededRandom(11);
        foreach (var parameter in graph.Parameters.Where(parameter => !parameter.IsKernel))
        {
            foreach (ref float value in weights[parameter].Values.AsSpan()) value += (float)random.NextDouble(-0.3, 0.3);
        }

        return weights;
    }

    private static Tensor Images(Graph graph, int count)
    {
        var random = new SeededRandom(1);
        var values = new float[count * graph.Input.Shape.Count];
        for (int i = 0; i < values.Length; i++) values[i] = (float)random.NextGaussian();
        return tensor(values, count, graph.Input.Shape.Channels, graph.Input.Shape.Height, graph.Input.Shape.Width);
    }

    private static (float Loss, float[] Gradients) Step(GraphModule module, Tensor images)
    {
        module.Parameters.Gradients.zero_();
        using var labels = TensorArithmetic.Range(images.shape[0]);
        using var logits = module.Forward(images, new TrainingNoise(1, 0));
        using var loss = nn.functional.cross_entropy(logits, labels);
        loss.backward();
        return ((float)loss.Number(), [.. TensorMemory.SpanOf(module.Parameters.Gradients)]);
    }

    private static double Distance(float[] expected, float[] actual)
    {
        double difference = 0, norm = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            difference += Math.Pow(expected[i] - actual[i], 2);
            norm += Math.Pow(expected[i], 2);
        }

        return Math.Sqrt(difference / norm);
    }
}
