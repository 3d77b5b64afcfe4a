using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Training.Transfer;

/// <summary>Takes the weights of a trained network as the beginning of another training.</summary>
public static class StartModel
{
    /// <summary>
    /// The model's weights with a classifier drawn anew for other classes. A model that knows exactly the same classes, in the same
    /// order, keeps its own, so that training it further goes on where it was.
    /// </summary>
    /// <param name="model">The trained model.</param>
    /// <param name="data">Classes of the new data, by name.</param>
    /// <param name="seed">Seed of the new classifier.</param>
    /// <exception cref="InvalidInputException">The network has no classifier.</exception>
    public static WeightSet WeightsFor(Model model, IReadOnlyList<string> data, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        var network = NetworkDefinition.Of(model);
        if (network.EmbeddingFeatures is not null)
            throw new InvalidInputException(
                $"'{network.Name}' yields an embedding and has no classifier to replace; start from a network that classifies.");
        if (KeepsClassifier(model, data)) return model.Weights;
        var graph = network.Build(new BuildOptions { InputChannels = model.Card.InputChannels, Classes = data.Count });
        var fresh = WeightInitializer.Initialize(graph, seed);
        var start = new WeightSet(graph.Nodes.SelectMany(node => node.Parameters.Select(parameter => KeyValuePair.Create(
            parameter.Name, (node.Role == NodeRole.Classifier ? fresh : model.Weights)[parameter]))));
        start.EnsureFit(graph);
        return start;
    }

    /// <summary>Whether a model keeps its classifier for some data: it names the same classes, in the same order.</summary>
    /// <param name="model">The trained model.</param>
    /// <param name="data">Classes of the new data, by name.</param>
    internal static bool KeepsClassifier(Model model, IReadOnlyList<string> data) =>
        model.Card.Classes.SequenceEqual(data, StringComparer.Ordinal) || model.Card.ClassIds.SequenceEqual(data, StringComparer.Ordinal);
}
