using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Weights.Importing;

/// <summary>The tensors of a network whose size is a file's own business: the first kernel, by its channels, and the classifier's.</summary>
internal sealed class NetworkEnds
{
    private readonly HashSet<string> _classifier;

    private NetworkEnds(string firstKernel, IEnumerable<Parameter> classifier)
    {
        FirstKernel = firstKernel;
        _classifier = classifier.Select(parameter => parameter.Name).ToHashSet(StringComparer.Ordinal);
        ClassifierKernel = classifier.FirstOrDefault(parameter => parameter.IsKernel)?.Name;
    }

    /// <summary>The kernel that takes the image.</summary>
    public string FirstKernel { get; }

    /// <summary>The classifier's matrix; <see langword="null"/> for a network without one.</summary>
    public string? ClassifierKernel { get; }

    /// <summary>An architecture's.</summary>
    public static NetworkEnds Of(Architecture architecture)
    {
        var graph = architecture.Build();
        var first = graph.Nodes.First(node => node.Inputs.Contains(graph.Input.Index) && !node.Parameters.IsEmpty);
        return new NetworkEnds(
            first.Parameters[0].Name, [.. graph.Nodes.Where(node => node.Role == NodeRole.Classifier).SelectMany(node => node.Parameters)]);
    }

    /// <summary>Whether a parameter is the classifier's.</summary>
    public bool IsClassifier(string parameter) => _classifier.Contains(parameter);
}
