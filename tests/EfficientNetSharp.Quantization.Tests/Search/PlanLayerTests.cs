using EfficientNetSharp.Architectures;
using EfficientNetSharp.Costs;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Transforms;
using EfficientNetSharp.Models;
using EfficientNetSharp.Quantization.Search;
using EfficientNetSharp.Testing.Networks;

namespace EfficientNetSharp.Quantization.Tests.Search;

public sealed class PlanLayerTests
{
    [Fact]
    public void A_block_is_its_convolutions_with_their_functions_its_squeeze_excite_and_its_sum()
    {
        var graph = ArchitectureRegistry.Get("efficientnet_b0").Build();
        (graph, _) = InferenceTransform.Apply(graph, WeightInitializer.Initialize(graph, seed: 0));
        var layers = PlanLayer.Of(graph);
        // 16 blocks: the first without expansion; nine with a sum. Stem, head, and the pooled classifier's mean and layer.
        Assert.Equal(15 + 16 + 16 + 16 + 9 + 1 + 1 + 1 + 1, layers.Length);
        var squeeze = layers.Where(layer => layer.Nodes.Any(node => node.Operator is Gate)).ToList();
        Assert.Equal(16, squeeze.Count);
        Assert.All(squeeze, layer => Assert.Equal(
            ["GlobalAveragePool", "Convolution", "Activation", "Convolution", "Activation", "Gate"],
            layer.Nodes.Select(node => node.Operator.GetType().Name)));
        Assert.Contains(graph.Input, layers[0].Nodes);
        Assert.Contains(graph.Nodes, node => node.Operator is Activation { Kind: ActivationKind.Silu } && layers[0].Nodes.Contains(node));
    }

    [Fact]
    public void Each_node_of_any_network_is_in_one_layer_and_nothing_is_counted_twice()
    {
        for (int seed = 0; seed < 500; seed++)
        {
            var graph = RandomNetwork.Build(seed);
            var layers = PlanLayer.Of(graph);
            Assert.Equal(graph.Nodes.Select(node => node.Index), layers.SelectMany(layer => layer.Nodes).Select(node => node.Index).Order());
            Assert.Equal(layers.Length, layers.Select(layer => layer.Name).Distinct().Count());
            Assert.Equal(GraphCosts.Of(graph).Macs, layers.Sum(layer => layer.Macs));
        }
    }
}
