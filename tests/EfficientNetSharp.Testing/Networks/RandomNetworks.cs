using System.Globalization;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Testing.Networks;

/// <summary>
/// Holds backends against the reference on <see cref="RandomNetwork"/>s. A failure names the seed and the smallest part of the network
/// that fails.
/// </summary>
public static class RandomNetworks
{
    /// <summary>Names the seeds that are run in place of the usual ones, as <c>first:count</c>.</summary>
    public const string SeedsVariable = "EFFNET_TEST_NETWORKS";

    // Of what a float32 backend may be off: relative to the result, and, as sums may cancel, to the largest value on the way.
    private const double Tolerance = 1e-5, CancellationTolerance = 1e-6;

    /// <summary>The seeds to run, in blocks: of the usual number from 0 on, or those that <see cref="SeedsVariable"/> names.</summary>
    /// <param name="usual">How many a test run takes; so many that it ends within half a minute.</param>
    public static TheoryData<int, int> Blocks(int usual)
    {
        const int BlockSize = 500;
        var (start, count) = Environment.GetEnvironmentVariable(SeedsVariable) is { Length: > 0 } text ? Parse(text) : (0, usual);
        var blocks = new TheoryData<int, int>();
        for (int first = start; first < start + count; first += BlockSize) blocks.Add(first, Math.Min(BlockSize, start + count - first));
        return blocks;
    }

    /// <summary>Holds a backend's runners against the reference on the networks of some seeds.</summary>
    /// <param name="first">The first seed.</param>
    /// <param name="count">How many.</param>
    /// <param name="runners">Makes the runners of a network; each is disposed.</param>
    /// <param name="batch">Images at once; those of the seed where <see langword="null"/>, 1 to 3.</param>
    public static void Check(int first, int count, Func<Graph, WeightSet, IEnumerable<IModelRunner>> runners, int? batch = null)
    {
        for (int seed = first; seed < first + count; seed++)
        {
            var graph = RandomNetwork.Build(seed);
            if (Error(graph) is not { } error) continue;
            var smallest = Smallest(graph, Error);
            Assert.Fail($"Network {seed}: {error}\nIts smallest part that fails: {Error(smallest) ?? "none"}\n{Describe(smallest)}");

            string? Error(Graph network) => ErrorOf(network, (ulong)seed, runners, batch ?? 1 + (seed % 3));
        }
    }

    private static string? ErrorOf(Graph graph, ulong seed, Func<Graph, WeightSet, IEnumerable<IModelRunner>> runners, int batch)
    {
        var weights = SyntheticWeights.For(graph, seed, gain: 3);
        float[] input = SyntheticInput.Batch(graph.Input.Shape, batch, seed);
        using var reference = new ReferenceRunner(graph, weights);
        float[][] expected = BackendSpecification.RunAll(reference, input, batch);
        double[] scales = LargestValues(graph, weights, input, batch);
        int index = 0;
        try
        {
            foreach (var made in runners(graph, weights))
            {
                using var runner = made;
                if (!runner.OutputShapes.SequenceEqual(
                    reference.OutputShapes)) return $"runner {index}: shapes {string.Join(", ", runner.OutputShapes)}";
                float[][] actual = BackendSpecification.RunAll(runner, input, batch);
                for (int o = 0; o < actual.Length; o++)
                for (int n = 0; n < batch; n++)
                {
                    int length = expected[o].Length / batch;
                    var (difference, norm) = Difference(actual[o].AsSpan(n * length, length), expected[o].AsSpan(n * length, length));
                    if (!(difference <= (Tolerance * norm) + (CancellationTolerance * scales[n])))
                        return FormattableString.Invariant(
                            $"{runner.Backend}, runner {index}, output {o}, image {n} of {batch}: off by {difference} where values are {norm}");
                }

                index++;
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return $"runner {index}: {e}";
        }

        return null;
    }

    // Root mean squares.
    private static (double Difference, double Norm) Difference(ReadOnlySpan<float> actual, ReadOnlySpan<float> expected)
    {
        double difference = 0, norm = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            difference += Math.Pow(actual[i] - (double)expected[i], 2);
            norm += expected[i] * (double)expected[i];
        }

        return (Math.Sqrt(difference / expected.Length), Math.Sqrt(norm / expected.Length));
    }

    // For each image, the largest root mean square of a node's values.
    private static double[] LargestValues(Graph graph, WeightSet weights, float[] input, int batch)
    {
        using var all = new ReferenceRunner(graph.WithOutputs(graph.Nodes), weights);
        int length = input.Length / batch;
        return [.. Enumerable.Range(0, batch).Select(n =>
            all.EvaluateAll(input[(n * length)..((n + 1) * length)])
                .Max(values => Math.Sqrt(values.Sum(value => value * value) / values.Length)))];
    }

    // The part before the first node that fails by itself; the whole where none does.
    private static Graph Smallest(Graph graph, Func<Graph, string?> error)
    {
        foreach (var node in graph.Nodes)
        {
            var part = UpTo(graph, node);
            if (error(part) is not null) return part;
        }

        return graph;
    }

    // Only what a node is computed from.
    private static Graph UpTo(Graph graph, Node output)
    {
        var needed = new HashSet<int> { output.Index };
        for (int i = output.Index; i >= 0; i--)
        {
            if (needed.Contains(i)) needed.UnionWith(graph.Nodes[i].Inputs);
        }

        var builder = new GraphBuilder(graph.Input.Shape, graph.Input.Name);
        var renewed = new Dictionary<int, Node> { [0] = builder.Last };
        foreach (var node in graph.Nodes.Skip(1).Where(node => needed.Contains(node.Index)))
            renewed[node.Index] = builder.Append(node.Name, node.Operator, [.. node.Inputs.Select(input => renewed[input])]);
        return builder.Build(renewed[output.Index]);
    }

    private static string Describe(Graph graph) => string.Join("\n", graph.Nodes.Select(node =>
        $"  {node.Name} = {node.Operator} of {string.Join(" and ", node.Inputs.Select(input => graph.Nodes[input].Name))} → {node.Shape}"
        + (graph.Outputs.Contains(node) ? ", a result" : "")));

    private static (int First, int Count) Parse(string text)
    {
        string[] parts = text.Split(':');
        return parts.Length == 2 && int.TryParse(parts[0], CultureInfo.InvariantCulture, out int first)
            && int.TryParse(parts[1], CultureInfo.InvariantCulture, out int count)
            ? (first, count)
            : throw new FormatException($"{SeedsVariable} is expected to be first:count, found '{text}'.");
    }
}
