using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Models;

/// <summary>A network that can be run: its architecture, its weights and its card. One file holds one model.</summary>
public sealed record Model(Architecture Architecture, ModelCard Card, WeightSet Weights)
{
    /// <summary>Makes the graph for the card's input size and classes, or for another size.</summary>
    /// <param name="height">Rows in pixels; the card's where <see langword="null"/>.</param>
    /// <param name="width">Columns in pixels; the card's where <see langword="null"/>.</param>
    public Graph BuildGraph(int? height = null, int? width = null) => Architecture.Build(new BuildOptions
    {
        InputChannels = Card.InputChannels,
        Classes = Card.Classes.Length,
        Height = height ?? Card.Preprocessing.Height,
        Width = width ?? Card.Preprocessing.Width,
    });
}
