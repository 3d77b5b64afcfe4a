using EfficientNetSharp.Models;

namespace EfficientNetSharp.Graphs.Transforms;

/// <summary>
/// A quantized network's twin in floats: the same layers with the numbers that the weights' integers stand for, nothing rounded between
/// them. What it computes otherwise than the quantized one is the rounding of values alone.
/// </summary>
public static class DequantizeTransform
{
    /// <summary>Makes the twin; a network of floats is returned as it is.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="weights">Its weights; they are not changed.</param>
    /// <returns>A graph whose kept nodes have their old names, without converters, and its weights.</returns>
    public static (Graph Graph, WeightSet Weights) Apply(Graph graph, WeightSet weights)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(weights);
        if (graph.Quantization is null) return (graph, weights);
        var builder = new GraphBuilder(graph.Input.Shape, graph.Input.Name);
        var nodes = new Node[graph.Nodes.Length];
        nodes[0] = builder.Last;
        foreach (var node in graph.Nodes.Skip(1))
        {
            builder.Place = node.Place;
            // A converter that is a result stays one, as a graph yields a value once.
            bool isConverter = node.Operator is Activation { Kind: ActivationKind.Identity } && !graph.Outputs.Contains(node);
            nodes[node.Index] = isConverter ? nodes[node.Inputs[0]]
                : builder.Append(node.Name, node.Operator, [.. node.Inputs.Select(input => nodes[input])]);
        }

        return (builder.Build([.. graph.Outputs.Select(output => nodes[output.Index])]),
            new WeightSet(weights.Select(pair => KeyValuePair.Create(
                pair.Key, pair.Value.Integers is null ? pair.Value : new WeightTensor(pair.Value.Shape, pair.Value.Values)))));
    }
}
