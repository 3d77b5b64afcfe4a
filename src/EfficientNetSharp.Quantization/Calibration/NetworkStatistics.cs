using System.Collections.Immutable;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Transforms;
using EfficientNetSharp.Inference;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Quantization.Calibration;

/// <summary>
/// What is known of every value of a folded network from some images. Images pass one after the other; what is kept of them is bounded.
/// </summary>
public sealed class NetworkStatistics : IDisposable
{
    // The most values that a run delivers at once; a run of the network for each group of them.
    private const long MaxNumbersPerRun = 16 << 20;

    private readonly ImmutableArray<(EngineRunner Runner, ImmutableArray<Node> Nodes, Memory<float>[] Values)> _runs;
    private readonly Dictionary<string, ValueStatistics> _values;

    /// <summary>Prepares to watch a network.</summary>
    /// <param name="graph">The network; normalisations are folded and what acts only in training is left out.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="options">How the engine runs it; <see langword="null"/> for the usual.</param>
    /// <exception cref="InvalidInputException">The engine cannot run the network, or it is quantized already.</exception>
    public NetworkStatistics(Graph graph, WeightSet weights, PlanOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(graph);
        graph.EnsureFloat("Calibration");
        (Graph, Weights) = InferenceTransform.Apply(graph, weights);
        _values = Graph.Nodes.ToDictionary(node => node.Name, _ => new ValueStatistics(), StringComparer.Ordinal);
        _runs = [.. GroupsOf(Graph).Select(nodes =>
        {
            var part = Graph.WithOutputs(nodes);
            return (EngineRunner.Create(part, Weights.For(part), options), nodes,
                nodes.Select(node => new Memory<float>(new float[node.Shape.Count])).ToArray());
        })];
    }

    /// <summary>The folded network.</summary>
    public Graph Graph { get; }

    /// <summary>Its weights.</summary>
    public WeightSet Weights { get; }

    /// <summary>What is known of each node's value, by the node's name.</summary>
    public IReadOnlyDictionary<string, ValueStatistics> Values => _values;

    /// <summary>Takes an image.</summary>
    /// <param name="image">[C,H,W], normalised.</param>
    public void Add(ReadOnlySpan<float> image)
    {
        _values[Graph.Input.Name].Add(image);
        foreach (var (runner, nodes, values) in _runs)
        {
            runner.RunAll(image, 1, values);
            for (int i = 0; i < nodes.Length; i++) _values[nodes[i].Name].Add(values[i].Span);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var (runner, _, _) in _runs) runner.Dispose();
    }

    /// <summary>The nodes in groups whose values fit into memory together.</summary>
    internal static IEnumerable<ImmutableArray<Node>> GroupsOf(Graph graph)
    {
        var group = ImmutableArray.CreateBuilder<Node>();
        long numbers = 0;
        foreach (var node in graph.Nodes.Skip(1))
        {
            if (group.Count > 0 && numbers + node.Shape.Count > MaxNumbersPerRun)
            {
                yield return group.ToImmutable();
                group.Clear();
                numbers = 0;
            }

            group.Add(node);
            numbers += node.Shape.Count;
        }

        if (group.Count > 0) yield return group.ToImmutable();
    }
}
