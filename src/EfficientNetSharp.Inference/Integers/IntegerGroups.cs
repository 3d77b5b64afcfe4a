using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Quantization;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>Which nodes that compute in integers are computed together: a layer, and the function that alone takes its value.</summary>
internal sealed class IntegerGroups
{
    private readonly Node?[] _functions;
    private readonly Node?[] _layers;

    /// <summary>Looks at a graph.</summary>
    public IntegerGroups(Graph graph, QuantizationPlan plan)
    {
        (_functions, _layers) = (new Node?[graph.Nodes.Length], new Node?[graph.Nodes.Length]);
        var uses = graph.CountUses();
        foreach (var node in graph.Nodes)
        {
            if (node.Operator is not (Activation or PRelu or BatchNormalization) || !plan.ComputesInIntegers(graph, node)) continue;
            var layer = graph.Nodes[node.Inputs[0]];
            if (layer.Operator is not (Convolution or Linear) || uses[layer.Index] != 1 || !plan.ComputesInIntegers(graph, layer)) continue;
            _functions[layer.Index] = node;
            _layers[node.Index] = layer;
        }
    }

    /// <summary>The function that a layer's step computes along with it; <see langword="null"/> for none.</summary>
    public Node? FunctionOf(Node layer) => _functions[layer.Index];

    /// <summary>The layer along with which a function is computed; <see langword="null"/> where it has a step of its own.</summary>
    public Node? LayerOf(Node function) => _layers[function.Index];
}
