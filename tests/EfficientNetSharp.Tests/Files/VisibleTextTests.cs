using System.Text;
using CsCheck;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Tests.Files;

public sealed class VisibleTextTests
{
    [Theory]
    [InlineData("plain größe 日本語 👩", "plain größe 日本語 👩")]
    [InlineData("\u001b[2J\u0007\u007f\u009b31m", @"\u001B[2J\u0007\u007F\u009B31m")]
    [InlineData("\u202egnp.exe\u2066\u200b\ufeff", @"\u202Egnp.exe\u2066\u200B\uFEFF")]
    [InlineData("a\nb\tc\u2028d\u0085", @"a\u000Ab\u0009c\u2028d\u0085")]
    [InlineData("tag\U000E0041", @"tag\uDB40\uDC41")]
    public void What_acts_is_shown_by_its_code(string text, string expected)
    {
        Assert.Equal(expected, VisibleText.Of(text));
        Assert.Equal(text == expected, VisibleText.IsPlain(text));
    }

    // No attribute can hold half a pair.
    [Fact]
    public void Halves_of_surrogate_pairs_are_shown_by_their_codes() => What_acts_is_shown_by_its_code("\ud800x\udc00", @"\uD800x\uDC00");

    // Any text, rich in what is hidden: all of it is seen afterwards, and what is seen stays.
    [Fact]
    public void Whatever_the_text_nothing_hidden_is_left() => Gen.Char.Array.Sample(units =>
    {
        string text = new(units), visible = VisibleText.Of(text);
        return VisibleText.IsPlain(visible) && VisibleText.Of(visible) == visible
            && visible.EnumerateRunes().All(rune => !VisibleText.IsHidden(rune) && rune != Rune.ReplacementChar | text.Contains('\uFFFD'));
    });
}
