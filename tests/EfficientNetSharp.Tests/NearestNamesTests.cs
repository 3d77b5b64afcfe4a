namespace EfficientNetSharp.Tests;

public sealed class NearestNamesTests
{
    [Theory]
    [InlineData("", "", 0)]
    [InlineData("", "abc", 3)]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("flaw", "lawn", 2)]
    public void The_distance_is_levenshteins(string a, string b, int distance)
    {
        Assert.Equal(distance, NearestNames.EditDistance(a, b));
        Assert.Equal(distance, NearestNames.EditDistance(b, a));
    }

    [Fact]
    public void The_nearest_come_first_and_ties_keep_their_order() =>
        Assert.Equal(["b1", "b10", "b2"], NearestNames.Of("b0", ["b10x", "b1", "b10", "b2"]));

    [Fact]
    public void The_distance_obeys_the_triangle_inequality() =>
        Gen.Select(Gen.String[Gen.Char['a', 'c'], 0, 6], Gen.String[Gen.Char['a', 'c'], 0, 6], Gen.String[Gen.Char['a', 'c'], 0, 6])
            .Sample((a, b, c) =>
            NearestNames.EditDistance(a, c) <= NearestNames.EditDistance(a, b) + NearestNames.EditDistance(b, c));
}
