using System.Text.Json.Nodes;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Transforms;

namespace EfficientNetSharp.Models;

/// <summary>
/// What a network is made of when it is made anew, for training: the table of an architecture, or a graph that no table describes.
/// </summary>
public sealed class NetworkDefinition
{
    private const string ArchitectureMember = "architecture", GraphMember = "graph";

    private readonly Graph? _graph;

    private NetworkDefinition(Architecture? architecture, Graph? graph) => (Architecture, _graph) = (architecture, graph);

    /// <summary>The table; <see langword="null"/> where there is none.</summary>
    public Architecture? Architecture { get; }

    /// <summary>What to call it in texts.</summary>
    public string Name => Architecture?.Name ?? "network";

    /// <summary>Side of the square input that it was designed for, in pixels.</summary>
    public int Resolution => Architecture?.Resolution ?? Math.Max(_graph!.Input.Shape.Height, _graph.Input.Shape.Width);

    /// <summary>Features of its embedding; <see langword="null"/> for a network with a classifier.</summary>
    public int? EmbeddingFeatures => Architecture is { } architecture
        ? architecture.Embedding?.Features
        : _graph!.Nodes.Any(node => node.Role == NodeRole.Classifier) ? null : _graph.Output.Shape.Channels;

    /// <summary>The network of a table.</summary>
    public static NetworkDefinition Of(Architecture architecture)
    {
        ArgumentNullException.ThrowIfNull(architecture);
        return new NetworkDefinition(architecture, null);
    }

    /// <summary>
    /// The network of a model: its architecture where the model's tensors are those of the architecture's network, else its graph, as
    /// where normalisations are folded. Of a quantized model it is the network of floats.
    /// </summary>
    /// <exception cref="InvalidInputException">The model has several results.</exception>
    public static NetworkDefinition Of(Model model)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Architecture is { } architecture)
        {
            var built = Model.BuildGraph(architecture, model.Card).Parameters.Select(parameter => parameter.Name);
            if (built.ToHashSet(StringComparer.Ordinal).SetEquals(model.Graph.Parameters.Select(parameter => parameter.Name)))
                return new NetworkDefinition(architecture, null);
        }

        return model.Graph.Outputs.Length == 1
            ? new NetworkDefinition(null, model.Graph.WithQuantization(null))
            : throw new InvalidInputException($"The model yields {model.Graph.Outputs.Length} results; one is expected to train it.");
    }

    /// <summary>The network of a table.</summary>
    public static implicit operator NetworkDefinition(Architecture architecture) => Of(architecture);

    /// <summary>Makes the graph.</summary>
    /// <param name="options">
    /// Size, channels, classes and regularisation. Stochastic depth is for tables alone: of a graph it is not known where its residual
    /// branches begin, so it keeps what it has.
    /// </param>
    /// <exception cref="InvalidInputException">The options are out of range, or ask a graph for what only a table can give.</exception>
    public Graph Build(BuildOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (Architecture is { } architecture) return architecture.Build(options);
        var graph = _graph!;
        if (options.InputChannels != graph.Input.Shape.Channels)
            throw new InvalidInputException(
                $"The network takes {graph.Input.Shape.Channels} channels and is no registered one that could be built for {options.InputChannels}.");
        graph = graph.AtSize(options.Height ?? graph.Input.Shape.Height, options.Width ?? graph.Input.Shape.Width);
        if (EmbeddingFeatures is null) graph = options.Classes == 0 ? graph.Pooled() : graph.WithClasses(options.Classes);
        return options.Dropout is { } rate ? graph.WithDropout(rate) : graph;
    }

    /// <summary>A model of it.</summary>
    /// <param name="card">Its card.</param>
    /// <param name="weights">The weights of the network that <see cref="Build"/> makes for the card.</param>
    public Model ModelOf(ModelCard card, WeightSet weights)
    {
        ArgumentNullException.ThrowIfNull(card);
        return Architecture is { } architecture ? Model.Of(architecture, card, weights) : new Model(Build(new BuildOptions
        {
            InputChannels = card.InputChannels, Height = card.Preprocessing.Height, Width = card.Preprocessing.Width,
                Classes = card.Classes.Length,
        }), card, weights);
    }

    /// <summary>The definition as JSON: an object with <c>architecture</c> or <c>graph</c>.</summary>
    public string Serialize() => new JsonObject
    {
        [Architecture is null ? GraphMember : ArchitectureMember] =
            JsonNode.Parse(Architecture is { } architecture ? ModelJson.Serialize(architecture) : GraphJson.Serialize(_graph!)),
    }.ToJsonString();

    /// <summary>Reads what <see cref="Serialize"/> wrote.</summary>
    /// <exception cref="InvalidInputException">It is something else.</exception>
    public static NetworkDefinition Parse(JsonNode? json) => json switch
    {
        JsonObject members when members[ArchitectureMember] is { } architecture =>
            Of(ModelJson.ParseArchitecture(architecture.ToJsonString())),
        JsonObject members when members[GraphMember] is { } graph => new NetworkDefinition(null, GraphJson.Parse(graph.ToJsonString())),
        _ => throw new InvalidInputException("A network is expected as an architecture or a graph, found neither."),
    };
}
