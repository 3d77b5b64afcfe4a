using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Prediction.ActivationMaps;

/// <summary>Where activation maps are taken from in a classifier's graph.</summary>
public static class ClassifierLayers
{
    /// <summary>The last map before the network's row: what is pooled or flattened.</summary>
    /// <exception cref="ArgumentException">The network yields no row that is made from a map.</exception>
    public static Node LastMap(Graph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var node = graph.Output;
        while (node.Shape.IsVector || node.Operator is GlobalAveragePool) node = graph.Nodes[node.Inputs[0]];
        return node != graph.Output ? node
            : throw new ArgumentException($"A network that yields a row is expected, found {node.Shape}.", nameof(graph));
    }

    /// <summary>
    /// Whether the mean of the last map goes straight into the layer that yields the classes, as <see cref="ActivationMap.OfClass"/>
    /// wants it, or the mean of the last map is itself the classes' row (SqueezeNet); MobileNetV3, with a layer between, does not.
    /// </summary>
    public static bool HasClassMaps(Graph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        if (graph.Output.Operator is not Linear) return IsMeanOfClassMaps(graph);
        var node = Before(graph.Output);
        if (node.Operator is Dropout) node = Before(node);
        return node.Operator is Flatten && Before(node).Operator is GlobalAveragePool;

        Node Before(Node after) => graph.Nodes[after.Inputs[0]];
    }

    /// <summary>The weights of the last map's channels for a class, [C]: the classifier's row, or the one channel that is the class's.</summary>
    /// <param name="graph">A network with <see cref="HasClassMaps"/>.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="classIndex">The class's place in the network's outputs.</param>
    /// <exception cref="ArgumentException">The network does not end with a classifier, or has no such class.</exception>
    public static ReadOnlyMemory<float> ClassWeights(Graph graph, WeightSet weights, int classIndex)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(weights);
        if (IsMeanOfClassMaps(graph))
        {
            var own = new float[graph.Output.Shape.Channels];
            EnsureClass(classIndex, own.Length);
            own[classIndex] = 1;
            return own;
        }

        if (graph.Output.Operator is not Linear linear) throw new ArgumentException("A network that ends with a classifier is expected.",
            nameof(graph));
        EnsureClass(classIndex, linear.OutFeatures);
        return weights[graph.Output.Parameters[0]].Values.AsMemory(classIndex * linear.InFeatures, linear.InFeatures);
    }

    private static bool IsMeanOfClassMaps(Graph graph) => graph.Output is { Operator: Flatten, Role: NodeRole.Classifier }
        && graph.Nodes[graph.Output.Inputs[0]].Operator is GlobalAveragePool;

    private static void EnsureClass(int classIndex, int classes)
    {
        if (classIndex < 0 || classIndex >= classes)
            throw new ArgumentOutOfRangeException(nameof(classIndex), classIndex, $"The network has {classes} classes.");
    }
}
