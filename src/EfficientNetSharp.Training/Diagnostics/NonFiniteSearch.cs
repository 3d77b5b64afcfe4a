using EfficientNetSharp.Graphs;
using EfficientNetSharp.Training.Torch;
using EfficientNetSharp.Training.Torch.Functions;
using TorchSharp;
using static TorchSharp.torch;

namespace EfficientNetSharp.Training.Diagnostics;

/// <summary>Looks for where a pass first went wrong, once it has.</summary>
internal static class NonFiniteSearch
{
    /// <summary>The first node, in the order of the pass, whose value is not finite; <see langword="null"/> where all are.</summary>
    /// <param name="module">The network; the pass renews its running statistics, so it is of no use afterwards.</param>
    /// <param name="graph">The same network.</param>
    /// <param name="images">The pass's images.</param>
    /// <param name="noise">The pass's chance.</param>
    public static string? InOutputs(GraphModule module, Graph graph, Tensor images, TrainingNoise noise)
    {
        if (!IsFinite(images)) return graph.Input.Name;
        string? first = null;
        module.Watcher = (node, value) =>
        {
            if (first is null && !IsFinite(value)) first = node.Name;
        };
        using var silent = no_grad();
        using var scope = NewDisposeScope();
        module.Forward(images, noise);
        module.Watcher = null;
        return first;
    }

    /// <summary>
    /// The node nearest to the loss whose gradient is not finite: gradients run from the loss backwards, so it is the first that was
    /// spoiled. <see langword="null"/> where all are finite.
    /// </summary>
    public static string? InGradients(FlatParameters parameters, Graph graph)
    {
        var gradients = TensorMemory.SpanOf(parameters.Gradients);
        var spoiled = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (parameter, offset) in parameters.Trained)
        {
            foreach (float gradient in gradients.Slice((int)offset, (int)parameter.Count))
            {
                if (float.IsFinite(gradient)) continue;
                spoiled.Add(parameter.Name);
                break;
            }
        }

        // What is trained beside the network lies between it and the loss.
        var own = graph.Parameters.Select(parameter => parameter.Name).ToHashSet(StringComparer.Ordinal);
        return spoiled.FirstOrDefault(name => !own.Contains(name))
            ?? graph.Nodes.LastOrDefault(node => node.Parameters.Any(parameter => spoiled.Contains(parameter.Name)))?.Name;
    }

    private static bool IsFinite(Tensor value)
    {
        using var scope = NewDisposeScope();
        return value.isfinite().all().Number() != 0;
    }
}
