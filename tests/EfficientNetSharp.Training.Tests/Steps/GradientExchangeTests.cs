using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Training.Steps;
using EfficientNetSharp.Training.Tests.Distributed;
using EfficientNetSharp.Training.Torch;
using EfficientNetSharp.Training.Torch.Functions;
using TorchSharp;

namespace EfficientNetSharp.Training.Tests.Steps;

/// <summary>Which stretches of the gradients are exchanged when.</summary>
public sealed class GradientExchangeTests
{
    [Fact]
    public void Every_gradient_is_added_up_once_and_kernels_from_the_last_to_the_first()
    {
        var graph = ArchitectureRegistry.Get("efficientnet_b0").Build(new BuildOptions { Height = 32, Width = 32 });
        var weights = WeightInitializer.Initialize(graph, 1);
        ThreadGroup.Run(2, group =>
        {
            using var parameters = new FlatParameters(graph, weights);
            parameters.Gradients.fill_(Scalars.Of(group.Rank + 1));
            var exchange = new GradientExchange(group, parameters, graph);

            for (int node = graph.Nodes.Length - 1; node > 0; node--) exchange.NodeDone(node);
            int early = group.Begun.Count;
            exchange.Finish();

            Assert.All(TensorMemory.SpanOf(parameters.Gradients).ToArray(), gradient => Assert.Equal(3, gradient));
            Assert.InRange(early, 2, group.Begun.Count - 1);
            Assert.Equal(parameters.Gradients.numel(), group.Begun.Sum(stretch => stretch.Count));
            var kernels = group.Begun.Take(early).Select(stretch => stretch.At).ToList();
            Assert.Equal(kernels.OrderDescending(), kernels);
        });
    }

    [Fact]
    public void A_stretch_waits_for_the_first_node_in_it()
    {
        var graph = ArchitectureRegistry.Get("efficientnet_b0").Build(new BuildOptions { Height = 32, Width = 32 });
        ThreadGroup.Run(1, group =>
        {
            using var parameters = new FlatParameters(graph, WeightInitializer.Initialize(graph, 1));
            var exchange = new GradientExchange(group, parameters, graph);
            // The classifier alone has 1.28 million weights, the first stretch therefore.
            int classifier = graph.Nodes.First(node => node.Name == "classifier").Index;

            exchange.NodeDone(classifier + 1);
            Assert.Empty(group.Begun);
            exchange.NodeDone(classifier);
            Assert.Single(group.Begun);
            exchange.NodeDone(classifier - 1);
            Assert.Single(group.Begun);
        });
    }

    [Fact]
    public void What_is_trained_beside_the_network_is_exchanged_too_and_waits_for_no_node()
    {
        var graph = ArchitectureRegistry.Get("efficientnet_b0").Build(new BuildOptions { Height = 32, Width = 32, Classes = 2 });
        var matrix = new Parameter("task.matrix", [1500, 1280], ParameterRole.LinearKernel);
        var weights = new WeightSet(
            WeightInitializer.Initialize(graph, 1)
            .Append(KeyValuePair.Create(matrix.Name, new WeightTensor(matrix.Shape, new float[matrix.Count]))));
        ThreadGroup.Run(1, group =>
        {
            using var parameters = new FlatParameters(graph, weights, extra: matrix);
            var exchange = new GradientExchange(group, parameters, graph);
            // Larger than a stretch, so that it makes one by itself.
            exchange.NodeDone(graph.Nodes.Length - 1);
            Assert.Equal((int)matrix.Count, Assert.Single(group.Begun).Count);
            exchange.Finish();
            Assert.Equal(parameters.Gradients.numel(), group.Begun.Sum(stretch => stretch.Count));
        });
    }

    [Fact]
    public void It_begins_anew_for_each_step()
    {
        var graph = ArchitectureRegistry.Get("efficientnet_b0").Build(new BuildOptions { Height = 32, Width = 32, Classes = 2 });
        ThreadGroup.Run(1, group =>
        {
            using var parameters = new FlatParameters(graph, WeightInitializer.Initialize(graph, 1));
            var exchange = new GradientExchange(group, parameters, graph);
            exchange.Finish();
            exchange.Finish();
            Assert.Equal(2 * exchange.Count, group.Begun.Count);
        });
    }
}
