using System.Collections.Immutable;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Running;

/// <summary>A network that was read from a file, whatever its kind.</summary>
/// <param name="Graph">The network, for the size that was asked for, or the file's own.</param>
/// <param name="Weights">Its weights.</param>
public sealed record OpenedModel(Graph Graph, WeightSet Weights)
{
    /// <summary>What the file says of classes and images, with the file's own size; <see langword="null"/> where it says nothing.</summary>
    public ModelCard? Card { get; init; }

    /// <summary>The table that the graph was built from, where the file names one.</summary>
    public Architecture? Architecture { get; init; }

    /// <summary>What the file calls each of the graph's outputs.</summary>
    public ImmutableArray<string> OutputNames { get; init; } = ["output"];

    /// <summary>What the network does otherwise than the file, and what was left out of it or chosen in it, a sentence each.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];

    /// <summary>The model, where the file says all that one needs.</summary>
    public Model? Model => Card is null ? null : new Model(Graph, Card, Weights, Architecture);
}
