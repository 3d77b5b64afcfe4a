using System.Globalization;
using EfficientNetSharp.Files;
using EfficientNetSharp.Imaging;
using EfficientNetSharp.Imaging.Text;

namespace EfficientNetSharp.Prediction;

/// <summary>An image with what a network calls it written below.</summary>
public static class AnnotatedImage
{
    // Pixels around the line.
    private const int Gap = 8;

    // A line that can be read below any image; a fortieth of a large one's width.
    private const double MinSize = 16, MaxSize = 64, SizesPerWidth = 40;

    /// <summary>Draws it: the image as it is, and below it the class and its probability on white.</summary>
    /// <param name="image">The image.</param>
    /// <param name="best">What it is called.</param>
    /// <returns>
    /// The image made higher by the line, and wider where the line needs it, up to 640 pixels; the caller disposes it. A name that is longer
    /// is cut in its middle.
    /// </returns>
    public static Image Draw(Image image, ClassPrediction best)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(best);
        const int MaxWidth = 640;
        double size = Math.Clamp(image.Width / SizesPerWidth, MinSize, MaxSize);
        string share = string.Create(CultureInfo.InvariantCulture, $", {100 * best.Probability:F1} %"), name = OneLine.Clean(best.Class, 500);
        int wanted = (int)Math.Ceiling(ImageText.Width(name + share, size)) + (2 * Gap);
        int width = Math.Max(image.Width, Math.Min(wanted, MaxWidth)), line = (int)(1.5 * size) + Gap;
        var drawn = Image.White(width, image.Height + line);
        image.CopyTo(drawn, (width - image.Width) / 2, 0);
        double room = width - (2 * Gap) - ImageText.Width(share, size);
        ImageText.Draw(drawn, ImageText.Cut(name, size, room) + share, Gap, image.Height + (1.1 * size) + (Gap / 2), size, PixelColor.Grey(24));
        return drawn;
    }
}
