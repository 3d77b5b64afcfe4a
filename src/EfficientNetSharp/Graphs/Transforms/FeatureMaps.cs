using System.Collections.Immutable;

namespace EfficientNetSharp.Graphs.Transforms;

/// <summary>Finds the last map at each stride among the ends of stem and blocks.</summary>
internal static class FeatureMaps
{
    public static SortedDictionary<int, Node> Of(Graph graph)
    {
        // Pixels of the image to a position, along the path that steps most: a squeeze-excite's branch does not step.
        var strides = new int[graph.Nodes.Length];
        strides[0] = 1;
        var last = new SortedDictionary<int, Node>();
        foreach (var node in graph.Nodes.Skip(1))
        {
            strides[node.Index] = node.Operator.Step * node.Inputs.Max(input => strides[input]);
            if (IsEnd(graph.Nodes, node)) last[strides[node.Index]] = node;
        }

        return last;
    }

    // The last node of the stem, of the stem before its pooling, or of a block.
    private static bool IsEnd(ImmutableArray<Node> nodes, Node node)
    {
        if (node.Role is not (NodeRole.Stem or NodeRole.Stage)) return false;
        return node.Index == nodes.Length - 1 || nodes[node.Index + 1].Place != node.Place
            || nodes[node.Index + 1] is { Role: NodeRole.Stem, Operator: MaxPool };
    }
}
