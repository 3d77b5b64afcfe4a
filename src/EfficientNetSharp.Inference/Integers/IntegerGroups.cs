using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Quantization;
using EfficientNetSharp.Inference.Layout;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>
/// Which nodes that compute in integers are computed together: a layer with the function that alone takes its value, and a convolution with
/// the depthwise one that does.
/// </summary>
internal sealed class IntegerGroups
{
    private readonly Node?[] _functions, _layers, _expansions;
    private readonly bool[] _isTaken;

    /// <summary>Looks at a graph.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="plan">Its plan.</param>
    /// <param name="isDepthwise">Whether a convolution has a step that filters each channel by itself.</param>
    public IntegerGroups(Graph graph, QuantizationPlan plan, Func<Node, bool> isDepthwise)
    {
        (_functions, _layers, _expansions) =
            (new Node?[graph.Nodes.Length], new Node?[graph.Nodes.Length], new Node?[graph.Nodes.Length]);
        _isTaken = new bool[graph.Nodes.Length];
        var uses = graph.CountUses();
        foreach (var node in graph.Nodes)
        {
            if (node.Operator is not (Activation or PRelu or BatchNormalization) || !plan.ComputesInIntegers(graph, node)) continue;
            var layer = graph.Nodes[node.Inputs[0]];
            if (layer.Operator is not (Convolution or Linear) || uses[layer.Index] != 1 || !plan.ComputesInIntegers(graph, layer)) continue;
            _functions[layer.Index] = node;
            _layers[node.Index] = layer;
        }

        foreach (var node in graph.Nodes)
        {
            if (!plan.ComputesInIntegers(graph, node) || !isDepthwise(node)) continue;
            var input = graph.Nodes[node.Inputs[0]];
            var layer = LayerOf(input) ?? input;
            if (uses[input.Index] != 1 || layer.Operator is not Convolution { Groups: 1 } op || !plan.ComputesInIntegers(graph, layer))
                continue;
            var source = graph.Nodes[layer.Inputs[0]];

            // A stem has few inputs; those of other convolutions would be copied once for each block of outputs.
            if (!Window.Of(op, source.Shape).IsPointwise && source.Operator is not Input) continue;

            // The ring has the pixels of the map between, and room beside them for what windows that touch the map see of the padding.
            if (!Window.Of((Convolution)node.Operator, input.Shape).AlwaysTouchesMap) continue;
            _expansions[node.Index] = layer;
            _isTaken[input.Index] = true;
        }
    }

    /// <summary>The convolution that a depthwise one computes along with itself; <see langword="null"/> for none.</summary>
    public Node? ExpansionOf(Node depthwise) => _expansions[depthwise.Index];

    /// <summary>Whether a node's value is computed along with whoever takes it.</summary>
    public bool IsTaken(Node node) => _functions[node.Index] is not null || _isTaken[node.Index];

    /// <summary>The function that a layer's step computes along with it; <see langword="null"/> for none.</summary>
    public Node? FunctionOf(Node layer) => _functions[layer.Index];

    /// <summary>The layer along with which a function is computed; <see langword="null"/> where it has a step of its own.</summary>
    public Node? LayerOf(Node function) => _layers[function.Index];
}
