using EfficientNetSharp.Graphs;
using EfficientNetSharp.Inference.Layout;
using EfficientNetSharp.Inference.Steps;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Inference.Planning;

/// <summary>What the engine does not take, said by name before anything is packed or run.</summary>
internal static class PlanLimits
{
    // Kernels count a map's pixels and a buffer's values in 32 bits.
    private const long MaxValues = int.MaxValue;

    /// <summary>Checks the operators of a folded graph and the sizes of its values.</summary>
    /// <exception cref="InvalidInputException">One is not supported or too large.</exception>
    public static void Check(Graph graph, int lanes)
    {
        foreach (var node in graph.Nodes)
        {
            if (node.Operator is Activation activation && (!Enum.IsDefined(activation.Kind) || activation.Kind == ActivationKind.PRelu))
                throw Unsupported("function", activation.Kind.ToString(), node);
            if (node.Operator.IsTrainingOnly) throw Unsupported("operator", node.Operator.GetType().Name, node);
            EnsureFits($"the value of {node.Name}, {node.Shape}", Slot.LengthFor(node.Shape, lanes, sizeof(float)));
            if (ConvolutionOf(node) is not { } op) continue;
            var window = Window.Of(op, graph.Nodes[node.Inputs[0]].Shape);
            EnsureFits($"a row under the windows of {node.Name}", (long)WindowRows.CoveredColumns(window) * op.InChannels);
        }
    }

    /// <summary>Checks packed weights.</summary>
    /// <exception cref="InvalidInputException">They are too large.</exception>
    public static void EnsureWeightsFit(Node node, long values) => EnsureFits($"the packed weights of {node.Name}", values);

    /// <summary>Checks that the machine has the memory.</summary>
    /// <param name="bytes">What the weights and one call need.</param>
    /// <exception cref="InvalidInputException">It has not.</exception>
    public static void EnsureMemory(long bytes)
    {
        long available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        if (bytes <= available) return;
        throw new InvalidInputException(FormattableString.Invariant(
            $"The network needs {bytes / 1e9:F1} GB to run, this machine has {available / 1e9:F1} GB; run it on smaller images."));
    }

    private static Convolution? ConvolutionOf(Node node) => node.Operator as Convolution
        ?? (node.Operator as ConditionalConvolution)?.Shape;

    private static void EnsureFits(string what, long values)
    {
        if (values > MaxValues)
            throw new InvalidInputException($"The engine holds at most {MaxValues} numbers as one value, found {values} for {what}.");
    }

    private static InvalidInputException Unsupported(string what, string name, Node node) =>
        new($"The engine has no {what} {name}, which {node.Name} asks for; run the network on another backend.")
        {
            UnsupportedOperator = name,
        };
}
