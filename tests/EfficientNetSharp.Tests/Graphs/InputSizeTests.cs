using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Tests.Graphs;

public sealed class InputSizeTests
{
    [Theory]
    [InlineData("224", 224, 224)]
    [InlineData("224x160", 224, 160)]
    [InlineData("31X97", 31, 97)]
    [InlineData("1×65536", 1, 65_536)]
    public void Texts_are_read_as_rows_and_columns(string text, int height, int width)
    {
        Assert.True(InputSize.TryParse(text, out var size));
        Assert.Equal((height, width), (size.Height, size.Width));
        Assert.True(InputSize.TryParse(size.ToString(), out var again));
        Assert.Equal(size, again);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("65537")]
    [InlineData("224x")]
    [InlineData("x224")]
    [InlineData("-1x4")]
    [InlineData("4x4x4")]
    [InlineData("2e2")]
    public void Others_are_not(string? text) => Assert.False(InputSize.TryParse(text, out _));

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 65_537)]
    public void Sides_out_of_range_are_refused(int height, int width) =>
        Assert.Throws<InvalidInputException>(() => new InputSize(height, width));
}
