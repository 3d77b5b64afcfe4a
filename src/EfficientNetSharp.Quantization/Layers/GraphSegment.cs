using System.Collections.Immutable;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Quantization.Layers;

/// <summary>
/// A stretch of a network between two values that all later ones depend on alone, as a network of its own: whoever goes through a network
/// layer after layer runs short stretches, not the whole each time.
/// </summary>
/// <param name="From">The node whose value the stretch begins with.</param>
/// <param name="Graph">The stretch; its input is called as the node is.</param>
internal sealed record GraphSegment(Node From, Graph Graph)
{
    /// <summary>The stretches of a network, in order. Values of images are cut at maps alone, since a network's input is one.</summary>
    public static ImmutableArray<GraphSegment> Of(Graph graph)
    {
        int[] last = new int[graph.Nodes.Length];
        foreach (var node in graph.Nodes)
        {
            foreach (int input in node.Inputs) last[input] = node.Index;
        }

        var segments = ImmutableArray.CreateBuilder<GraphSegment>();
        int from = 0, open = 0;
        for (int i = 1; i < graph.Nodes.Length; i++)
        {
            open = Math.Max(open, last[i - 1]);
            bool isLast = i == graph.Nodes.Length - 1;
            if (!isLast && (open > i || graph.Nodes[i].Shape.IsVector)) continue;
            segments.Add(new GraphSegment(graph.Nodes[from], Part(graph, from, i)));
            from = i;
        }

        return segments.ToImmutable();
    }

    private static Graph Part(Graph graph, int from, int to)
    {
        var builder = new GraphBuilder(graph.Nodes[from].Shape, graph.Nodes[from].Name);
        var nodes = new Node[to + 1];
        nodes[from] = builder.Last;
        for (int i = from + 1; i <= to; i++)
        {
            var node = graph.Nodes[i];
            builder.Place = node.Place;
            nodes[i] = builder.Append(node.Name, node.Operator, [.. node.Inputs.Select(input => nodes[input])]);
        }

        var plan = graph.Quantization;
        // The value comes in as it is; how its function made it is the stretch's before.
        if (from > 0 && plan?.Of(graph.Nodes[from]) is { Sigmoid: not null } first)
            plan = plan with { Values = plan.Values.SetItem(graph.Nodes[from].Name, first with { Sigmoid = null }) };
        return builder.Build(nodes[to]).WithQuantization(plan);
    }
}
