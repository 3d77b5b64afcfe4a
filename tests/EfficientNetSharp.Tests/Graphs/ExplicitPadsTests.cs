using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Tests.Graphs;

/// <summary>Zeros that a layer names itself.</summary>
public sealed class ExplicitPadsTests
{
    private static readonly Pads Uneven = new(0, 1, 2, 3);

    [Fact]
    public void They_stand_in_place_of_the_style_on_every_input()
    {
        var plain = new Convolution(3, 4, 3, 2, 1, PaddingStyle.Same, HasBias: false);
        var convolution = plain with { ExplicitPads = Uneven };
        var pool = new MaxPool(3, 2, PaddingStyle.Same) { ExplicitPads = Uneven };
        foreach (var shape in new[] { TensorShape.Map(3, 8, 9), TensorShape.Map(3, 21, 5) })
        {
            Assert.Equal(Uneven, convolution.PadsFor(shape));
            Assert.Equal(Uneven, (convolution with { KernelWidth = 5 }).PadsFor(shape));
            Assert.Equal(Uneven, pool.PadsFor(shape));
            Assert.NotEqual(Uneven, plain.PadsFor(shape));
        }
    }

    // ⌊(n + before + after − k)/s⌋ + 1: rows (8 + 0 + 2 − 3)/2 + 1 = 4, columns (9 + 1 + 3 − 3)/2 + 1 = 6.
    [Fact]
    public void The_result_has_the_size_that_they_give()
    {
        var builder = new GraphBuilder(TensorShape.Map(3, 8, 9));
        Assert.Equal(TensorShape.Map(4, 4, 6),
            builder.Append("conv", new Convolution(3, 4, 3, 2, 1, PaddingStyle.None, HasBias: false) { ExplicitPads = Uneven }).Shape);
        var pool = new MaxPool(3, 2, PaddingStyle.None) { ExplicitPads = Uneven with { Right = 2 } };
        Assert.Equal(TensorShape.Map(3, 4, 5), builder.Append("pool", pool, builder.Build()["input"]).Shape);

        // The sixth column's windows would begin behind the map, where there is no maximum.
        Assert.Throws<ArgumentException>(() => builder.Append("beyond", pool with { ExplicitPads = Uneven }, builder.Build()["input"]));
    }
}
