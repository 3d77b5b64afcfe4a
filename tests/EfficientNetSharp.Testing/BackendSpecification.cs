using System.Collections.Immutable;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Transforms;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Testing;

/// <summary>What every backend is held against: networks of all families at sizes that the slow reference manages.</summary>
public static class BackendSpecification
{
    /// <summary>The largest relative error of a row or map that a float32 backend may have.</summary>
    public const double Tolerance = 1e-5;

    /// <summary>
    /// The gain of <see cref="SyntheticWeights.For"/>: at 5, which full networks take, V2-S shrunk to maps of 2×3 multiplies the
    /// rounding of float32 beyond the tolerance.
    /// </summary>
    public const double Gain = 4;

    /// <summary>
    /// One network of each family and padding, and with them every kind of block, head and embedding. A new family is in here by
    /// itself.
    /// </summary>
    public static IEnumerable<string> Families => ArchitectureRegistry.All
        .DistinctBy(architecture => (architecture.Family, architecture.Padding, architecture.Embedding?.Kind))
        .Select(architecture => architecture.Name);

    /// <summary>A registered network shrunk to a quarter of its width and a third of its depth.</summary>
    public static Architecture Shrink(string name) => ArchitectureRegistry.Get(name).Scale(0.25, 0.3, 64);

    /// <summary>The graphs of a network that are compared: logits or embedding, pooled row, all maps; other sizes and channels.</summary>
    public static IEnumerable<Graph> GraphsOf(string name)
    {
        var architecture = Shrink(name);
        var strides = StridesOf(architecture);
        var square = new BuildOptions { Height = 64, Width = 64, Classes = 7 };
        var tall = square with { Height = 67, Width = 50, InputChannels = 1 };
        var wide = square with { Height = 50, Width = 67, InputChannels = 5 };
        return
        [
            architecture.Build(square), architecture.Build(square with { Classes = 0 }), architecture.Build(square).Features(strides),
            architecture.Build(tall), architecture.Build(tall).Features(strides), architecture.Build(wide).Features(strides),
        ];
    }

    /// <summary>All strides at which a network has maps, from the first.</summary>
    private static ImmutableArray<int> StridesOf(Architecture architecture)
    {
        var strides = new SortedSet<int> { architecture.Stem.Stride };
        int stride = architecture.Stem.Stride * (architecture.Stem.MaxPool ? 2 : 1);
        strides.Add(stride);
        foreach (var stage in architecture.Stages) strides.Add(stride *= stage.Stride);
        return [.. strides];
    }

    /// <summary>
    /// Runs different images through a backend and the reference.
    /// </summary>
    /// <returns>For each output the largest relative error of an image's row or map.</returns>
    public static double[] Errors(Graph graph, WeightSet weights, Func<Graph, WeightSet, IModelRunner> create, int batch = 2)
    {
        float[] input = SyntheticInput.Batch(graph.Input.Shape, batch, seed: 7);
        using var reference = new ReferenceRunner(graph, weights);
        using var runner = create(graph, weights);
        if (!runner.OutputShapes.SequenceEqual(reference.OutputShapes))
            throw new InvalidOperationException($"{runner.Backend} yields {string.Join(", ", runner.OutputShapes)}, expected {string.Join(", ", reference.OutputShapes)}.");
        float[][] expected = RunAll(reference, input, batch), actual = RunAll(runner, input, batch);
        return [.. expected.Zip(actual, (e, a) => RelativeError.OfRows(a, e, batch))];
    }

    /// <summary>All outputs of a batch.</summary>
    public static float[][] RunAll(IModelRunner runner, float[] input, int batch)
    {
        var outputs = runner.OutputShapes.Select(shape => new float[batch * shape.Count]).ToArray();
        runner.RunAll(input, batch, [.. outputs.Select(values => values.AsMemory())]);
        return outputs;
    }
}
