using System.Collections.Immutable;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Costs;

/// <summary>What one node costs for one image.</summary>
/// <param name="Node">The node.</param>
/// <param name="Parameters">Trainable values that it holds.</param>
/// <param name="Macs">Multiply-adds.</param>
public sealed record NodeCost(Node Node, long Parameters, long Macs);

/// <summary>What a network costs for one image.</summary>
public sealed record GraphCosts
{
    private GraphCosts(ImmutableArray<NodeCost> nodes) => Nodes = nodes;

    /// <summary>The cost of each node, in the graph's order.</summary>
    public ImmutableArray<NodeCost> Nodes { get; }

    /// <summary>Trainable values; running statistics are not among them (Keras counts those too).</summary>
    public long Parameters => Nodes.Sum(node => node.Parameters);

    /// <summary>Multiply-adds of convolutions and linear layers, the paper's FLOPs.</summary>
    public long Macs => Nodes.Sum(node => node.Macs);

    /// <summary>Counts a graph.</summary>
    public static GraphCosts Of(Graph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        return new GraphCosts([.. graph.Nodes.Select(node => new NodeCost(
            node,
            node.Parameters.Where(parameter => parameter.IsTrainable).Sum(parameter => parameter.Count),
            node.Operator.Accept(MultiplyAdds.Instance, (graph, node))))]);
    }
}
