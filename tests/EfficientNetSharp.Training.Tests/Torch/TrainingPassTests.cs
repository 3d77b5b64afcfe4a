using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Randomness;
using EfficientNetSharp.Training.Torch;
using EfficientNetSharp.Training.Torch.Functions;
using TorchSharp;
using static TorchSharp.torch;

namespace EfficientNetSharp.Training.Tests.Torch;

/// <summary>The pass with kernels of its own against libtorch's autograd over the same graph.</summary>
public sealed class TrainingPassTests
{
    [Theory]
    [InlineData("efficientnet_b0", 45, 3, false)]
    [InlineData("tf_efficientnet_b0", 40, 2, false)]
    [InlineData("efficientnet_lite0", 64, 2, false)]
    [InlineData("mobilenet_v3_small", 40, 2, false)]
    [InlineData("resnet18", 96, 2, false)]
    [InlineData("mobilefacenet", 112, 5, false)]
    [InlineData("efficientnet_b0", 45, 3, true)]
    [InlineData("tf_efficientnetv2_b0", 64, 4, true)]
    [InlineData("efficientnet_lite0", 64, 2, true)]
    [InlineData("mobilenet_v3_small", 40, 2, true)]
    [InlineData("resnet18", 96, 2, true)]
    [InlineData("mobilefacenet", 112, 5, true)]
    public void Output_gradients_and_statistics_are_those_of_autograd(string architecture, int resolution, int batch, bool isFixed)
    {
        var options = new ModuleOptions { FixedStatistics = isFixed };
        var graph = ArchitectureRegistry.Get(architecture)
            .Build(new BuildOptions { Height = resolution, Width = resolution, Classes = 5, StochasticDepth = 0.3 });
        // With some weights rounding takes a value over the kink of a ReLU6 or PReLU, where gradients part by more.
        var weights = WeightInitializer.Initialize(graph, seed: architecture == "mobilefacenet" ? 1UL : 3);
        using var scope = NewDisposeScope();
        var images = Images(graph, batch);
        using var own = new GraphModule(graph, weights, options);
        using var reference = new GraphModule(graph, weights, options);

        var (ownOutput, _) = Own(own, images);
        var expected = reference.Forward(images, new TrainingNoise(1, 0));
        nn.functional.cross_entropy(expected, TensorArithmetic.Range(batch)).backward();

        Assert.True(Distance(expected.detach().contiguous(), ownOutput) < 1e-4);
        Assert.True(Distance(reference.Parameters.Gradients, own.Parameters.Gradients) < 1e-3);
        Assert.True(Distance(reference.Parameters.Statistics, own.Parameters.Statistics) < 1e-4);
    }

    [Fact]
    public void What_is_frozen_has_no_gradient_and_the_rest_has_that_of_autograd()
    {
        var graph = ArchitectureRegistry.Get("efficientnet_b0").Build(new BuildOptions { Height = 64, Width = 64, Classes = 5 });
        var frozen = graph.Nodes.Take(graph.Nodes.Length / 2).Select(node => node.Name);
        var options = new ModuleOptions { Frozen = [.. frozen] };
        var weights = WeightInitializer.Initialize(graph, 3);
        using var scope = NewDisposeScope();
        var images = Images(graph, 2);
        using var own = new GraphModule(graph, weights, options);
        using var reference = new GraphModule(graph, weights, options);

        Own(own, images);
        nn.functional.cross_entropy(reference.Forward(images, new TrainingNoise(1, 0)), TensorArithmetic.Range(2)).backward();

        Assert.True(Distance(reference.Parameters.Gradients, own.Parameters.Gradients) < 1e-3);
    }

    [Fact]
    public void A_second_pass_adds_to_the_gradients()
    {
        var graph = ArchitectureRegistry.Get("efficientnet_b0")
            .Build(new BuildOptions { Height = 32, Width = 32, Classes = 5, Dropout = 0, StochasticDepth = 0 });
        using var scope = NewDisposeScope();
        var images = Images(graph, 2);
        using var module = new GraphModule(graph, WeightInitializer.Initialize(graph, 3));
        Own(module, images);
        var once = module.Parameters.Gradients.clone();

        Own(module, images);

        Assert.True(Distance(once.Times(2), module.Parameters.Gradients) < 1e-5);
    }

    [Fact]
    public void The_same_pass_gives_the_same_bits()
    {
        var graph = ArchitectureRegistry.Get("efficientnet_b0").Build(new BuildOptions { Height = 64, Width = 64, Classes = 5 });
        using var scope = NewDisposeScope();
        var images = Images(graph, 4);
        using var first = new GraphModule(graph, WeightInitializer.Initialize(graph, 3));
        using var second = new GraphModule(graph, WeightInitializer.Initialize(graph, 3));

        Own(first, images);
        Own(second, images);

        Assert.Equal(TensorMemory.SpanOf(first.Parameters.Gradients).ToArray(), TensorMemory.SpanOf(second.Parameters.Gradients).ToArray());
    }

    [Fact]
    public void Nodes_are_done_from_the_last_to_the_first_with_their_gradients_complete()
    {
        var graph = ArchitectureRegistry.Get("efficientnet_b0").Build(new BuildOptions { Height = 32, Width = 32, Classes = 5 });
        using var scope = NewDisposeScope();
        using var module = new GraphModule(graph, WeightInitializer.Initialize(graph, 3));
        var seen = new List<int>();
        var atTheTime = new Dictionary<string, float[]>();
        using var pass = module.Train(Images(graph, 2), new TrainingNoise(1, 0));
        nn.functional.cross_entropy(pass.Output, TensorArithmetic.Range(2)).backward();
        pass.NodeDone = node =>
        {
            seen.Add(node);
            foreach (var parameter in graph.Nodes[node].Parameters.Where(parameter => parameter.IsTrainable)) atTheTime[parameter.Name] =
                GradientOf(module, parameter);
        };

        pass.Backward();

        Assert.Equal(seen.OrderDescending(), seen);
        foreach (var (parameter, _) in module.Parameters.Trained) Assert.Equal(GradientOf(module, parameter), atTheTime[parameter.Name]);
    }

    [Fact]
    public void Later_passes_leave_no_more_tensors_than_earlier_ones()
    {
        var graph = ArchitectureRegistry.Get("efficientnet_b0").Build(new BuildOptions { Height = 32, Width = 32, Classes = 5 });
        using var module = new GraphModule(graph, WeightInitializer.Initialize(graph, 3));
        Pass();
        // Of this thread alone: other tests make tensors at the same time.
        long before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;

        for (int i = 0; i < 3; i++) Pass();

        Assert.Equal(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);

        void Pass()
        {
            using var scope = NewDisposeScope();
            Own(module, Images(graph, 2));
        }
    }

    private static (Tensor Output, double Loss) Own(GraphModule module, Tensor images)
    {
        using var pass = module.Train(images, new TrainingNoise(1, 0));
        var loss = nn.functional.cross_entropy(pass.Output, TensorArithmetic.Range(images.shape[0]));
        loss.backward();
        pass.Backward();
        return (pass.Output.detach().clone(), loss.Number());
    }

    private static float[] GradientOf(GraphModule module, Parameter parameter)
    {
        long offset = module.Parameters.Trained.First(entry => entry.Parameter.Name == parameter.Name).Offset;
        return TensorMemory.SpanOf(module.Parameters.Gradients).Slice((int)offset, (int)parameter.Count).ToArray();
    }

    private static Tensor Images(Graph graph, int count)
    {
        var random = new SeededRandom(7);
        var values = new float[count * graph.Input.Shape.Count];
        for (int i = 0; i < values.Length; i++) values[i] = (float)random.NextGaussian();
        return tensor(values, count, graph.Input.Shape.Channels, graph.Input.Shape.Height, graph.Input.Shape.Width);
    }

    private static double Distance(Tensor expected, Tensor actual)
    {
        using var difference = (expected - actual).norm();
        using var norm = expected.norm();
        return difference.Number() / norm.Number();
    }
}
