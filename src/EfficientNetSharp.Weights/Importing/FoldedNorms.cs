using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Transforms;
using EfficientNetSharp.Models;
using EfficientNetSharp.Weights.NameMaps;

namespace EfficientNetSharp.Weights.Importing;

/// <summary>
/// Normalisations of a file in which they are folded into the convolutions before them: these have biases then, and nothing is left
/// of the normalisations. They become identities that add the bias, so that the network can still be trained on.
/// </summary>
internal sealed class FoldedNorms
{
    private readonly Dictionary<string, WeightTensor> _values = new(StringComparer.Ordinal);
    private readonly HashSet<string> _biases = new(StringComparer.Ordinal);

    private FoldedNorms()
    {
    }

    /// <summary>The parameters of such normalisations by name; empty where the file has its normalisations.</summary>
    public IReadOnlyDictionary<string, WeightTensor> Values => _values;

    /// <summary>The convolutions' biases that they are made of, by their names in the file.</summary>
    public IReadOnlySet<string> Biases => _biases;

    /// <summary>Those of a network in a file.</summary>
    public static FoldedNorms Find(Graph graph, IReadOnlyList<MappedParameter> mapped, SourceTensors tensors)
    {
        var byName = mapped.ToDictionary(parameter => parameter.Parameter.Name, StringComparer.Ordinal);
        var found = new FoldedNorms();
        foreach (var node in graph.Nodes)
        {
            if (node.Operator is not BatchNormalization norm
                || tensors.Names.Contains(byName[node.Parameters[0].Name].SourceName)) continue;
            var layer = graph.Nodes[node.Inputs[0]];
            if (layer.Operator is not (Convolution { HasBias: false } or Linear { HasBias: false })) continue;
            string kernel = byName[layer.Parameters[0].Name].SourceName;
            string bias = kernel.EndsWith("weight", StringComparison.Ordinal) ? kernel[..^"weight".Length] + "bias" : "";
            if (tensors.ShapeOf(bias) is not { Length: 1 } shape || shape[0] != norm.Channels) continue;
            foreach (var (name, tensor) in IdentityNormalization.Of(node, tensors.Read(bias))) found._values[name] = tensor;
            found._biases.Add(bias);
        }

        return found;
    }
}
