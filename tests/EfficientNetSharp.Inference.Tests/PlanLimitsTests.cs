using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Testing;

namespace EfficientNetSharp.Inference.Tests;

/// <summary>What is too large for the engine, and that it says so by name when the plan is made.</summary>
public sealed class PlanLimitsTests
{
    [Fact]
    public void A_map_beyond_the_count_of_32_bits_is_named()
    {
        var error = Refused(graph => graph.Append("wide", Padded(outputs: 1, pad: 40_000)));
        Assert.Contains("wide, 1×80003×80003", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_map_that_only_its_padding_to_vectors_makes_too_large_is_named()
    {
        // 40,003² numbers are within 32 bits, four times as many are not.
        var error = Refused(graph => graph.Append("wide", Padded(outputs: 1, pad: 20_000)));
        Assert.Contains("wide, 1×40003×40003", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_map_that_fusion_would_never_store_is_named_too()
    {
        var error = Refused(graph =>
        {
            graph.Append("start", Padded(outputs: 1, pad: 5_000));
            graph.Append("expand", new Convolution(1, 64, 1, 1, 1, PaddingStyle.None, HasBias: false));
            graph.Append("filter", new Convolution(64, 64, 3, 200, 64, PaddingStyle.None, HasBias: false));
        });
        Assert.Contains("expand, 64×10003×10003", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_of_a_padded_map_that_is_too_long_is_named()
    {
        var error = Refused(graph =>
        {
            graph.Append("many", new Convolution(1, 40_000, 1, 1, 1, PaddingStyle.None, HasBias: false));
            graph.Append("far", new Convolution(40_000, 1, 1, 60_000, 1, PaddingStyle.None,
                HasBias: false) { ExplicitPads = new Pads(0, 60_000, 0, 60_000) });
        });
        Assert.Contains("a row under the windows of far", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_flattened_map_that_is_too_long_is_refused_by_the_graph()
    {
        var builder = new GraphBuilder(TensorShape.Map(1, 3, 3));
        builder.Append("wide", Padded(outputs: 1, pad: 40_000));
        Assert.Throws<ArgumentException>(() => builder.Append("flatten", new Flatten()));
    }

    private static Convolution Padded(int outputs, int pad) =>
        new(1, outputs, 1, 1, 1, PaddingStyle.None, HasBias: false) { ExplicitPads = new Pads(pad, pad, pad, pad) };

    private static InvalidInputException Refused(Action<GraphBuilder> append)
    {
        var builder = new GraphBuilder(TensorShape.Map(1, 3, 3));
        append(builder);
        var graph = builder.Build();
        return Assert.Throws<InvalidInputException>(() => Plan.Create(graph, SyntheticWeights.For(graph)));
    }
}
