using System.Collections.Immutable;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Transforms;

namespace EfficientNetSharp.Models;

/// <summary>A network that can be run: its graph, its card and its weights. One file holds one model.</summary>
/// <param name="Graph">The network, for the card's input.</param>
/// <param name="Card">Classes, preprocessing, provenance.</param>
/// <param name="Weights">The tensors that the graph needs.</param>
/// <param name="Architecture">
/// The table that the graph was built from, where there is one; it is needed only to build the network anew, for other classes by
/// other rules or scaled. A network that was read from elsewhere, folded or quantized may have none.
/// </param>
public sealed record Model(Graph Graph, ModelCard Card, WeightSet Weights, Architecture? Architecture = null)
{
    /// <summary>What to call the network in texts: the architecture's name, or <c>network</c> without one.</summary>
    public string Name => Architecture?.Name ?? "network";

    /// <summary>The architecture, for work that builds the network anew.</summary>
    /// <param name="work">What it is for, as in <c>scaling</c>.</param>
    /// <exception cref="InvalidInputException">The model has none.</exception>
    public Architecture ArchitectureFor(string work) => Architecture ?? throw new InvalidInputException(
        $"The model is a graph of its own, not a registered network, and {work} needs the table of one; use a model that was trained here or imported as a registered network.");

    /// <summary>Makes a model of an architecture, with the graph that fits the card.</summary>
    /// <param name="architecture">The network.</param>
    /// <param name="card">Its card.</param>
    /// <param name="weights">Its weights.</param>
    /// <exception cref="InvalidInputException">The architecture is no network at the card's size.</exception>
    public static Model Of(Architecture architecture, ModelCard card, WeightSet weights)
    {
        ArgumentNullException.ThrowIfNull(architecture);
        ArgumentNullException.ThrowIfNull(card);
        return new Model(BuildGraph(architecture, card), card, weights, architecture);
    }

    /// <summary>The graph for the card's input size, or for another size.</summary>
    /// <param name="height">Rows in pixels; the card's where <see langword="null"/>.</param>
    /// <param name="width">Columns in pixels; the card's where <see langword="null"/>.</param>
    /// <exception cref="InvalidInputException">The network does not take images of that size.</exception>
    public Graph BuildGraph(int? height = null, int? width = null) =>
        Graph.AtSize(height ?? Card.Preprocessing.Height, width ?? Card.Preprocessing.Width);

    /// <summary>
    /// Makes the graph that yields maps instead of a row: the last map at each stride. Its weights are
    /// <see cref="WeightSet.For"/> of this model's.
    /// </summary>
    /// <param name="strides">
    /// Pixels of the image to a position of the map, for example 4, 8, 16 and 32; in the order of the outputs.
    /// </param>
    /// <param name="height">Rows in pixels; the card's where <see langword="null"/>.</param>
    /// <param name="width">Columns in pixels; the card's where <see langword="null"/>.</param>
    /// <exception cref="InvalidInputException">The network has no map at a stride, or one is named twice.</exception>
    /// <exception cref="ArgumentException">No stride is named.</exception>
    public Graph BuildFeatureGraph(ImmutableArray<int> strides, int? height = null, int? width = null) => strides.IsDefaultOrEmpty
        ? throw new ArgumentException("At least one stride is expected.", nameof(strides))
        : Graph.Features(strides).AtSize(height ?? Card.Preprocessing.Height, width ?? Card.Preprocessing.Width);

    /// <summary>
    /// Makes the graph that yields what the classifier takes: the mean of the last map, past the hidden layer of a network that has
    /// one. For a network with an embedding it is the embedding. Its weights are <see cref="WeightSet.For"/> of this model's.
    /// </summary>
    /// <param name="height">Rows in pixels; the card's where <see langword="null"/>.</param>
    /// <param name="width">Columns in pixels; the card's where <see langword="null"/>.</param>
    public Graph BuildPooledGraph(int? height = null, int? width = null) =>
        Graph.Pooled().AtSize(height ?? Card.Preprocessing.Height, width ?? Card.Preprocessing.Width);

    /// <summary>The graph that an architecture has for a card.</summary>
    internal static Graph BuildGraph(Architecture architecture, ModelCard card)
    {
        try
        {
            return architecture.Build(new BuildOptions
            {
                InputChannels = card.InputChannels,
                Classes = card.Classes.Length,
                Height = card.Preprocessing.Height,
                Width = card.Preprocessing.Width,
            });
        }
        catch (Exception e) when (e is ArgumentException or OverflowException)
        {
            // Numbers that are each in range can still be no network together, such as a kernel larger than its map.
            throw new InvalidInputException(
                $"The architecture {Files.OneLine.Quote(architecture.Name)} is no network: {Files.OneLine.Clean(e.Message, 200)}", e);
        }
    }
}
