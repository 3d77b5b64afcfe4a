using System.Text;

namespace EfficientNetSharp.Evaluation.Reports.Charts;

/// <summary>
/// Estimates how wide text will be, since the reader's font is not known here. The shares of the font's size are those of
/// DejaVu Sans, one of the widest of the usual fonts, so that an estimate is seldom too small.
/// </summary>
internal static class TextWidth
{
    /// <summary>Width in pixels at a font size in pixels.</summary>
    public static double Of(string text, double fontSize)
    {
        double width = 0;
        foreach (var rune in text.EnumerateRunes()) width += Of(rune);
        return width * fontSize;
    }

    /// <summary>The text, cut with “…” where it is wider than the limit.</summary>
    public static string Cut(string text, double fontSize, double limit)
    {
        if (Of(text, fontSize) <= limit) return text;
        double width = Of(new Rune('…'));
        var cut = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            width += Of(rune);
            if (width * fontSize > limit) break;
            cut.Append(rune);
        }

        return cut.ToString().TrimEnd() + "…";
    }

    private static double Of(Rune rune) => rune.Value switch
    {
        'i' or 'j' or 'l' or '\'' or '|' or '.' or ',' or ' ' or ':' or ';' or '!' => 0.33,
        'f' or 't' or 'r' or '(' or ')' or '[' or ']' or '-' or '/' => 0.41,
        'm' or 'w' or 'M' or 'W' or '%' or '@' or '…' => 0.98,
        >= 'A' and <= 'Z' => 0.72,
        // Hangul, kana, ideographs and emoji are as wide as high.
        >= 0x1100 => 1.0,
        _ => 0.63,
    };
}
