using EfficientNetSharp.Costs;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Tests.Costs;

public sealed class GraphMemoryTests
{
    [Fact]
    public void A_chain_holds_two_neighbours_at_a_time()
    {
        var builder = new GraphBuilder(TensorShape.Map(3, 8, 8));
        builder.Append("a", new Convolution(3, 16, 3, 1, 1, PaddingStyle.Symmetric, HasBias: false));
        builder.AppendActivation("f", ActivationKind.Relu);
        builder.Append("b", new Convolution(16, 4, 1, 1, 1, PaddingStyle.Symmetric, HasBias: true));
        var memory = GraphMemory.Of(builder.Build());
        // Input 192 and a 1,024; then a, in whose place f works, and b 256.
        Assert.Equal((1024 + 256) * 4, memory.PeakActivationBytes);
        Assert.Equal(((3 * 16 * 9) + (16 * 4) + 4) * 4, memory.WeightBytes);
    }

    [Fact]
    public void A_skip_keeps_its_start_alive_and_from_being_overwritten()
    {
        var builder = new GraphBuilder(TensorShape.Map(4, 4, 4));
        var start = builder.Append("a", new Convolution(4, 8, 1, 1, 1, PaddingStyle.Symmetric, HasBias: false));
        var f = builder.AppendActivation("f", ActivationKind.Relu);
        var b = builder.Append("b", new Convolution(8, 32, 1, 1, 1, PaddingStyle.Symmetric, HasBias: false), f);
        var c = builder.Append("c", new Convolution(32, 8, 1, 1, 1, PaddingStyle.Symmetric, HasBias: false), b);
        builder.Append("sum", new Add(), c, start);
        // While c is made: the start 128, b 512 and c 128.
        Assert.Equal((128 + 512 + 128) * 4, GraphMemory.Of(builder.Build()).PeakActivationBytes);
    }
}
