using System.Collections.Immutable;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Quantization.Repairs;

/// <summary>
/// Values of a network whose channels may be scaled together without changing what it computes: what lies between them lets factors
/// through (sums, means, ReLU, gates of a map), layers that write them can divide by the factors, and layers that read them multiply.
/// </summary>
/// <param name="Channels">Channels of the values.</param>
/// <param name="Writers">Layers whose outputs they are.</param>
/// <param name="Readers">Layers whose inputs they are.</param>
internal sealed record ChannelGroup(int Channels, ImmutableArray<Node> Writers, ImmutableArray<Node> Readers)
{
    /// <summary>Functions among the values that let factors through only nearly: SiLU, hard swish, ReLU6.</summary>
    public ImmutableArray<Node> Bends { get; init; } = [];

    /// <summary>All groups of a folded network.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="throughBends">Whether functions that let factors through only nearly are between values of one group.</param>
    public static ImmutableArray<ChannelGroup> Of(Graph graph, bool throughBends = false)
    {
        int[] roots = [.. Enumerable.Range(0, graph.Nodes.Length)];
        var isFixed = new bool[graph.Nodes.Length];
        foreach (var output in graph.Outputs) isFixed[output.Index] = true;
        foreach (var node in graph.Nodes)
        {
            switch (node.Operator)
            {
                case Convolution or Linear:
                    break;
                case Activation { Kind: ActivationKind.Relu or ActivationKind.Identity } or PRelu or MaxPool or AveragePool
                    or GlobalAveragePool or ZeroPad or Dropout or StochasticDepth:
                case Activation { Kind: ActivationKind.Silu or ActivationKind.HardSwish or ActivationKind.Relu6 } when throughBends:
                case Flatten when graph.Nodes[node.Inputs[0]].Shape.Positions == 1:
                    Join(node.Index, node.Inputs[0]);
                    break;
                case Add:
                    Join(node.Index, node.Inputs[0]);
                    Join(node.Index, node.Inputs[1]);
                    break;
                case Gate:
                    Join(node.Index, node.Inputs[0]);
                    isFixed[node.Inputs[1]] = true;
                    break;
                default:
                    isFixed[node.Index] = true;
                    foreach (int input in node.Inputs) isFixed[input] = true;
                    break;
            }
        }

        var groups = ImmutableArray.CreateBuilder<ChannelGroup>();
        foreach (var members in graph.Nodes.GroupBy(node => Root(node.Index)))
        {
            if (members.Any(node => isFixed[node.Index])) continue;
            var values = members.Select(node => node.Index).ToHashSet();
            ImmutableArray<Node> writers = [.. members.Where(IsLayer)];
            ImmutableArray<Node> readers = [.. graph.Nodes.Where(node => IsLayer(node) && values.Contains(node.Inputs[0]))];
            if (!writers.IsEmpty && !readers.IsEmpty) groups.Add(new ChannelGroup(writers[0].Shape.Channels, writers, readers)
            {
                Bends = [.. members.Where(node => node.Operator is Activation { Kind: not (ActivationKind.Relu or ActivationKind.Identity) })],
            });
        }

        return groups.ToImmutable();

        int Root(int at)
        {
            while (roots[at] != at) at = roots[at];
            return at;
        }

        void Join(int a, int b)
        {
            (a, b) = (Root(a), Root(b));
            roots[Math.Max(a, b)] = Math.Min(a, b);
        }
    }

    private static bool IsLayer(Node node) => node.Operator is Convolution or Linear;
}
