namespace EfficientNetSharp.Tests;

public sealed class NumberRangeTests
{
    [Fact]
    public void Ends_belong_to_a_range_as_it_says()
    {
        double below = Math.BitDecrement(1d), above = Math.BitIncrement(0d);
        Assert.Equal((true, true), Ends(new NumberRange(0, 1)));
        Assert.Equal((true, false), Ends(NumberRange.ShareBelow1));
        Assert.Equal((false, true), Ends(new NumberRange(0, 1, IncludesMin: false)));
        Assert.Equal((false, false), Ends(new NumberRange(0, 1, IncludesMin: false, IncludesMax: false)));
        Assert.All(
            new[] { new NumberRange(0, 1), new NumberRange(0, 1, IncludesMin: false, IncludesMax: false), NumberRange.Above(0) },
            range => Assert.True(range.Contains(below) && range.Contains(above)));

        static (bool, bool) Ends(NumberRange range) => (range.Contains(0), range.Contains(1));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void What_is_not_finite_is_in_none(double value)
    {
        Assert.False(NumberRange.Above(0).Contains(value));
        Assert.False(new NumberRange(double.NegativeInfinity, double.PositiveInfinity).Contains(value));
    }

    [Fact]
    public void Ranges_are_said_in_words()
    {
        Assert.Equal("1 to 65536", new NumberRange(1, 65_536).ToString());
        Assert.Equal("0.001 to 1", new NumberRange(0.001, 1).ToString());
        Assert.Equal("above 0", NumberRange.Above(0).ToString());
        Assert.Equal("at least 0", new NumberRange(0, double.PositiveInfinity).ToString());
        Assert.Equal("at least 0 and below 1", NumberRange.ShareBelow1.ToString());
        Assert.Equal("above 0 and at most 1", new NumberRange(0, 1, IncludesMin: false).ToString());
        Assert.Equal("above 0 and below 1", new NumberRange(0, 1, IncludesMin: false, IncludesMax: false).ToString());
    }
}
