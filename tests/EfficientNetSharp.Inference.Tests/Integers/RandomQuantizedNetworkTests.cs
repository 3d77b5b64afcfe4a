using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Quantization;
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
