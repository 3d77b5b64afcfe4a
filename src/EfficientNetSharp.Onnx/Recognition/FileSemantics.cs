using System.Collections.Immutable;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Onnx.Recognition;

/// <summary>Gives a table the padding, epsilon and functions that a file states, where tables can say them.</summary>
internal static class FileSemantics
{
    /// <summary>
    /// The table as the file has it, under the name of a registered twin where that is the same; <see langword="null"/> where no table
    /// says it.
    /// </summary>
    public static Architecture? Adapt(NetworkPairing pairing, Graph file)
    {
        if (PaddingOf(pairing, file) is not { } padding || WithFunctions(pairing) is not { } architecture) return null;
        var normalization = NormalizationOf(pairing);
        architecture = architecture with
        {
            Padding = padding, Normalization = normalization, CountsPadding = CountsPadding(pairing, file) ?? architecture.CountsPadding,
        };
        return ArchitectureRegistry.All.FirstOrDefault(twin => IsSame(twin, architecture)) is { } registered
            ? architecture with { Name = registered.Name }
            : architecture;
    }

    // One style for all windows, or none.
    private static PaddingStyle? PaddingOf(NetworkPairing pairing, Graph file)
    {
        var own = pairing.Architecture.Padding;
        foreach (var style in new[] { own, own == PaddingStyle.Same ? PaddingStyle.Symmetric : PaddingStyle.Same })
        {
            if (pairing.Pairs.All(
                pair => Expected(pairing.Graph, pair.Ours.Node, style) == NetworkPairing.PadsOf(file, pair.Theirs.Node))) return style;
        }

        return null;
    }

    // Of the poolings that step, whose table says it; none where the file has no such padding.
    private static bool? CountsPadding(NetworkPairing pairing, Graph file)
    {
        var stepping = pairing.Pairs.Where(pair => pair.Ours.Node.Operator is AveragePool { Stride: > 1 }
            && NetworkPairing.PadsOf(file, pair.Theirs.Node) != default(Pads)).ToList();
        return stepping.Count == 0 ? null : stepping.TrueForAll(pair => NetworkPairing.CountsPadding(file, pair.Theirs.Node));
    }

    // What a layer says for itself holds whatever the network does.
    private static Pads? Expected(Graph graph, Node node, PaddingStyle style) => node.Operator switch
    {
        Convolution { Padding: not PaddingStyle.None } op => (op with { Padding = style }).PadsFor(graph.Nodes[node.Inputs[0]].Shape),
        ConditionalConvolution op => (op.Shape with { Padding = style }).PadsFor(graph.Nodes[node.Inputs[0]].Shape),
        MaxPool { Padding: not (PaddingStyle.None or PaddingStyle.RoundedUp) } op => (op with { Padding = style }).PadsFor(graph.Nodes[node.Inputs[0]].Shape),
        AveragePool { Padding: not (PaddingStyle.None or PaddingStyle.RoundedUp) } op =>
            (op with { Padding = style }).PadsFor(graph.Nodes[node.Inputs[0]].Shape),
        _ => NetworkPairing.PadsOf(graph, node),
    };

    // Where normalisations differ among themselves, their variances are shifted to one epsilon when weights are taken over.
    private static Normalization NormalizationOf(NetworkPairing pairing)
    {
        var norms = pairing.Pairs.Select(pair => pair.Theirs)
            .Select(layer => (layer.Node.Operator as BatchNormalization) ?? layer.Norm?.Operator as BatchNormalization)
            .Where(norm => norm is { Epsilon: > 0 and < 1 })
            .Select(norm => norm!)
            .ToList();
        if (norms.Count == 0 || norms.DistinctBy(norm => norm.Epsilon).Count() > 1) return pairing.Architecture.Normalization;
        bool isOneMomentum = norms.DistinctBy(norm => norm.Momentum).Count() == 1 && norms[0].Momentum is > 0 and <= 1;
        return new Normalization(norms[0].Epsilon, isOneMomentum ? norms[0].Momentum : pairing.Architecture.Normalization.Momentum);
    }

    private static Architecture? WithFunctions(NetworkPairing pairing)
    {
        var architecture = pairing.Architecture;
        var functions = pairing.Pairs.Where(pair => pair.Ours.Node.Operator is Activation)
            .Select(pair => (pair.Ours.Node, Kind: ((Activation)pair.Theirs.Node.Operator).Kind))
            .ToList();
        if (functions.TrueForAll(pair => ((Activation)pair.Node.Operator).Kind == pair.Kind)) return architecture;

        // A squeeze-excite's functions hang on a mean; all others on maps or on the hidden layer.
        var inner = functions.Where(pair => IsSqueezed(pairing.Graph, pair.Node)).ToList();
        var gates = inner.Where(pair => IsGate(pairing.Graph, pair.Node)).Select(pair => pair.Kind).Distinct().ToList();
        var squeezed = inner.Where(pair => !IsGate(pairing.Graph, pair.Node)).Select(pair => pair.Kind).Distinct().ToList();
        var outer = functions.Where(pair => !IsSqueezed(pairing.Graph, pair.Node)).ToList();
        if (gates.Count > 1 || squeezed.Count > 1 || outer.Count == 0) return null;
        var rest = outer.Where(pair => pair.Node.Role != NodeRole.Stage).Select(pair => pair.Kind).Distinct().ToList();
        if (rest.Count != 1) return null;
        var stages = ImmutableArray.CreateBuilder<Stage>();
        for (int s = 0; s < architecture.Stages.Length; s++)
        {
            var kinds = outer.Where(pair => pair.Node.Role == NodeRole.Stage && pair.Node.Place.Stage == s).Select(pair => pair.Kind)
                .Distinct().ToList();
            if (kinds.Count > 1) return null;
            stages.Add(architecture.Stages[s] with { Activation = kinds.Count == 0 || kinds[0] == rest[0] ? null : kinds[0] });
        }

        var style = architecture.SqueezeExcite;
        if (gates.Count == 1) style = style with { Gate = gates[0] };
        if (squeezed.Count == 1) style = style with { Activation = squeezed[0] };
        return architecture with { Activation = rest[0], Stages = stages.ToImmutable(), SqueezeExcite = style };
    }

    private static bool IsSqueezed(Graph graph, Node node) => node.Role == NodeRole.Stage
        && node.Shape is { IsVector: false, Height: 1, Width: 1 }
        && ComesFromMean(graph, node);

    private static bool ComesFromMean(Graph graph, Node node)
    {
        for (; node.Inputs.Length == 1; node = graph.Nodes[node.Inputs[0]])
        {
            if (node.Operator is GlobalAveragePool) return true;
        }

        return false;
    }

    private static bool IsGate(Graph graph, Node node) => graph.Nodes.Any(next => next.Operator is Gate && next.Inputs[1] == node.Index);

    private static bool IsSame(Architecture a, Architecture b) => a.Stages.SequenceEqual(b.Stages) && a with
    {
        Name = b.Name, Stages = b.Stages, Embedding = b.Embedding, Normalization = b.Normalization,
    } == b && a.Normalization.Epsilon == b.Normalization.Epsilon;
}
