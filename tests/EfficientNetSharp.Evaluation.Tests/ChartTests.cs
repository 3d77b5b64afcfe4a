using EfficientNetSharp.Evaluation.Reports.Charts;
using EfficientNetSharp.Evaluation.Reports.Writing;

namespace EfficientNetSharp.Evaluation.Tests;

public sealed class ChartTests
{
    [Fact]
    public void Ticks_are_few_evenly_spaced_and_round_whatever_the_range() =>
        Gen.Select(Gen.Double[-1e6, 1e6], Gen.Double[-7, 7]).Sample((start, exponent) =>
        {
            double span = Math.Pow(10, exponent);
            var axis = Axis.Around([start, start + span], 0, 100);
            Assert.InRange(axis.Ticks.Length, 2, 9);
            Assert.InRange(start, axis.Minimum - (1e-6 * axis.Step), axis.Maximum);
            Assert.InRange(start + span, axis.Minimum, axis.Maximum + (1e-6 * axis.Step));
            double leading = axis.Step / Math.Pow(10, Math.Floor(Math.Log10(axis.Step) + 1e-9));
            Assert.True(Math.Abs(leading - 1) < 1e-6 || Math.Abs(leading - 2) < 1e-6 || Math.Abs(leading - 5) < 1e-6);
            Assert.All(axis.Ticks, tick => Assert.InRange(axis.At(tick), -0.01, 100.01));
        });

    [Theory]
    [InlineData(0, 2, "0 0.5 1.0 1.5 2.0")]
    [InlineData(0.0, 0.001, "0 2e-4 4e-4 6e-4 8e-4 1e-3")]
    [InlineData(0.03, 0.17, "0 0.05 0.10 0.15 0.20")]
    [InlineData(-1, 1, "-1.0 -0.5 0 0.5 1.0")]
    [InlineData(0, 5000, "0 1,000 2,000 3,000 4,000 5,000")]
    [InlineData(0, 4e9, "0 1e9 2e9 3e9 4e9")]
    [InlineData(0, 0, "0 0.2 0.4 0.6 0.8 1.0")]
    [InlineData(0.1, 0.1, "0.090 0.095 0.100 0.105 0.110")]
    public void Ticks_are_labelled_with_the_digits_that_they_need(double minimum, double maximum, string labels)
    {
        var axis = Axis.Around([minimum, maximum], 0, 1);
        Assert.Equal(labels, string.Join(' ', axis.Ticks.Select(axis.Label)));
    }

    [Theory]
    [InlineData(1, 3, "1 2 3")]
    [InlineData(7, 7, "7")]
    [InlineData(1, 300, "50 100 150 200 250 300")]
    public void Epochs_are_marked_with_whole_numbers(double first, double last, string labels)
    {
        var axis = Axis.OfWholeNumbers([first, last], 0, 1);
        Assert.Equal(labels, string.Join(' ', axis.Ticks.Select(axis.Label)));
    }

    [Theory]
    [InlineData(1.5, 11_000, "2 5 10 20 50 100 200 500 1,000 2,000 5,000 10,000")]
    [InlineData(0.3, 37, "0.5 1 2 5 10 20")]
    [InlineData(1e-3, 1e7, "0.001 0.01 0.1 1 10 100 1,000 10,000 100,000 1e6 1e7")]
    [InlineData(21, 27, "20 22 24 26 28")]
    [InlineData(7, 7, "6.4 6.6 6.8 7 7.2 7.4 7.6")]
    public void A_logarithmic_axis_is_marked_by_ones_twos_and_fives(double minimum, double maximum, string labels)
    {
        var axis = Axis.Logarithmic([minimum, maximum], 0, 1);
        Assert.Equal(labels, string.Join(' ', axis.Ticks.Select(axis.Label)));
    }

    [Fact]
    public void Equal_ratios_take_equal_lengths_on_a_logarithmic_axis_and_all_values_lie_on_it() =>
        Gen.Select(Gen.Double[-6, 6], Gen.Double[0, 8]).Sample((exponent, decades) =>
        {
            double low = Math.Pow(10, exponent), high = low * Math.Pow(10, decades);
            var axis = Axis.Logarithmic([high, -1, 0, low, double.NaN], 0, 100);
            Assert.InRange(axis.At(low), 0, 100);
            Assert.InRange(axis.At(high), 0, 100);
            Assert.Equal(axis.At(2 * low) - axis.At(low), axis.At(2 * high) - axis.At(high), 1e-6);
            Assert.InRange(axis.Ticks.Length, 2, 15);
            Assert.All(axis.Ticks, tick => Assert.InRange(axis.At(tick), -0.01, 100.01));
            Assert.False(double.IsFinite(axis.At(0)));
            Assert.False(double.IsFinite(axis.At(-1)));
        });

    [Fact]
    public void Values_that_are_not_finite_do_not_move_an_axis()
    {
        var axis = Axis.Around([double.NaN, 1, double.PositiveInfinity, 2], 0, 1);
        Assert.Equal((1, 2), (axis.Minimum, axis.Maximum));
        Assert.Equal((0, 1), (Axis.Around([], 0, 1).Minimum, Axis.Around([], 0, 1).Maximum));
    }

    [Fact]
    public void Cut_text_fits_and_short_text_stays() => Gen.Select(Gen.String, Gen.Double[20, 200]).Sample((text, limit) =>
    {
        string cut = TextWidth.Cut(text, 11, limit);
        Assert.True(TextWidth.Of(cut, 11) <= limit);
        if (TextWidth.Of(text, 11) <= limit) Assert.Equal(text, cut);
        else Assert.EndsWith("…", cut, StringComparison.Ordinal);
    });

    [Theory]
    [InlineData(0, "0")]
    [InlineData(999, "999")]
    [InlineData(1000, "1.0k")]
    [InlineData(9949, "9.9k")]
    [InlineData(9950, "10k")]
    [InlineData(999_499, "999k")]
    [InlineData(1_000_000, "1M")]
    public void Counts_fit_into_a_cell(long count, string text) => Assert.Equal(text, Numbers.Cell(count));

    [Theory]
    [InlineData(999, "999")]
    [InlineData(5_288_548, "5.29 M")]
    [InlineData(385_800_000, "386 M")]
    [InlineData(37_745_900_000, "37.7 G")]
    public void Great_numbers_have_three_digits(long value, string text) => Assert.Equal(text, Numbers.Short(value));

    [Fact]
    public void Markup_escapes_text_and_attributes()
    {
        var page = new MarkupWriter();
        using (page.Open("a", ("t", "\"<'&"))) page.Text("x < y & z > \u0000");
        Assert.Equal("<a t=\"&quot;&lt;&#39;&amp;\">x &lt; y &amp; z &gt; \uFFFD</a>\n", page.ToString());
    }
}
