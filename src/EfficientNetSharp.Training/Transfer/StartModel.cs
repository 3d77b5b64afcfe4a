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
        model.Graph.EnsureFloat("Training");
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

    /// <summary>
    /// The model's weights for a network that yields an embedding: of the tensors that both have, by name and shape. What is new, the
    /// embedding's own layers for example, is drawn.
    /// </summary>
    /// <param name="model">The trained model, a classifier or an embedding.</param>
    /// <param name="network">The network to start.</param>
    /// <param name="input">Size and channels of its images.</param>
    /// <param name="seed">Seed of what is drawn.</param>
    /// <exception cref="InvalidInputException">The model has nothing, or less than half of the network's body, in common with it.</exception>
    public static WeightSet EmbeddingWeightsFor(Model model, NetworkDefinition network, Preprocessing input, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(input);
        var graph = network.Build(new BuildOptions
        {
            InputChannels = input.Mean.Length, Height = input.Height, Width = input.Width, Classes = 0,
        });
        var fresh = WeightInitializer.Initialize(graph, seed);
        long body = 0, taken = 0;
        var tensors = new Dictionary<string, WeightTensor>(StringComparer.Ordinal);
        foreach (var node in graph.Nodes)
        {
            bool isBody = node.Role is not (NodeRole.Embedding or NodeRole.Hidden);
            foreach (var parameter in node.Parameters)
            {
                bool fits = model.Weights.TryGetValue(parameter.Name, out var own) && own.Shape.SequenceEqual(parameter.Shape);
                tensors.Add(parameter.Name, fits ? own! : fresh[parameter]);
                if (!isBody) continue;
                body += parameter.Count;
                if (fits) taken += parameter.Count;
            }
        }

        return 2 * taken > body ? new WeightSet(tensors) : throw new InvalidInputException(
            $"The weights of '{model.Name}' fit {taken:N0} of the {body:N0} parameters of '{network.Name}'; start from a network of the same body.");
    }

    /// <summary>Whether a model keeps its classifier for some data: it names the same classes, in the same order.</summary>
    /// <param name="model">The trained model.</param>
    /// <param name="data">Classes of the new data, by name.</param>
    internal static bool KeepsClassifier(Model model, IReadOnlyList<string> data) =>
        model.Card.Classes.SequenceEqual(data, StringComparer.Ordinal) || model.Card.ClassIds.SequenceEqual(data, StringComparer.Ordinal);
}
