using EfficientNetSharp.Cli.Support;

namespace EfficientNetSharp.Cli.Tests;

public sealed class QuantityTests
{
    [Theory]
    [InlineData("1.2G", 1_200_000_000)]
    [InlineData("300M", 300_000_000)]
    [InlineData("0.4b", 400_000_000)]
    [InlineData("10 m", 10_000_000)]
    [InlineData("5k", 5000)]
    [InlineData("5288548", 5_288_548)]
    [InlineData("1e9", 1_000_000_000)]
    public void Counts_are_read(string given, long expected) => Assert.Equal(expected, Quantity.Count(given));

    [Theory]
    [InlineData("15ms", 15)]
    [InlineData("0.5s", 500)]
    [InlineData("250us", 0.25)]
    [InlineData("1.5 MS", 1.5)]
    public void Times_are_read(string given, double expected) =>
        Assert.Equal(expected, Quantity.Milliseconds(given)!.Value, 12);

    [Theory]
    [InlineData(""), InlineData("G"), InlineData("1,2G"), InlineData("-5M"), InlineData("0"), InlineData("NaN"), InlineData("Infinity"),
        InlineData("1e30"), InlineData("12X"), InlineData(" 5M"), InlineData("1 000"), InlineData("1,000")]
    public void Other_words_get_one_line_with_an_example(string given) => AssertRefused("--macs", given, "1.2G");

    [Theory]
    [InlineData(""), InlineData("15"), InlineData("ms"), InlineData("1,5ms"), InlineData("-1s"), InlineData("0ms"), InlineData("15min")]
    public void Times_need_their_unit(string given) => AssertRefused("--latency", given, "15ms");

    private static void AssertRefused(string option, string given, string example)
    {
        string[] words = given.Length == 0 ? [option, given] : [$"{option}={given}"];
        var (code, _, error) = Tool.Run(["scale", "efficientnet_b0", .. words]);
        Assert.Equal(2, code);
        Assert.StartsWith($"effnet: {option}: expected ", error, StringComparison.Ordinal);
        Assert.Contains(example, error, StringComparison.Ordinal);
        Assert.Contains($"found '{given}'", error, StringComparison.Ordinal);
    }
}
