using System.Collections.Concurrent;
using System.Collections.Immutable;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Transforms;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Testing;

/// <summary>
/// What every backend must do: networks of all families at sizes that the slow reference manages, and what
/// <see cref="IModelRunner"/> promises. A backend's tests derive from it and say how its runners are made.
/// </summary>
public abstract class BackendSpecification
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
    public static TheoryData<string> Families => [.. ArchitectureRegistry.All
        .DistinctBy(architecture => (architecture.Family, architecture.Padding, architecture.Embedding?.Kind))
        .Select(architecture => architecture.Name)];

    /// <summary>
    /// The backend's runners for a network: one, or one for each way in which it can compute. Each is disposed before the next is made.
    /// </summary>
    protected abstract IEnumerable<IModelRunner> Runners(Graph graph, WeightSet weights);

    /// <summary>
    /// The largest relative error by which a call may differ from the same call before; 0 for backends that repeat themselves to the
    /// last bit.
    /// </summary>
    protected virtual double RepeatTolerance => 0;

    [Theory]
    [MemberData(nameof(Families))]
    public void Every_family_agrees_with_the_reference(string name)
    {
        foreach (var graph in GraphsOf(name)) AssertAgreement(graph, SyntheticWeights.For(graph, gain: Gain), Runners, batch: 2);
    }

    [Fact]
    public void Every_operator_agrees_with_the_reference()
    {
        var graph = EveryOperator.Build();
        AssertAgreement(graph, SyntheticWeights.For(graph, gain: 3), Runners, batch: 3);
    }

    [Fact]
    public void The_first_output_alone_is_what_all_of_them_begin_with() => ForEachRunner(EveryOperator.Build(), runner =>
    {
        float[] input = SyntheticInput.Batch(runner.InputShape, 2), row = new float[2 * runner.OutputShape.Count];
        runner.Run(input, 2, row);
        Assert.True(AreSame(row, RunAll(runner, input, 2)[0], batch: 2));
    });

    [Fact]
    public void Lengths_and_batches_that_do_not_fit_are_refused() => ForEachRunner(EveryOperator.Build(), runner =>
    {
        float[] input = SyntheticInput.Batch(runner.InputShape, 2), row = new float[2 * runner.OutputShape.Count];
        Assert.Throws<ArgumentException>(() => runner.Run(input, 1, row));
        Assert.Throws<ArgumentException>(() => runner.Run(input, 2, row.AsSpan(1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => runner.Run([], 0, []));
        Assert.Throws<ArgumentException>(() => runner.RunAll(input, 2, row));
        Assert.Throws<ArgumentException>(() => runner.RunAll(input, 2, row, row, row, row));
    });

    [Fact]
    public void Many_threads_at_once_get_the_results_of_one_call_after_the_other()
    {
        // Every operator with several outputs, and a network whose steps are long enough for the calls to meet everywhere.
        foreach (var graph in new[] { EveryOperator.Build(), Shrink("efficientnet_b0").Build(new BuildOptions { Classes = 7 }) })
            ForEachRunner(graph, AssertSameResultsFromManyThreads);
    }

    /// <summary>A registered network shrunk to a quarter of its width and a third of its depth.</summary>
    public static Architecture Shrink(string name) => ArchitectureRegistry.Get(name).Scale(0.25, 0.3, 64);

    /// <summary>Holds a backend's runners against the reference on different images.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="runners">Makes the runners.</param>
    /// <param name="batch">How many images.</param>
    public static void AssertAgreement(
        Graph graph, WeightSet weights, Func<Graph, WeightSet, IEnumerable<IModelRunner>> runners, int batch)
    {
        float[] input = SyntheticInput.Batch(graph.Input.Shape, batch, seed: 7);
        using var reference = new ReferenceRunner(graph, weights);
        float[][] expected = RunAll(reference, input, batch);
        foreach (var made in runners(graph, weights))
        {
            using var runner = made;
            Assert.Equal(reference.OutputShapes, runner.OutputShapes);
            float[][] actual = RunAll(runner, input, batch);
            for (int i = 0; i < actual.Length; i++) Assert.InRange(RelativeError.OfRows(actual[i], expected[i], batch), 0, Tolerance);
        }
    }

    /// <summary>All outputs of a batch.</summary>
    public static float[][] RunAll(IModelRunner runner, float[] input, int batch)
    {
        var outputs = runner.OutputShapes.Select(shape => new float[batch * shape.Count]).ToArray();
        runner.RunAll(input, batch, [.. outputs.Select(values => values.AsMemory())]);
        return outputs;
    }

    // Threads with images and batches of their own, all outputs and the first alone in turns.
    private void AssertSameResultsFromManyThreads(IModelRunner runner)
    {
        const int Threads = 8, Turns = 6;
        float[][] inputs = [.. Enumerable.Range(0, Threads).Select(n => SyntheticInput.Batch(runner.InputShape, BatchOf(n), (ulong)n))];
        float[][][] expected = [.. inputs.Select((input, n) => RunAll(runner, input, BatchOf(n)))];
        var errors = new ConcurrentQueue<string>();
        using var start = new Barrier(Threads);
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(n => new Thread(() => RunInTurns(n)))];
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        Assert.Empty(errors);

        void RunInTurns(int n)
        {
            start.SignalAndWait();
            for (int turn = 0; turn < Turns; turn++)
            {
                try
                {
                    if (IsSame(n, isForAll: (turn + n) % 2 == 0)) continue;
                    errors.Enqueue($"{runner.Backend}: thread {n}, turn {turn}: another result");
                }
                catch (Exception e)
                {
                    errors.Enqueue($"{runner.Backend}: thread {n}, turn {turn}: {e}");
                }
            }
        }

        bool IsSame(int n, bool isForAll)
        {
            if (isForAll)
            {
                var outputs = RunAll(runner, inputs[n], BatchOf(n)).Zip(expected[n]);
                return outputs.All(pair => AreSame(pair.First, pair.Second, BatchOf(n)));
            }

            float[] first = new float[expected[n][0].Length];
            runner.Run(inputs[n], BatchOf(n), first);
            return AreSame(first, expected[n][0], BatchOf(n));
        }

        static int BatchOf(int n) => 1 + (n % 3);
    }

    private bool AreSame(float[] actual, float[] expected, int batch) => RepeatTolerance == 0
        ? actual.Select(BitConverter.SingleToInt32Bits).SequenceEqual(expected.Select(BitConverter.SingleToInt32Bits))
        : RelativeError.OfRows(actual, expected, batch) <= RepeatTolerance;

    private void ForEachRunner(Graph graph, Action<IModelRunner> check)
    {
        foreach (var made in Runners(graph, SyntheticWeights.For(graph, gain: 3)))
        {
            using var runner = made;
            check(runner);
        }
    }

    // A network as logits or embedding, pooled row and all maps; at other sizes and with other channels.
    private static IEnumerable<Graph> GraphsOf(string name)
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

    // All strides at which a network has maps, from the first.
    private static ImmutableArray<int> StridesOf(Architecture architecture)
    {
        var strides = new SortedSet<int> { architecture.Stem.Stride };
        int stride = architecture.Stem.Stride * (architecture.Stem.MaxPool ? 2 : 1);
        strides.Add(stride);
        foreach (var stage in architecture.Stages) strides.Add(stride *= stage.Stride);
        return [.. strides];
    }
}
