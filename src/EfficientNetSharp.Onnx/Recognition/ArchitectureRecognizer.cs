using System.Collections.Immutable;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Onnx.Recognition;

/// <summary>
/// Finds the registered network that a graph is, by structure and shapes, never by names. What a file may say otherwise than the
/// table (padding, epsilon, functions, classes, features of an embedding) is taken from the file.
/// </summary>
internal static class ArchitectureRecognizer
{
    /// <summary>Recognises a network.</summary>
    /// <param name="file">The file's graph.</param>
    /// <returns>
    /// The table with what the file says, and the pairs of layers; <see langword="null"/> where it is no registered network.
    /// </returns>
    public static NetworkPairing? Recognize(Graph file)
    {
        if (file.Outputs.Length > 1) return null;
        var found = Pair(file, ArchitectureRegistry.All, withFunctions: true).ToList();
        // Among twins the one that is run as the file says, else the first with the file's own words.
        if (found.FirstOrDefault(pairing => pairing.Contradiction(file) is null) is { } exact) return exact;
        found.AddRange(Pair(file, ArchitectureRegistry.All, withFunctions: false));
        foreach (var pairing in found)
        {
            var adapted = FileSemantics.Adapt(pairing, file);
            if (adapted is null || Pair(file, [adapted], withFunctions: true).FirstOrDefault() is not { } again) continue;
            if (again.Contradiction(file) is null) return again;
        }

        return null;
    }

    /// <summary>Holds a graph against the network that somebody says it is.</summary>
    /// <param name="file">The file's graph.</param>
    /// <param name="claim">The table.</param>
    /// <param name="difference">What is otherwise, for people; <see langword="null"/> where nothing is.</param>
    public static NetworkPairing? Match(Graph file, Architecture claim, out string? difference)
    {
        var pairing = file.Outputs.Length > 1 ? null : Pair(file, [claim], withFunctions: false).FirstOrDefault();
        difference = pairing is null ? FirstDifference(file, claim) : pairing.Contradiction(file);
        return pairing;
    }

    private static IEnumerable<NetworkPairing> Pair(Graph file, IEnumerable<Architecture> architectures, bool withFunctions)
    {
        var table = new StructureTable(withFunctions);
        var theirs = CanonicalGraph.Of(file);
        int[] theirNumbers = table.NumbersOf(theirs);
        foreach (var architecture in architectures)
        {
            foreach (var (fitted, graph) in Builds(file, architecture))
            {
                var ours = CanonicalGraph.Of(graph);
                int[] ourNumbers = table.NumbersOf(ours);
                if (ourNumbers[ours.Output] == theirNumbers[theirs.Output])
                    yield return NetworkPairing.Of(fitted, graph, ours, ourNumbers, theirs, theirNumbers);
            }
        }
    }

    // The table's network for the file's input and result: with a classifier, without one, or with an embedding of as many features.
    private static IEnumerable<(Architecture Architecture, Graph Graph)> Builds(Graph file, Architecture architecture)
    {
        int outputs = file.Output.Shape.Channels;
        if (architecture.Embedding is { } embedding) architecture = architecture with { Embedding = embedding with { Features = outputs } };
        foreach (int classes in architecture.Embedding is null ? (int[])[outputs, 0] : [0])
        {
            Graph? graph = null;
            try
            {
                graph = architecture.Build(new BuildOptions
                {
                    InputChannels = file.Input.Shape.Channels, Height = file.Input.Shape.Height, Width = file.Input.Shape.Width,
                        Classes = classes,
                });
            }
            catch (Exception e) when (e is ArgumentException or InvalidInputException or OverflowException)
            {
                // The network does not exist at this size, so the file's is another.
            }

            if (graph is not null) yield return (architecture, graph);
        }
    }

    private static string FirstDifference(Graph file, Architecture claim)
    {
        if (file.Outputs.Length > 1) return $"the file has {file.Outputs.Length} results";
        if (Builds(file, claim).Select(build => CanonicalGraph.Of(build.Graph)).FirstOrDefault() is not { } ours)
            return $"that network does not take images of {file.Input.Shape}";
        var theirs = CanonicalGraph.Of(file);
        ImmutableArray<CanonicalLayer> a = Layers(ours), b = Layers(theirs);
        for (int i = 0; i < Math.Min(a.Length, b.Length); i++)
        {
            if (a[i].Signature(withFunctions: false) != b[i].Signature(withFunctions: false))
                return $"in the place of {a[i].Node.Name}, {a[i].Describe()}, the file has {b[i].Describe()} ({Files.OneLine.Quote(b[i].Node.Name)})";
        }

        return a.Length == b.Length ? "its layers are joined otherwise" : $"it has {b.Length} layers with weights, that network {a.Length}";

        static ImmutableArray<CanonicalLayer> Layers(CanonicalGraph graph) =>
            [.. graph.Layers.Where(layer => !layer.Node.Parameters.IsEmpty)];
    }
}
