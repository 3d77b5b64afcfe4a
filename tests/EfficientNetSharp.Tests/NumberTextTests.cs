using System.Globalization;
using CsCheck;

namespace EfficientNetSharp.Tests;

/// <summary>Numbers from text: one form, in every language of the machine.</summary>
public sealed class NumberTextTests
{
    // Languages by what they do to numbers; the names of real ones are not known where globalization is invariant.
    public static TheoryData<CultureInfo> Cultures => new(
        Culture(",", ".", "-", null), Culture(",", "\u202F", "-", null), Culture("٫", "٬", "\u061C-", "٠١٢٣٤٥٦٧٨٩"),
        Culture("'", ",", "−", null));

    [Theory]
    [InlineData("0", 0)]
    [InlineData("-0.5", -0.5)]
    [InlineData("0.001", 0.001)]
    [InlineData(".5", 0.5)]
    [InlineData("5.", 5)]
    [InlineData("1e3", 1000)]
    [InlineData("1E-3", 0.001)]
    [InlineData("2.5e+2", 250)]
    [InlineData("007", 7)]
    [InlineData("0.0e-999", 0)]
    [InlineData("5e-324", double.Epsilon)]
    public void Numbers_are_read(string text, double expected)
    {
        Assert.True(NumberText.TryParse(text, out double value));
        Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData(""), InlineData(" "), InlineData(" 1"), InlineData("1 "), InlineData("1\0"), InlineData("1\n"), InlineData("\u00A01")]
    [InlineData("0,001"), InlineData("1,000"), InlineData("1.000,5"), InlineData("1 000"), InlineData("1\u202F000"), InlineData("1'000")]
    [InlineData("1_000"), InlineData("0x10"), InlineData("10h"), InlineData("1e999")]
    [InlineData("1e-999"), InlineData("-0.5e-400"), InlineData("-1e999"), InlineData("1e"), InlineData("e5")]
    [InlineData("1e+"), InlineData("."), InlineData("-"), InlineData("--1")]
    [InlineData("+1"), InlineData("−1"), InlineData("1-"), InlineData("(1)")]
    [InlineData("NaN"), InlineData("nan"), InlineData("Infinity")]
    [InlineData("-Infinity"), InlineData("∞"), InlineData("inf"), InlineData("1%")]
    [InlineData("١٢"), InlineData("１２"), InlineData("1.2.3"), InlineData("$1"), InlineData("1f"), InlineData("1/2"), InlineData("½")]
    public void Nothing_else_is_a_number(string text)
    {
        Assert.False(NumberText.TryParse(text, out double _));
        Assert.False(NumberText.TryParse(text, out float _));
        Assert.False(NumberText.TryParse(text, out int _));
        Assert.False(NumberText.TryParse(text, out long _));
        Assert.False(NumberText.TryParse(text, out ulong _));
        Assert.False(NumberText.TryParseDigits(text, out int _));
    }

    [Fact]
    public void A_type_takes_what_it_holds()
    {
        Assert.True(NumberText.TryParse("2147483647", out int top) && top == int.MaxValue);
        Assert.False(NumberText.TryParse("2147483648", out int _));
        Assert.True(NumberText.TryParse("18446744073709551615", out ulong seed) && seed == ulong.MaxValue);
        Assert.False(NumberText.TryParse("18446744073709551616", out ulong _));
        Assert.False(NumberText.TryParse("-1", out ulong _));
        Assert.False(NumberText.TryParse("1.0", out int _));
        Assert.False(NumberText.TryParse("1e3", out int _));
        Assert.False(NumberText.TryParse("1e39", out float _));
        Assert.True(NumberText.TryParse("-5", out int below) && below == -5);
        Assert.False(NumberText.TryParseDigits("-5", out int _));
        Assert.True(NumberText.TryParseDigits("05", out int digits) && digits == 5);
    }

    [Theory]
    [MemberData(nameof(Cultures))]
    public void The_language_of_the_machine_has_no_say(CultureInfo culture)
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = culture;
            Gen.Double.Where(double.IsFinite).Sample(
                value => NumberText.TryParse(NumberText.Of(value), out double back) && back.Equals(value));
            Assert.False(NumberText.TryParse("0,001", out double _));
            Assert.False(NumberText.TryParse("1,000", out int _));
            Assert.Equal("-1234567.5", NumberText.Of(-1234567.5));
            Assert.Equal("above 0.5 and at most 1500", new NumberRange(0.5, 1500, IncludesMin: false).ToString());
            Assert.Contains("from -3 to 2500.5", NumberText.Refusal(9999.5, new NumberRange(-3, 2500.5), "x"), StringComparison.Ordinal);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Theory]
    [InlineData(0.001, "0.001")]
    [InlineData(6.3e-7, "6.3e-7")]
    [InlineData(1e300, "1e300")]
    [InlineData(-0.25, "-0.25")]
    [InlineData(65536, "65536")]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.NegativeInfinity, "-infinity")]
    public void Numbers_are_written_as_people_write_them(double value, string expected) => Assert.Equal(expected, NumberText.Of(value));

    [Theory]
    [InlineData(6.2951e-7, 2, "6.3e-7")]
    [InlineData(0.0123456, 3, "0.0123")]
    [InlineData(99999, 3, "100000")]
    [InlineData(double.PositiveInfinity, 3, "infinity")]
    public void Measured_numbers_have_few_digits(double value, int digits, string expected) =>
        Assert.Equal(expected, NumberText.Rounded(value, digits));

    [Fact]
    public void Refusals_state_the_bounds_and_the_text_as_it_was_typed()
    {
        var rate = new NumberRange(0, 10, IncludesMin: false);
        Assert.Equal("--rate: expected a number above 0 and at most 10, found '1000'.", Refused<double>("1000", rate));
        Assert.Equal("--rate: expected a number above 0 and at most 10, found '0,001'; write 0.001, with a point.",
            Refused<double>("0,001", rate));
        Assert.Equal("--rate: expected a whole number from 1 to 100, found '1,000'; write 1000, in digits alone.",
            Refused<int>("1,000", new(1, 100)));
        Assert.Equal("--rate: expected a number of at least 0 and below 1, found '1.00'.",
            Refused<double>("1.00", NumberRange.ShareBelow1));
        Assert.Equal("--rate: expected 0 or a number from 0.5 to 2, found '0.1'.",
            Refused<double>("0.1", new NumberRange(0.5, 2) { OrZero = true }));
        Assert.Equal("--rate: expected a whole number from 0 to 18446744073709551615, found '1e999'.",
            Refused<ulong>("1e999", new NumberRange(0, ulong.MaxValue)));
        Assert.Equal(@"--rate: expected a number above 0 and at most 10, found '\u001B[31m'.", Refused<double>("\u001b[31m", rate));

        static string Refused<T>(string text, NumberRange range)
            where T : struct, System.Numerics.INumber<T> =>
            Assert.Throws<InvalidInputException>(() => NumberText.Parse<T>(text, range, "--rate")).Message;
    }

    private static CultureInfo Culture(string point, string group, string minus, string? digits)
    {
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        (culture.NumberFormat.NumberDecimalSeparator, culture.NumberFormat.NumberGroupSeparator, culture.NumberFormat.NegativeSign) =
            (point, group, minus);
        if (digits is not null) culture.NumberFormat.NativeDigits = [.. digits.Select(digit => $"{digit}")];
        return culture;
    }
}
