namespace EfficientNetSharp.Prediction.Tests;

public sealed class TopKTests
{
    private static readonly string[] Names = ["a", "b", "c"];

    [Fact]
    public void Probabilities_are_the_softmax_over_all_classes()
    {
        var best = TopK.Of([MathF.Log(2), MathF.Log(5), MathF.Log(3)], Names, 2);
        Assert.Equal(["b", "c"], best.Select(prediction => prediction.Class));
        Assert.Equal(0.5, best[0].Probability, 6);
        Assert.Equal(0.3, best[1].Probability, 6);
    }

    [Fact]
    public void More_than_there_are_gives_all() => Assert.Equal(3, TopK.Of([1, 2, 3], Names, 5).Length);

    [Fact]
    public void Equal_logits_come_in_the_order_of_the_classes() =>
        Assert.Equal([0, 1], TopK.Of([2, 2, 2], Names, 2).Select(prediction => prediction.ClassIndex));

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_row_without_a_softmax_is_refused_in_one_line(float bad)
    {
        var exception = Assert.Throws<InvalidInputException>(() => TopK.Of([0, bad, 1], Names, 1));
        Assert.DoesNotContain('\n', exception.Message);
    }

    [Fact]
    public void Wrong_arguments_are_refused()
    {
        Assert.Throws<ArgumentException>(() => TopK.Of([1, 2], Names, 1));
        Assert.Throws<ArgumentException>(() => TopK.Of([], [], 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => TopK.Of([1, 2, 3], Names, 0));
    }
}
