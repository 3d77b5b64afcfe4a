using EfficientNetSharp.Files;

namespace EfficientNetSharp.Tests.Files;

public sealed class OneLineTests
{
    [Theory]
    [InlineData("plain größe", "plain größe")]
    [InlineData("a\nb\r\u001b[31m\u2028", @"a\u000Ab\u000D\u001B[31m\u2028")]
    [InlineData("", "")]
    public void Line_breaks_and_controls_show_as_escapes(string text, string expected) => Assert.Equal(expected, OneLine.Clean(text));

    [Fact]
    public void Long_texts_are_cut() => Assert.Equal("'xxxxx…'", OneLine.Quote(new string('x', 1_000_000), 5));
}
