using System.Globalization;
using System.Numerics;
using EfficientNetSharp.Files;

namespace EfficientNetSharp;

/// <summary>
/// The one way in which numbers are read from text and written into messages, whatever the machine's language: ASCII digits, a point as
/// the decimal sign, <c>e</c> before an exponent. Nothing groups digits, so <c>0,001</c> is no number rather than 1, and nothing stands
/// around them. Words such as NaN and hexadecimal digits are no numbers, and what a type cannot hold is not read as something else.
/// </summary>
public static class NumberText
{
    /// <summary>Reads a number.</summary>
    /// <typeparam name="T">A whole type takes digits behind an optional minus; a floating one a fraction and an exponent too.</typeparam>
    /// <param name="text">The text, nothing but the number.</param>
    /// <param name="value">The number, always finite.</param>
    /// <returns>Whether the text is a number that the type holds.</returns>
    public static bool TryParse<T>(ReadOnlySpan<char> text, out T value)
        where T : struct, INumber<T>
    {
        // The form is looked at first: the library's parsers know names of infinities, signs of scripts and zero characters at the end.
        value = default;
        return IsNumber(text, IsReal<T>())
            && T.TryParse(text, NumberStyles.Float & ~NumberStyles.AllowLeadingWhite & ~NumberStyles.AllowTrailingWhite,
                CultureInfo.InvariantCulture, out value)
            && T.IsFinite(value)
            // What is too small for the type would come out as 0.
            && (!T.IsZero(value) || text[..Mantissa(text)].IndexOfAnyInRange('1', '9') < 0);
    }

    /// <summary>Reads a number that is digits alone: a position, a count or a size, with neither sign nor point.</summary>
    /// <param name="text">The text, nothing but the digits.</param>
    /// <param name="value">The number.</param>
    /// <returns>Whether the text is digits alone that the type holds.</returns>
    public static bool TryParseDigits<T>(ReadOnlySpan<char> text, out T value)
        where T : struct, IBinaryInteger<T>
    {
        value = default;
        return Digits(text) == text.Length && TryParse(text, out value);
    }

    /// <summary>Reads a number within a range.</summary>
    /// <param name="text">The text, nothing but the number.</param>
    /// <param name="range">The numbers allowed.</param>
    /// <param name="what">What it is, the message's first words, such as an option's name.</param>
    /// <exception cref="InvalidInputException">
    /// It is no number or not in the range; the message states what is expected and the text as it is.
    /// </exception>
    public static T Parse<T>(string text, NumberRange range, string what)
        where T : struct, INumber<T>
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryParse(text, out T value) && range.Contains(double.CreateChecked(value))
            ? value
            : throw new InvalidInputException(Refusal<T>(text, range, what));
    }

    /// <summary>The message about a text that is no number of a range.</summary>
    /// <param name="text">The text as it was given.</param>
    /// <param name="range">The numbers allowed.</param>
    /// <param name="what">What it is, the message's first words.</param>
    public static string Refusal<T>(string text, NumberRange range, string what)
        where T : struct, INumber<T>
    {
        ArgumentNullException.ThrowIfNull(text);
        return $"{what}: expected {Expected<T>(range)}, found {OneLine.Quote(text)}{Advice<T>(text)}.";
    }

    /// <summary>The message about a number that is not in a range.</summary>
    /// <param name="value">The number.</param>
    /// <param name="range">The numbers allowed.</param>
    /// <param name="what">What it is, the message's first words.</param>
    public static string Refusal(double value, NumberRange range, string what) =>
        $"{what}: expected {Expected<double>(range)}, found {Of(value)}.";

    /// <summary>
    /// A number as messages and text files have it: the shortest digits that are read back as the same number, as <c>0.001</c>,
    /// <c>6.3e-7</c>, <c>NaN</c>.
    /// </summary>
    /// <param name="value">The number.</param>
    public static string Of(double value)
    {
        if (!double.IsFinite(value))
            return double.IsNaN(value) ? "NaN" : value > 0 ? "infinity" : "-infinity";
        string text = value.ToString("R", CultureInfo.InvariantCulture);
        // .NET writes the exponent as E-06.
        int exponent = text.IndexOf('E', StringComparison.Ordinal);
        if (exponent < 0) return text;
        int power = int.Parse(text.AsSpan(exponent + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        return string.Create(CultureInfo.InvariantCulture, $"{text.AsSpan(0, exponent)}e{power}");
    }

    /// <summary>A measured number in a few digits, as <c>0.00063</c> or <c>6.3e-7</c>.</summary>
    /// <param name="value">The number.</param>
    /// <param name="digits">How many digits count.</param>
    public static string Rounded(double value, int digits = 3)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(digits, 1);
        return double.IsFinite(value)
            ? Of(double.Parse(value.ToString($"E{digits - 1}", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture))
            : Of(value);
    }

    /// <summary>How many there are of something, for people: <c>1 image</c>, <c>2,000 images</c>.</summary>
    /// <param name="count">How many.</param>
    /// <param name="one">What one is called.</param>
    /// <param name="many">What several are called; <paramref name="one"/> with an s if not said.</param>
    public static string Counted(long count, string one, string? many = null) =>
        string.Create(CultureInfo.InvariantCulture, $"{count:N0} {(count == 1 ? one : many ?? one + "s")}");

    /// <summary>What a type's numbers are called.</summary>
    internal static string Kind<T>()
        where T : struct, INumber<T> => IsReal<T>() ? "a number" : "a whole number";

    private static string Expected<T>(NumberRange range)
        where T : struct, INumber<T>
    {
        string kind = (range.OrZero ? "0 or " : "") + Kind<T>();
        range = range with { OrZero = false };
        if (range is { IncludesMin: true, IncludesMax: true }) return $"{kind} from {Bound<T>(range.Min)} to {Bound<T>(range.Max)}";
        return range.IncludesMin ? $"{kind} of {range}" : $"{kind} {range}";
    }

    // A double rounds the largest number of a long type up to one that the type does not have.
    private static string Bound<T>(double bound)
        where T : struct, INumber<T> => IsReal<T>() ? Of(bound) : T.CreateSaturating(bound).ToString(null, CultureInfo.InvariantCulture);

    private static string Advice<T>(string text)
        where T : struct, INumber<T>
    {
        string pointed = text.Replace(',', '.');
        if (IsReal<T>() && text.Count(c => c == ',') == 1 && TryParse<double>(pointed, out _)) return $"; write {pointed}, with a point";
        string joined = string.Concat(text.Where(c => c is not (',' or '_' or '\'') && !char.IsWhiteSpace(c)));
        return joined != text && TryParse<T>(joined, out _) ? $"; write {joined}, in digits alone" : "";
    }

    private static bool IsReal<T>() => typeof(T) == typeof(double) || typeof(T) == typeof(float) || typeof(T) == typeof(Half)
        || typeof(T) == typeof(decimal);

    private static bool IsNumber(ReadOnlySpan<char> text, bool real)
    {
        if (text is ['-', ..]) text = text[1..];
        int whole = Digits(text), digits = whole;
        text = text[whole..];
        if (real && text is ['.', ..])
        {
            int fraction = Digits(text[1..]);
            digits += fraction;
            text = text[(1 + fraction)..];
        }

        if (real && digits > 0 && text is ['e' or 'E', ..])
        {
            text = text[1..];
            if (text is ['+' or '-', ..]) text = text[1..];
            int power = Digits(text);
            return power > 0 && power == text.Length;
        }

        return digits > 0 && text.IsEmpty;
    }

    private static int Mantissa(ReadOnlySpan<char> text)
    {
        int end = text.IndexOfAny('e', 'E');
        return end < 0 ? text.Length : end;
    }

    private static int Digits(ReadOnlySpan<char> text)
    {
        int end = text.IndexOfAnyExceptInRange('0', '9');
        return end < 0 ? text.Length : end;
    }
}
