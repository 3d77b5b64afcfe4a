using EfficientNetSharp.Architectures;
using EfficientNetSharp.Files;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Models;

/// <summary>Whether a model's graph, card and architecture tell of one network. What they say twice they must say alike.</summary>
internal static class ModelConsistency
{
    /// <exception cref="InvalidInputException">Two of them contradict each other; the message names the place.</exception>
    public static void Check(Model model)
    {
        var (input, preprocessing) = (model.Graph.Input.Shape, model.Card.Preprocessing);
        var expected = TensorShape.Map(model.Card.InputChannels, preprocessing.Height, preprocessing.Width);
        if (input != expected) throw Contradiction($"the graph takes images of {input}, the card makes {expected}");
        int classes = model.Card.Classes.Length;
        var output = model.Graph.Output.Shape;
        if (classes > 0 && (!output.IsVector || output.Channels != classes))
            throw Contradiction($"the graph yields {output} values, the card names {classes} classes");
        if (model.Architecture is { } architecture) CheckArchitecture(model, architecture);
    }

    // A graph may be a folded or otherwise changed one, with fewer or other nodes; those that both have must be the same layers.
    private static void CheckArchitecture(Model model, Architecture architecture)
    {
        var built = Model.BuildGraph(architecture, model.Card);
        var table = built.Nodes.ToDictionary(node => node.Name, StringComparer.Ordinal);
        foreach (var node in model.Graph.Nodes)
        {
            if (!table.TryGetValue(node.Name, out var other) || Comparable(node.Operator) == Comparable(other.Operator)) continue;
            throw Contradiction(
                $"the node {OneLine.Quote(node.Name)} is {OneLine.Clean(node.Operator.ToString(), 200)} in the graph and "
                + $"{OneLine.Clean(other.Operator.ToString(), 200)} by the architecture {OneLine.Quote(architecture.Name)}");
        }
    }

    // Folding adds biases, a recipe has rates of its own, and an unfinished classifier has other outputs.
    private static Operator? Comparable(Operator op) => op switch
    {
        Convolution convolution => convolution with { HasBias = false },
        ConditionalConvolution conditional => conditional with { Shape = conditional.Shape with { HasBias = false } },
        Linear linear => linear with { HasBias = false },
        Dropout or StochasticDepth => null,
        _ => op,
    };

    private static InvalidInputException Contradiction(string what) =>
        new($"The model contradicts itself: {what}; save or export it again.");
}
