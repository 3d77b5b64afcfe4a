using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Transforms;
using EfficientNetSharp.Models;
using EfficientNetSharp.Testing;

namespace EfficientNetSharp.Inference.Tests;

/// <summary>The engine on whole networks against the slow reference and against other implementations.</summary>
public sealed class ArchitectureParityTests
{
    private const double Tolerance = 1e-5;

    public static TheoryData<string> Architectures => [.. ArchitectureRegistry.All.Select(architecture => architecture.Name)];

    public static TheoryData<string> Goldens => [.. Golden.Names];

    [Theory]
    [MemberData(nameof(Architectures))]
    public void A_small_version_of_every_architecture_agrees_with_the_reference_at_every_level(string name)
    {
        var graph = ArchitectureRegistry.Get(name).Scale(0.25, 0.3, 64).Build(new BuildOptions { Classes = 10 });
        var weights = SyntheticWeights.For(graph, gain: 3);
        float[] input = SyntheticInput.Batch(graph.Input.Shape, 2), expected = new float[2 * graph.Output.Shape.Count];
        using var reference = new ReferenceRunner(graph, weights);
        reference.Run(input, 2, expected);
        foreach (var level in SimdLevels.Available)
        {
            float[] output = Run(graph, weights, input, 2, new PlanOptions { Threads = 2, Level = level });
            Assert.InRange(RelativeError.OfRows(output, expected, 2), 0, Tolerance);
        }
    }

    [Theory]
    [MemberData(nameof(Goldens))]
    public void A_network_computes_what_the_other_implementation_does(string name)
    {
        var golden = Golden.Load(name);
        var (weights, input) = (golden.CreateWeights(), golden.CreateInput());
        foreach (var level in SimdLevels.Available)
        {
            float[] output = Run(golden.Graph, weights, input, golden.Batch, new PlanOptions { Level = level });
            Assert.InRange(RelativeError.OfRows(output, golden.Output), 0, golden.Tolerance);
        }
    }

    [Fact]
    public void Feature_maps_are_delivered_one_after_the_other_as_planes()
    {
        var graph = ArchitectureRegistry.Get("efficientnet_b0").Scale(0.5, 0.5, 64).Build().Features([4, 8, 16, 32]);
        var weights = SyntheticWeights.For(graph, gain: 3);
        float[] input = SyntheticInput.Batch(graph.Input.Shape, 2);
        using var runner = EngineRunner.Create(graph, weights, new PlanOptions { Threads = 2 });
        Assert.Equal(graph.Outputs.Select(output => output.Shape), runner.Plan.OutputShapes);
        var all = new float[2 * graph.Outputs.Sum(output => output.Shape.Count)];
        runner.Run(input, 2, all, TestContext.Current.CancellationToken);
        int at = 0;
        foreach (var node in graph.Outputs)
        {
            var expected = new float[2 * node.Shape.Count];
            using var reference = new ReferenceRunner(Ending(graph, node), SyntheticWeights.For(Ending(graph, node), gain: 3));
            reference.Run(input, 2, expected);
            Assert.InRange(RelativeError.OfRows(all.AsSpan(at, expected.Length), expected, 2), 0, Tolerance);
            at += expected.Length;
        }

        var first = new float[2 * graph.Output.Shape.Count];
        runner.Run(input, 2, first, TestContext.Current.CancellationToken);
        Assert.Equal(all[..first.Length], first);
    }

    // The same network with one of its values as the result.
    private static Graph Ending(Graph graph, Node output)
    {
        var builder = new GraphBuilder(graph.Input.Shape);
        var nodes = new List<Node> { builder.Last };
        foreach (var node in graph.Nodes.Skip(1).TakeWhile(node => node.Index <= output.Index))
            nodes.Add(builder.Append(node.Name, node.Operator, [.. node.Inputs.Select(input => nodes[input])]));
        return builder.Build(nodes[output.Index]);
    }

    private static float[] Run(Graph graph, WeightSet weights, float[] input, int batch, PlanOptions options)
    {
        using var runner = EngineRunner.Create(graph, weights, options);
        var output = new float[batch * runner.OutputShape.Count];
        runner.Run(input, batch, output, TestContext.Current.CancellationToken);
        return output;
    }
}
