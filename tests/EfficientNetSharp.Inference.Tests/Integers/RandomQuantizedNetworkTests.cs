using EfficientNetSharp.Graphs.Quantization;
using EfficientNetSharp.Testing;
using EfficientNetSharp.Testing.IntegerMath;
using EfficientNetSharp.Testing.Networks;

namespace EfficientNetSharp.Inference.Tests.Integers;

/// <summary>The engine's integers on generated networks and plans, at every level: equal to the reference's, each of them.</summary>
public sealed class RandomQuantizedNetworkTests
{
    public static TheoryData<int, int> Seeds => RandomNetworks.Blocks(usual: 1000);

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
            var (graph, weights) = RandomQuantization.Of(
                network, SyntheticWeights.For(network, (ulong)seed, gain: 3), arithmetic, (ulong)seed,
                input[..(int)network.Input.Shape.Count], floats: 0);
            using var reference = new IntegerReferenceRunner(graph, weights);
            var expected = new float[2 * (int)graph.Output.Shape.Count];
            ((IModelRunner)reference).Run(input, 2, expected);
            foreach (var level in Levels.Available)
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

    private static string FirstDifference(float[] expected, float[] actual)
    {
        int at = Enumerable.Range(0, expected.Length).First(i => expected[i] != actual[i]);
        return FormattableString.Invariant($"{expected[at]} expected, found {actual[at]} at {at}");
    }
}
