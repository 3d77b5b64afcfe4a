using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Transforms;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Tests.Models;

/// <summary>Parts of a network, and the weights that they take from the whole's.</summary>
public sealed class FeatureGraphTests
{
    private static readonly Model Whole = Create("efficientnet_b0");

    [Fact]
    public void Maps_have_the_strides_that_were_asked_for_in_that_order()
    {
        var graph = Whole.BuildFeatureGraph([16, 4], 96, 160);
        // Channels of EfficientNet-B0's stages 5 and 3 (paper, Table 1).
        Assert.Equal([TensorShape.Map(112, 6, 10), TensorShape.Map(24, 24, 40)], graph.Outputs.Select(output => output.Shape));
        Assert.Equal(TensorShape.Vector(1280), Whole.BuildPooledGraph().Output.Shape);
        Assert.Equal(TensorShape.Vector(1024), Create("mobilenetv3_small_100").BuildPooledGraph().Output.Shape);
        Assert.Throws<InvalidInputException>(() => Whole.BuildFeatureGraph([64]));
        Assert.Throws<ArgumentException>(() => Whole.BuildFeatureGraph([]));
    }

    [Fact]
    public void A_part_takes_its_own_weights_from_the_whole()
    {
        var part = Whole.BuildFeatureGraph([8]);
        Assert.Throws<InvalidInputException>(() => Whole.Weights.EnsureFit(part));
        var weights = Whole.Weights.For(part);
        weights.EnsureFit(part);
        Assert.True(weights.Count < Whole.Weights.Count);
        Assert.All(weights, pair => Assert.Same(Whole.Weights[pair.Key], pair.Value));

        var other = Create("efficientnet_b1").BuildGraph();
        Assert.DoesNotContain('\n', Assert.Throws<InvalidInputException>(() => Whole.Weights.For(other)).Message);
    }

    [Fact]
    public void Outputs_are_nodes_of_the_graph_each_named_once()
    {
        var graph = Whole.BuildGraph();
        var inner = graph.Nodes[5];
        var part = graph.WithOutputs(graph.Nodes[9], inner);
        Assert.Equal(10, part.Nodes.Length);
        Assert.Equal([9, 5], part.Outputs.Select(output => output.Index));
        Assert.Throws<ArgumentException>(() => graph.WithOutputs());
        Assert.Throws<ArgumentException>(() => graph.WithOutputs(inner, inner));
        Assert.Throws<ArgumentException>(() => graph.WithOutputs(Create("efficientnet_b1").BuildGraph().Nodes[5]));
        Assert.Throws<ArgumentException>(() => part.WithOutputs(graph.Output));
    }

    // A value that is a result keeps its normalisation, one that is not may lose it.
    [Fact]
    public void A_convolution_that_is_a_result_is_not_folded()
    {
        var graph = Whole.BuildGraph();
        var norm = graph.Nodes.First(node => node.Operator is BatchNormalization);
        var convolution = graph.Nodes[norm.Inputs[0]];
        var part = graph.WithOutputs(convolution, norm);
        var (folded, weights) = InferenceTransform.Apply(part, Whole.Weights.For(part));
        weights.EnsureFit(folded);
        Assert.Equal([convolution.Name, norm.Name], folded.Outputs.Select(output => output.Name));
    }

    private static Model Create(string name)
    {
        var card = new ModelCard { Classes = ["a", "b"], Preprocessing = Preprocessing.ForSize(64) };
        var model = Model.Of(ArchitectureRegistry.Get(name), card, new WeightSet([]));
        return model with { Weights = WeightInitializer.Initialize(model.BuildGraph(), 1) };
    }
}
