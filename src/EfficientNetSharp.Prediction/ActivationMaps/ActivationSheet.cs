using System.Collections.Immutable;
using System.Globalization;
using EfficientNetSharp.Files;
using EfficientNetSharp.Imaging;
using EfficientNetSharp.Imaging.Text;

namespace EfficientNetSharp.Prediction.ActivationMaps;

/// <summary>
/// An image and its activation maps side by side, as the EfficientNet paper's Figure 7 has them, with what they are: the class and its
/// probability above, the method under each map, and a bar of the colours.
/// </summary>
public static class ActivationSheet
{
    // White pixels around and between the parts.
    private const int Gap = 8;

    private const int HeadHeight = 34, CaptionHeight = 24, BarWidth = 16, ScaleWidth = 48;

    private const double HeadSize = 18, CaptionSize = 13, ScaleSize = 12;

    // What the bar's colours lie over: between a dark image and a light one.
    private const byte BarGround = 128;

    private static readonly PixelColor Ink = PixelColor.Grey(24), Muted = PixelColor.Grey(90);

    /// <summary>Draws the sheet.</summary>
    /// <param name="explanation">An image, its class and its maps, made by the mappers.</param>
    /// <param name="overlays">The maps over the image, as <see cref="ActivationOverlay.Draw"/> makes them.</param>
    /// <param name="mappers">What made each map.</param>
    /// <exception cref="ArgumentException">Their numbers differ, or an overlay has another size than the image.</exception>
    public static Image Draw(ImageExplanation explanation, IReadOnlyList<Image> overlays, ImmutableArray<IActivationMapper> mappers)
    {
        ArgumentNullException.ThrowIfNull(explanation);
        ArgumentNullException.ThrowIfNull(overlays);
        var seen = explanation.Seen;
        if (overlays.Count != mappers.Length || explanation.Maps.Length != mappers.Length)
            throw new ArgumentException($"{mappers.Length} maps are expected, found {overlays.Count}.", nameof(overlays));
        if (overlays.Any(overlay => overlay.Size != seen.Size))
            throw new ArgumentException($"Overlays of {seen.Size} are expected.", nameof(overlays));

        int panels = 1 + overlays.Count, barLeft = Gap + (panels * (seen.Width + Gap)), bottom = HeadHeight + seen.Height;
        var sheet = Image.White(barLeft + BarWidth + ScaleWidth + Gap, bottom + CaptionHeight);
        var (name, probability) = (explanation.Prediction.Class, explanation.Prediction.Probability);
        string share = string.Create(CultureInfo.InvariantCulture, $", {100 * probability:F1} %");
        double room = sheet.Width - (2 * Gap) - ImageText.Width(share, HeadSize);
        ImageText.Draw(sheet, ImageText.Cut(OneLine.Clean(name, 500), HeadSize, room) + share, Gap, HeadHeight - 11, HeadSize, Ink);
        Panel(seen, 0, "what the network sees");
        foreach (var (i, overlay) in overlays.Index())
            Panel(overlay, i + 1, $"{mappers[i].Title}, {explanation.Maps[i].Height}×{explanation.Maps[i].Width} values");
        DrawBar(sheet, barLeft, seen.Height);
        return sheet;

        void Panel(Image image, int place, string caption)
        {
            int left = Gap + (place * (seen.Width + Gap));
            image.CopyTo(sheet, left, HeadHeight);
            ImageText.Draw(sheet, ImageText.Cut(caption, CaptionSize, seen.Width), left, bottom + 16, CaptionSize, Muted);
        }
    }

    // From nothing below to each map's own maximum above, drawn as the maps are.
    private static void DrawBar(Image sheet, int left, int height)
    {
        float steps = Math.Max(1, height - 1);
        var ramp = new ActivationMap(height, 1, [.. Enumerable.Range(0, height).Select(y => (height - 1 - y) / steps)]);
        using var ground = Image.FromRgb([.. Enumerable.Repeat(BarGround, 3 * BarWidth * height)], BarWidth, height);
        using var bar = ActivationOverlay.Draw(ground, ramp);
        bar.CopyTo(sheet, left, HeadHeight);
        ImageText.Draw(sheet, "most", left + BarWidth + 5, HeadHeight + 11, ScaleSize, Muted);
        ImageText.Draw(sheet, "none", left + BarWidth + 5, HeadHeight + height - 2, ScaleSize, Muted);
    }
}
