using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Onnx.Writing;

/// <summary>What the outputs of an ONNX file are called.</summary>
internal static class OutputNames
{
    /// <summary>The names, in the order of the graph's outputs; <see cref="UniqueNames"/> makes equal ones differ.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="hasClasses">Whether a single output, or the last of several that is a vector, is logits.</param>
    public static string[] Of(Graph graph, bool hasClasses)
    {
        string row = hasClasses ? "logits" : "features";
        if (graph.Outputs.Length == 1) return [row];
        int[] strides = Strides(graph);
        return [.. graph.Outputs.Select(output => output.Shape.IsVector ? row : $"stride_{strides[output.Index]}")];
    }

    // Pixels of the image that one step on each node's map is: the product of the steps on the way.
    private static int[] Strides(Graph graph)
    {
        var strides = new int[graph.Nodes.Length];
        foreach (var node in graph.Nodes)
        {
            strides[node.Index] = node.Operator.Step * node.Inputs.Select(input => strides[input]).DefaultIfEmpty(1).Max();
        }

        return strides;
    }
}
