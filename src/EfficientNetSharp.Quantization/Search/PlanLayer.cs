using System.Collections.Immutable;
using EfficientNetSharp.Costs;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Quantization.Search;

/// <summary>Nodes that have one type together: a convolution with its functions, a whole squeeze-excite, a sum.</summary>
/// <param name="Name">The name of the node that it begins with.</param>
/// <param name="Nodes">Its nodes.</param>
/// <param name="Macs">Their multiply-adds.</param>
public sealed record PlanLayer(string Name, ImmutableArray<Node> Nodes, long Macs)
{
    /// <summary>The layers of a folded network, in its order; each node is in one of them.</summary>
    public static ImmutableArray<PlanLayer> Of(Graph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        // For each node the first of its layer.
        int[] first = [.. graph.Nodes.Select(node => node.Index)];
        foreach (var node in graph.Nodes.Skip(1))
        {
            // Functions, poolings and what is left of normalisations go with what they take.
            if (node.Operator is not (Convolution or ConditionalConvolution or Linear or Add or Gate or GlobalAveragePool))
                first[node.Index] = first[node.Inputs[0]];
        }

        foreach (var gate in graph.Nodes.Where(node => node.Operator is Gate)) JoinSqueeze(graph, gate, first);
        // The image has the type of what takes it first.
        if (graph.Nodes.FirstOrDefault(node => first[node.Index] > 0 && node.Inputs.Any(input => first[input] == 0)) is { } taker)
        {
            for (int i = 0; i < first.Length; i++)
            {
                if (first[i] == 0) first[i] = first[taker.Index];
            }
        }

        var costs = GraphCosts.Of(graph);
        return [.. graph.Nodes.GroupBy(node => first[node.Index]).OrderBy(group => group.Key).Select(group => new PlanLayer(
            graph.Nodes[group.Key].Name, [.. group], group.Sum(node => costs.Nodes[node.Index].Macs)))];
    }

    /// <summary>For each layer the names of those that take its values or whose values it takes.</summary>
    internal static Dictionary<string, HashSet<string>> Neighbours(ImmutableArray<PlanLayer> layers)
    {
        var layerOf = layers.SelectMany(layer => layer.Nodes.Select(node => (node.Index, layer.Name)))
            .ToDictionary(pair => pair.Index, pair => pair.Name);
        var neighbours = layers.ToDictionary(
            layer => layer.Name, _ => new HashSet<string>(StringComparer.Ordinal), StringComparer.Ordinal);
        foreach (var node in layers.SelectMany(layer => layer.Nodes))
        foreach (int input in node.Inputs)
        {
            var (a, b) = (layerOf[node.Index], layerOf[input]);
            if (a == b) continue;
            neighbours[a].Add(b);
            neighbours[b].Add(a);
        }

        return neighbours;
    }

    // The mean, its layers and the gate are one: what lies between has a pixel per channel and is worth no converter.
    private static void JoinSqueeze(Graph graph, Node gate, int[] first)
    {
        var between = new HashSet<int>();
        var open = new Stack<int>([gate.Inputs[1]]);
        int mean = -1;
        while (open.TryPop(out int at))
        {
            var node = graph.Nodes[at];
            if (node.Shape.Positions > 1 || node.Operator is Input || !between.Add(at)) continue;
            if (node.Operator is GlobalAveragePool)
            {
                mean = at;
                continue;
            }

            foreach (int input in node.Inputs) open.Push(input);
        }

        if (mean < 0) return;
        foreach (int at in between) first[at] = mean;
        // What followed the gate follows it still.
        int old = first[gate.Index];
        for (int i = 0; i < first.Length; i++)
        {
            if (first[i] == old) first[i] = mean;
        }
    }
}
