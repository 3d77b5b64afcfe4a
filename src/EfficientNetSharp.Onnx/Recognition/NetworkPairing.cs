using EfficientNetSharp.Architectures;
using EfficientNetSharp.Files;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Onnx.Recognition;

/// <summary>A network of the tables and a file's, layer by layer.</summary>
/// <param name="architecture">The table.</param>
/// <param name="graph">The network that it builds for the file's input.</param>
/// <param name="pairs">Its layers, each with the file's.</param>
internal sealed class NetworkPairing(Architecture architecture, Graph graph,
    IReadOnlyList<(CanonicalLayer Ours, CanonicalLayer Theirs)> pairs)
{
    public Architecture Architecture { get; } = architecture;

    public Graph Graph { get; } = graph;

    public IReadOnlyList<(CanonicalLayer Ours, CanonicalLayer Theirs)> Pairs { get; } = pairs;

    /// <summary>Pairs two networks of one structure.</summary>
    /// <param name="architecture">The table.</param>
    /// <param name="graph">The network that it builds.</param>
    /// <param name="ours">That network.</param>
    /// <param name="ourNumbers">Its layers' numbers.</param>
    /// <param name="theirs">The file's network.</param>
    /// <param name="theirNumbers">Its layers' numbers.</param>
    public static NetworkPairing Of(
        Architecture architecture, Graph graph, CanonicalGraph ours, int[] ourNumbers, CanonicalGraph theirs, int[] theirNumbers)
    {
        var pairs = new List<(CanonicalLayer, CanonicalLayer)>();
        var seen = new HashSet<int>();
        var stack = new Stack<(int Ours, int Theirs)>([(ours.Output, theirs.Output)]);
        while (stack.TryPop(out var pair))
        {
            if (!seen.Add(pair.Ours)) continue;
            var (a, b) = (ours.Layers[pair.Ours], theirs.Layers[pair.Theirs]);
            pairs.Add((a, b));
            bool isCrossed = a.Inputs.Length == 2 && ourNumbers[a.Inputs[0]] != theirNumbers[b.Inputs[0]];
            for (int i = 0; i < a.Inputs.Length; i++) stack.Push((a.Inputs[i], b.Inputs[isCrossed ? 1 - i : i]));
        }

        return new NetworkPairing(architecture, graph, [.. pairs.OrderBy(pair => pair.Item1.Node.Index)]);
    }

    /// <summary>
    /// What the file does otherwise than the table, in words for people: the first layer with other zeros, another epsilon or another
    /// function; <see langword="null"/> where there is none.
    /// </summary>
    /// <param name="file">The file's graph.</param>
    public string? Contradiction(Graph file)
    {
        foreach (var (ours, theirs) in Pairs)
        {
            string at = $"{ours.Node.Name} ({OneLine.Quote(theirs.Node.Name)} in the file)";
            if (PadsOf(Graph, ours.Node) != PadsOf(file, theirs.Node))
                return $"{at} pads {Show(PadsOf(file, theirs.Node))}, by the name it is {Show(PadsOf(Graph, ours.Node))}";
            if (CountsPadding(Graph, ours.Node) != CountsPadding(file, theirs.Node))
                return $"{at} takes means {(CountsPadding(file, theirs.Node) ? "with" : "without")} its padding, by the name it does {(CountsPadding(Graph, ours.Node) ? "with" : "without")}";
            if (EpsilonOf(theirs) is { } epsilon && EpsilonOf(ours) is { } expected && epsilon != expected)
                return $"{at} normalises with an epsilon of {NumberText.Of(epsilon)}, by the name it is {NumberText.Of(expected)}";
            if (ours.Node.Operator is Activation a && theirs.Node.Operator is Activation b && a != b)
                return $"{at} is {b.Kind}, by the name it is {a.Kind}";
        }

        return null;
    }

    /// <summary>The zeros around a layer's input, where it has a window.</summary>
    public static Pads? PadsOf(Graph graph, Node node) => node.Operator switch
    {
        Convolution op => op.PadsFor(graph.Nodes[node.Inputs[0]].Shape),
        ConditionalConvolution op => op.Shape.PadsFor(graph.Nodes[node.Inputs[0]].Shape),
        MaxPool op => op.PadsFor(graph.Nodes[node.Inputs[0]].Shape),
        AveragePool op => op.PadsFor(graph.Nodes[node.Inputs[0]].Shape),
        _ => null,
    };

    /// <summary>Whether a mean counts zeros that are not the map's.</summary>
    public static bool CountsPadding(Graph graph, Node node) =>
        node.Operator is AveragePool { CountsPadding: true } op && op.PadsFor(graph.Nodes[node.Inputs[0]].Shape) != default;

    /// <summary>The epsilon of a layer's normalisation; none where there is none, or where it is a plain factor and shift.</summary>
    public static double? EpsilonOf(CanonicalLayer layer) =>
        ((layer.Node.Operator as BatchNormalization) ?? layer.Norm?.Operator as BatchNormalization) is { Epsilon: > 0 } norm ? norm.Epsilon
            : null;

    private static string Show(Pads? pads) => pads is { } p ? $"{p.Top} {p.Left} {p.Bottom} {p.Right} (top, left, bottom, right)"
        : "nothing";
}
