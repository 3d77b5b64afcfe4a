using System.Collections.Immutable;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Onnx.Recognition;

/// <summary>
/// A network without what does not tell networks apart: operators that act only in training and identities are left out, and
/// normalisations stand with the layer before them.
/// </summary>
internal sealed class CanonicalGraph
{
    private CanonicalGraph(ImmutableArray<CanonicalLayer> layers, int output) => (Layers, Output) = (layers, output);

    /// <summary>The layers, each after its inputs; the first is the input.</summary>
    public ImmutableArray<CanonicalLayer> Layers { get; }

    /// <summary>Position of the layer that yields the result.</summary>
    public int Output { get; }

    /// <summary>Makes it of a network with one result.</summary>
    public static CanonicalGraph Of(Graph graph)
    {
        var uses = graph.CountUses();
        var layers = ImmutableArray.CreateBuilder<CanonicalLayer>();
        var positions = new int[graph.Nodes.Length];
        foreach (var node in graph.Nodes)
        {
            bool isLeftOut = node.Operator.IsTrainingOnly || node.Operator is Activation { Kind: ActivationKind.Identity };
            if (isLeftOut || IsNormOf(graph, uses, layers, positions, node))
            {
                positions[node.Index] = positions[node.Inputs[0]];
                if (!isLeftOut) layers[positions[node.Index]] = layers[positions[node.Index]] with { Norm = node };
                continue;
            }

            positions[node.Index] = layers.Count;
            layers.Add(new CanonicalLayer(node, null, [.. node.Inputs.Select(input => positions[input])]));
        }

        return new CanonicalGraph(layers.ToImmutable(), positions[graph.Output.Index]);
    }

    private static bool IsNormOf(Graph graph, ImmutableArray<int> uses, ImmutableArray<CanonicalLayer>.Builder layers, int[] positions,
        Node node)
    {
        if (node.Operator is not BatchNormalization) return false;
        var before = graph.Nodes[node.Inputs[0]];
        return before.Operator is Convolution or ConditionalConvolution or Linear && uses[before.Index] == 1
            && layers[positions[before.Index]].Norm is null;
    }
}
