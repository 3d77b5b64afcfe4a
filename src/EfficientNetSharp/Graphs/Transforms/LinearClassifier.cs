using EfficientNetSharp.Models;

namespace EfficientNetSharp.Graphs.Transforms;

/// <summary>
/// Networks that end with a convolution of one pixel, whose result is made a row: MobileNets as TensorFlow and others have them. The same
/// numbers come of a linear layer, which is what a classifier is known by.
/// </summary>
public static class LinearClassifier
{
    /// <summary>Makes the convolution a linear layer of the same name; a network that ends otherwise is returned as it is.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="weights">Its weights; they are not changed.</param>
    public static (Graph Graph, WeightSet Weights) Apply(Graph graph, WeightSet weights)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(weights);
        var row = graph.Output;
        if (graph.Outputs.Length > 1 || row.Operator is not Flatten || !IsPixelLayer(graph, graph.Nodes[row.Inputs[0]])) return (graph, weights);
        var convolution = graph.Nodes[row.Inputs[0]];
        var op = (Convolution)convolution.Operator;
        var plan = graph.Quantization;
        // A converter of its own between the two would be lost.
        if (plan is not null && plan.Of(row) != plan.Of(convolution)) return (graph, weights);

        var builder = new GraphBuilder(graph.Input.Shape, graph.Input.Name);
        var nodes = new Node[graph.Nodes.Length];
        nodes[0] = builder.Last;
        foreach (var node in graph.Nodes.Skip(1).Where(node => node != row && node != convolution))
        {
            builder.Place = node.Place;
            nodes[node.Index] = builder.Append(node.Name, node.Operator, [.. node.Inputs.Select(input => nodes[input])]);
        }

        builder.Place = convolution.Place;
        var flat = builder.Append(row.Name, new Flatten(), nodes[convolution.Inputs[0]]);
        var linear = builder.Append(convolution.Name, new Linear(op.InChannels, op.OutChannels, op.HasBias), flat);
        if (plan is not null)
        {
            // The same integers in a row.
            var values = plan.Values.Remove(row.Name);
            plan = plan with { Values = plan.Of(graph.Nodes[convolution.Inputs[0]]) is { } input ? values.Add(row.Name, input) : values };
        }

        string name = convolution.Parameters[0].Name;
        var kernel = weights[name];
        var matrix = kernel.Integers is { } integers && plan?.Kernels.GetValueOrDefault(name) is { } own
            ? WeightTensor.OfIntegers([op.OutChannels, op.InChannels], integers, own.Scales.AsSpan(), own.ZeroPoint)
            : new WeightTensor([op.OutChannels, op.InChannels], kernel.Values);
        return (builder.Build([linear]).WithQuantization(plan),
            new WeightSet(weights.Select(pair => pair.Key == name ? KeyValuePair.Create(linear.Parameters[0].Name, matrix) : pair)));
    }

    private static bool IsPixelLayer(Graph graph, Node node) =>
        node.Operator is Convolution { Kernel: 1, KernelWidth: 1, Groups: 1, Stride: 1 } op
        && graph.Nodes[node.Inputs[0]].Shape is { IsVector: false, Positions: 1 } shape
        && op.PadsFor(shape) == default && graph.CountUses()[node.Index] == 1;
}
