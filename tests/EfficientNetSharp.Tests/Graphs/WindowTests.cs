using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Tests.Graphs;

public sealed class WindowTests
{
    [Theory]
    [InlineData(2, 9)]
    [InlineData(9, 2)]
    [InlineData(2, 2)]
    public void A_window_larger_than_its_map_is_refused_and_does_not_pass_for_a_vector(int height, int width)
    {
        var builder = new GraphBuilder(TensorShape.Map(4, height, width));
        var convolution = Assert.Throws<ArgumentException>(
            () => builder.Append("conv", new Convolution(4, 4, 3, 1, 1, PaddingStyle.None, HasBias: false)));
        Assert.Contains("nothing would be left", convolution.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => builder.Append("pool", new MaxPool(3, 1, PaddingStyle.None)));
    }

    [Fact]
    public void A_window_as_large_as_its_map_leaves_one_value()
    {
        var builder = new GraphBuilder(TensorShape.Map(4, 3, 5));
        var node = builder.Append("conv", new Convolution(4, 4, 3, 1, 4, PaddingStyle.None, HasBias: false) { KernelWidth = 5 });
        Assert.Equal(TensorShape.Map(4, 1, 1), node.Shape);
    }

    [Theory]
    [InlineData(2, 0, 0, 0)]
    [InlineData(0, 2, 0, 0)]
    [InlineData(0, 0, 2, 0)]
    [InlineData(0, 0, 0, 2)]
    [InlineData(0, 9, 0, 9)]
    public void A_maximum_over_padding_alone_is_refused(int top, int left, int bottom, int right)
    {
        var builder = new GraphBuilder(TensorShape.Map(4, 5, 5));
        Assert.Throws<ArgumentException>(
            () => builder.Append("pool", new MaxPool(2, 1, PaddingStyle.None) { ExplicitPads = new Pads(top, left, bottom, right) }));
    }
}
