using System.Collections.Immutable;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Models;

/// <summary>A network that can be run: its architecture, its weights and its card. One file holds one model.</summary>
public sealed record Model(Architecture Architecture, ModelCard Card, WeightSet Weights)
{
    /// <summary>Makes the graph for the card's input size and classes, or for another size.</summary>
    /// <param name="height">Rows in pixels; the card's where <see langword="null"/>.</param>
    /// <param name="width">Columns in pixels; the card's where <see langword="null"/>.</param>
    public Graph BuildGraph(int? height = null, int? width = null) => Architecture.Build(Options(height, width));

    /// <summary>
    /// Makes the graph that yields maps instead of a row: the last map at each stride. Its weights are
    /// <see cref="WeightSet.For"/> of this model's.
    /// </summary>
    /// <param name="strides">Pixels of the image to a position of the map, for example 4, 8, 16 and 32; in the order of the outputs.</param>
    /// <param name="height">Rows in pixels; the card's where <see langword="null"/>.</param>
    /// <param name="width">Columns in pixels; the card's where <see langword="null"/>.</param>
    /// <exception cref="InvalidInputException">The network has no map at a stride, or one is named twice.</exception>
    /// <exception cref="ArgumentException">No stride is named.</exception>
    public Graph BuildFeatureGraph(ImmutableArray<int> strides, int? height = null, int? width = null) => strides.IsDefaultOrEmpty
        ? throw new ArgumentException("At least one stride is expected.", nameof(strides))
        : Architecture.Build(Options(height, width) with { FeatureStrides = strides });

    /// <summary>
    /// Makes the graph that yields what the classifier takes: the mean of the last map, past the hidden layer of a network that has
    /// one. For a network with an embedding it is the embedding. Its weights are <see cref="WeightSet.For"/> of this model's.
    /// </summary>
    /// <param name="height">Rows in pixels; the card's where <see langword="null"/>.</param>
    /// <param name="width">Columns in pixels; the card's where <see langword="null"/>.</param>
    public Graph BuildPooledGraph(int? height = null, int? width = null) => Architecture.Build(Options(height, width) with { Classes = 0 });

    private BuildOptions Options(int? height, int? width) => new()
    {
        InputChannels = Card.InputChannels,
        Classes = Card.Classes.Length,
        Height = height ?? Card.Preprocessing.Height,
        Width = width ?? Card.Preprocessing.Width,
    };
}
