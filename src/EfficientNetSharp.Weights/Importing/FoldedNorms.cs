using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Transforms;
using EfficientNetSharp.Models;
using EfficientNetSharp.Weights.NameMaps;

namespace EfficientNetSharp.Weights.Importing;

/// <summary>
/// Normalisations of a file in which they are folded into the convolutions before them: these have biases then, and nothing is left
/// of the normalisations. They become identities that add the bias, so that the network can still be trained on.
/// </summary>
internal static class FoldedNorms
{
    /// <summary>The parameters of such normalisations by name; empty where the file has its normalisations.</summary>
    public static Dictionary<string, WeightTensor> Find(Graph graph, IReadOnlyList<MappedParameter> mapped, SourceTensors tensors)
    {
        var byName = mapped.ToDictionary(parameter => parameter.Parameter.Name, StringComparer.Ordinal);
        var found = new Dictionary<string, WeightTensor>(StringComparer.Ordinal);
        foreach (var node in graph.Nodes)
        {
            if (node.Operator is not BatchNormalization norm
                || tensors.Names.Contains(byName[node.Parameters[0].Name].SourceName)) continue;
            var layer = graph.Nodes[node.Inputs[0]];
            if (layer.Operator is not (Convolution { HasBias: false } or Linear { HasBias: false })) continue;
            string kernel = byName[layer.Parameters[0].Name].SourceName;
            string bias = kernel.EndsWith("weight", StringComparison.Ordinal) ? kernel[..^"weight".Length] + "bias" : "";
            if (tensors.ShapeOf(bias) is not { Length: 1 } shape || shape[0] != norm.Channels) continue;
            foreach (var (name, tensor) in IdentityNormalization.Of(node, tensors.Read(bias))) found[name] = tensor;
        }

        return found;
    }
}
