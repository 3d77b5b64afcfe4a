using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Testing;

namespace EfficientNetSharp.Inference.Tests;

/// <summary>What the engine copies of concatenations, slices and shuffles; that it is right, generated networks show.</summary>
public sealed class ChannelPlanTests
{
    [Fact]
    public void The_layers_of_a_Fire_module_write_side_by_side()
    {
        var graph = ArchitectureRegistry.Get("squeezenet1_1").Build(new BuildOptions { Height = 64, Width = 64 });
        Assert.DoesNotContain(Steps(graph), name => name.EndsWith(".concat", StringComparison.Ordinal));
    }

    // Concatenation, shuffle and the half that passes by are never stored: channels are gathered from where they are once somebody works on them.
    [Fact]
    public void A_unit_of_ShuffleNetV2_gathers_the_half_that_it_works_on()
    {
        var graph = ArchitectureRegistry.Get("shufflenet_v2_x1_0").Build(new BuildOptions { Height = 64, Width = 64 });
        var unit = Steps(graph).Where(name => name.StartsWith("stages.0.2.", StringComparison.Ordinal)).Select(name => name["stages.0.2.".Length..]);
        Assert.Equal(["taken"], unit.Where(name => name is "kept" or "taken" or "concat" or "shuffle"));
    }

    // What comes after takes the joined value as it is, so that it is stored; a layer whose value others take has a place of its own.
    [Fact]
    public void What_others_take_is_copied()
    {
        var graph = new GraphBuilder(TensorShape.Map(3, 5, 5));
        var first = graph.Append("first", new Convolution(3, 16, 1, 1, 1, PaddingStyle.None, HasBias: false));
        var second = graph.Append("second", new Convolution(3, 16, 1, 1, 1, PaddingStyle.None, HasBias: false), graph[0]);
        var joined = graph.Append("joined", new Concatenation(2), first, second);
        // A result is delivered by a step of its own name.
        Assert.Single(Steps(graph.Build(joined)), name => name == "joined");
        Assert.Equal(2, Steps(graph.Build([joined, first])).Count(name => name == "joined"));
    }

    private static IEnumerable<string> Steps(Graph graph) => Plan.Create(graph, SyntheticWeights.For(graph)).Profile.Select(step => step.Name);
}
