using System.Text;
using SkiaSharp;

namespace EfficientNetSharp.Imaging.Text;

/// <summary>
/// Writes on images, in a font that lies in the library (DejaVu Sans: Latin, Greek and Cyrillic letters), so that a sheet looks alike on
/// every machine. Other scripts are taken from the system's fonts where it offers them (Windows, macOS); a character that no font has is an
/// empty box. Letters stand one after the other: scripts that join them are not shaped.
/// </summary>
public static class ImageText
{
    private const string Resource = "DejaVuSans.ttf";

    private static readonly Lazy<SKTypeface> Own = new(() =>
    {
        using var file = typeof(ImageText).Assembly.GetManifestResourceStream(Resource)!;
        return SKTypeface.FromStream(file);
    });

    /// <summary>Writes a line; what lies outside the image is cut off.</summary>
    /// <param name="image">What to write on.</param>
    /// <param name="text">The line.</param>
    /// <param name="x">Where it begins.</param>
    /// <param name="baseline">Where its letters stand.</param>
    /// <param name="size">The font's size in pixels.</param>
    /// <param name="color">The letters' colour.</param>
    public static unsafe void Draw(Image image, string text, double x, double baseline, double size, PixelColor color)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(text);
        var info = new SKImageInfo(image.Width, image.Height, SKColorType.Rgba8888, SKAlphaType.Opaque, null);
        fixed (byte* pixels = image.Buffer)
        {
            using var surface = SKSurface.Create(info, (nint)pixels, info.RowBytes);
            using var paint = new SKPaint { Color = new SKColor(color.Red, color.Green, color.Blue), IsAntialias = true };
            foreach (var (run, face) in Runs(text))
            {
                using var font = FontOf(face, size);
                surface.Canvas.DrawText(run, (float)x, (float)baseline, SKTextAlign.Left, font, paint);
                x += font.MeasureText(run);
            }
        }
    }

    /// <summary>Width of a line in pixels.</summary>
    /// <param name="text">The line.</param>
    /// <param name="size">The font's size in pixels.</param>
    public static double Width(string text, double size)
    {
        ArgumentNullException.ThrowIfNull(text);
        double width = 0;
        foreach (var (run, face) in Runs(text))
        {
            using var font = FontOf(face, size);
            width += font.MeasureText(run);
        }

        return width;
    }

    /// <summary>
    /// The line, with “…” in place of its middle where it is wider than a limit: of file names both ends tell them apart.
    /// </summary>
    /// <param name="text">The line.</param>
    /// <param name="size">The font's size in pixels.</param>
    /// <param name="limit">Pixels.</param>
    public static string Cut(string text, double size, double limit)
    {
        if (Width(text, size) <= limit) return text;
        Rune[] runes = [.. text.EnumerateRunes()];
        int low = 0, high = runes.Length;
        while (low < high)
        {
            int kept = (low + high + 1) / 2;
            if (Width(Without(runes, kept), size) <= limit) low = kept;
            else high = kept - 1;
        }

        return Without(runes, low);
    }

    private static string Without(Rune[] runes, int kept)
    {
        int first = (kept + 1) / 2;
        return string.Concat(runes.Take(first)).TrimEnd() + "…" + string.Concat(runes.Skip(runes.Length - (kept - first))).TrimStart();
    }

    // Stretches of one font each.
    private static List<(string Text, SKTypeface Face)> Runs(string text)
    {
        var runs = new List<(string Text, SKTypeface Face)>();
        foreach (var rune in text.EnumerateRunes())
        {
            var face = FaceOf(rune);
            if (runs.Count > 0 && runs[^1].Face == face) runs[^1] = (runs[^1].Text + rune, face);
            else runs.Add((rune.ToString(), face));
        }

        return runs;
    }

    private static SKTypeface FaceOf(Rune rune)
    {
        using var own = new SKFont(Own.Value);
        if (own.ContainsGlyph(rune.Value)) return Own.Value;
        return SKFontManager.Default.MatchCharacter(rune.Value) ?? Own.Value;
    }

    // Without hints letters have the same widths at all sizes and on all systems.
    private static SKFont FontOf(SKTypeface face, double size) => new(face, (float)size)
    {
        Hinting = SKFontHinting.None, Subpixel = true, Edging = SKFontEdging.Antialias,
    };
}
