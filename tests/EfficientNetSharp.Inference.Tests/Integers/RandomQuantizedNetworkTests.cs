using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Quantization;
using EfficientNetSharp.Inference.Memory;
using EfficientNetSharp.Models;
using EfficientNetSharp.Testing;
using EfficientNetSharp.Testing.IntegerMath;
using EfficientNetSharp.Testing.Networks;

namespace EfficientNetSharp.Inference.Tests.Integers;

/// <summary>The engine's integers on generated networks and plans, at every level: equal to the reference's, each of them.</summary>
public sealed class RandomQuantizedNetworkTests
{
    public static TheoryData<int, int> Seeds => RandomNetworks.Blocks(usual: 150);

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Networks_of_integers_alone_agree_bit_for_bit(int first, int count)
    {
        for (int seed = first; seed < first + count; seed++)
        foreach (var arithmetic in Enum.GetValues<IntegerArithmetic>())
        {
            var network = RandomNetwork.Build(seed);
            float[] input = SyntheticInput.Batch(network.Input.Shape, 2, (ulong)seed);
            // One result is enough: what leads to another is part of other networks.
            network = network.WithOutputs(network.Output);
            // Kernels that are mixed for each image stay floats, which the reference has in double precision.
            if (network.Nodes.Any(node => node.Operator is ConditionalConvolution)) continue;
            var (graph, weights) = RandomQuantization.Of(
                network, SyntheticWeights.For(network, (ulong)seed, gain: 3), arithmetic, (ulong)seed,
                input[..(int)network.Input.Shape.Count], floats: 0);
            using var reference = new IntegerReferenceRunner(graph, weights);
            var expected = new float[2 * (int)graph.Output.Shape.Count];
            ((IModelRunner)reference).Run(input, 2, expected);
            foreach (var level in SimdLevels.Available)
            {
                var options = new PlanOptions { Level = level, Threads = 1 + (seed % 2) };
                using var engine = EngineRunner.Create(graph, weights, options);
                var actual = new float[expected.Length];
                ((IModelRunner)engine).Run(input, 2, actual);
                if (!expected.AsSpan().SequenceEqual(actual))
                    Assert.Fail(
                        $"Network {seed}, {arithmetic}, {level}: {FirstDifference(expected, actual)} of {expected.Length}, {graph.Quantization!.Describe()}");
            }
        }
    }

    // Weights at their types' ends and images far out of range: sums, and what saturates on the way, are as large as they can be.
    [Theory]
    [MemberData(nameof(Seeds))]
    public void Extreme_integers_agree_bit_for_bit(int first, int count)
    {
        for (int seed = first; seed < first + count; seed += 3)
        foreach (var arithmetic in Enum.GetValues<IntegerArithmetic>())
        {
            var network = RandomNetwork.Build(seed);
            network = network.WithOutputs(network.Output);
            if (network.Nodes.Any(node => node.Operator is ConditionalConvolution)) continue;
            float[] input = SyntheticInput.Batch(network.Input.Shape, 1, (ulong)seed);
            var (graph, weights) = RandomQuantization.Of(
                network, SyntheticWeights.For(network, (ulong)seed, gain: 3), arithmetic, (ulong)seed, input, floats: 0);
            weights = RandomQuantization.AtTheEnds(graph, weights, (ulong)seed);
            for (int i = 0; i < input.Length; i++)
                input[i] = input[i] > 0.5f ? float.PositiveInfinity : input[i] < -0.5f ? -1e30f : input[i];
            AssertEqual(graph, weights, input, $"Network {seed}, {arithmetic}");
        }
    }

    // Maps and layers as large as networks have them: several blocks and tiles, and rows that a ring has no room for.
    [Theory]
    [InlineData("efficientnet_b0", 96)]
    [InlineData("mobilenet_v2", 80)]
    [InlineData("efficientnet_lite0", 64)]
    [InlineData("mobilenet_v3_large", 64)]
    [InlineData("resnet50", 32)]
    public void Whole_networks_agree_bit_for_bit(string name, int resolution)
    {
        var network = ArchitectureRegistry.Get(name).Scale(0.6, 0.3, resolution).Build(new BuildOptions { Classes = 10 });
        float[] input = SyntheticInput.Batch(network.Input.Shape, 1, 5);
        foreach (var arithmetic in Enum.GetValues<IntegerArithmetic>())
        {
            for (ulong seed = 0; seed < 2; seed++)
            {
                var (graph, weights) = RandomQuantization.Of(
                    network, SyntheticWeights.For(network, seed, gain: 5), arithmetic, seed, input, floats: 0);
                AssertEqual(graph, weights, input, $"{name}, {arithmetic}, plan {seed}");
            }
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void No_kernel_leaves_its_memory(bool isBehind)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Guard pages are made on Linux only.");
        using var guard = MemoryGuard.Use(isBehind ? GuardSide.After : GuardSide.Before);
        for (int seed = 0; seed < GuardedNetworks; seed++)
        foreach (var arithmetic in Enum.GetValues<IntegerArithmetic>())
        {
            var network = RandomNetwork.Build(seed);
            network = network.WithOutputs(network.Output);
            if (network.Nodes.Any(node => node.Operator is ConditionalConvolution)) continue;
            float[] input = SyntheticInput.Batch(network.Input.Shape, 1, (ulong)seed);
            var (graph, weights) = RandomQuantization.Of(
                network, SyntheticWeights.For(network, (ulong)seed, gain: 3), arithmetic, (ulong)seed, input, floats: 0);
            AssertEqual(graph, weights, input, $"Network {seed}, {arithmetic}", threads: 1);

            // Guarded memory takes many mappings, of which a process has 65,530, and goes with the garbage.
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }

    private const int GuardedNetworks = 40;

    private static void AssertEqual(Graph graph, WeightSet weights, float[] input, string what, int threads = 2)
    {
        using var reference = new IntegerReferenceRunner(graph, weights);
        float[] expected = new float[graph.Output.Shape.Count], actual = new float[expected.Length];
        ((IModelRunner)reference).Run(input, 1, expected);
        foreach (var level in SimdLevels.Available)
        {
            using var engine = EngineRunner.Create(graph, weights, new PlanOptions { Level = level, Threads = threads, ImagesPerPass = 1 });
            ((IModelRunner)engine).Run(input, 1, actual);
            if (!expected.AsSpan().SequenceEqual(actual))
                Assert.Fail($"{what}, {level}: {FirstDifference(expected, actual)} of {expected.Length}, {graph.Quantization!.Describe()}");
        }
    }

    // Floats of one precision and another can round to neighbouring integers, from where a difference spreads: seldom and little.
    [Theory]
    [MemberData(nameof(Seeds))]
    public void Networks_of_integers_and_floats_agree_but_for_roundings(int first, int count)
    {
        int networks = 0, others = 0;
        for (int seed = first; seed < first + count; seed += 4)
        foreach (var arithmetic in Enum.GetValues<IntegerArithmetic>())
        {
            var network = RandomNetwork.Build(seed);
            network = network.WithOutputs(network.Output);
            float[] input = SyntheticInput.Batch(network.Input.Shape, 1, (ulong)seed);
            var (graph, weights) = RandomQuantization.Of(
                network, SyntheticWeights.For(network, (ulong)seed, gain: 3), arithmetic, (ulong)seed, input, floats: 0.3);
            using var reference = new IntegerReferenceRunner(graph, weights);
            using var engine = EngineRunner.Create(graph, weights, new PlanOptions { Threads = 1 });
            float[] expected = new float[graph.Output.Shape.Count], actual = new float[expected.Length];
            ((IModelRunner)reference).Run(input, 1, expected);
            ((IModelRunner)engine).Run(input, 1, actual);
            double scale = Math.Max(expected.Max(MathF.Abs), 1e-6f);
            double worst = expected.Zip(actual, (a, b) => Math.Abs(a - b) / scale).Max();
            networks++;
            // A network whose results have few steps differs by much where it differs at all.
            if (worst > 0.01) others++;
        }

        Assert.True(others <= Math.Max(1, networks / 25), $"{others} of {networks} networks differ from the reference by over 1 %.");
    }

    private static string FirstDifference(float[] expected, float[] actual)
    {
        int at = Enumerable.Range(0, expected.Length).First(i => expected[i] != actual[i]);
        return FormattableString.Invariant($"{expected[at]} expected, found {actual[at]} at {at}");
    }
}
