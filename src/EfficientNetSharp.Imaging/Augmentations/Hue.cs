namespace EfficientNetSharp.Imaging.Augmentations;

/// <summary>
/// Turns the hue as torchvision's <c>adjust_hue</c> does on Pillow images: to 8-bit HSV, a shift of H modulo 256, and back. The way
/// through bytes loses a little by itself, also with a shift of 0, as it does there.
/// </summary>
internal static class Hue
{
    /// <summary>Changes the image in place.</summary>
    /// <param name="image">The image.</param>
    /// <param name="shift">Part of a full circle, −0.5 to 0.5.</param>
    public static void Adjust(Image image, double shift)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (!(shift is >= -0.5 and <= 0.5)) throw new ArgumentOutOfRangeException(nameof(shift), shift, "A hue shift is -0.5 to 0.5.");
        // Cut off towards zero, then taken modulo 256.
        byte step = (byte)(int)(shift * 255);
        var pixels = image.Pixels;
        for (int i = 0; i < pixels.Length; i += Image.BytesPerPixel)
        {
            var (hue, saturation, value) = ToHsv(pixels[i], pixels[i + 1], pixels[i + 2]);
            (pixels[i], pixels[i + 1], pixels[i + 2]) = ToRgb((byte)(hue + step), saturation, value);
        }
    }

    /// <summary>Pillow's RGB to HSV: single precision, each of H, S, V scaled to 255 and cut off.</summary>
    internal static (byte Hue, byte Saturation, byte Value) ToHsv(byte red, byte green, byte blue)
    {
        byte max = Math.Max(red, Math.Max(green, blue)), min = Math.Min(red, Math.Min(green, blue));
        if (max == min) return (0, 0, max);

        float range = max - min;
        float toRed = (max - red) / range, toGreen = (max - green) / range, toBlue = (max - blue) / range;
        // Sixths of the circle, counted from the strongest channel.
        float sixths = red == max ? toBlue - toGreen
            : green == max ? (float)(2.0 + toRed - toBlue)
            : (float)(4.0 + toGreen - toRed);
        // The remainder of a division by 1, of a number between 5/6 and 11/6; the subtraction is exact.
        double turned = (sixths / 6.0) + 1.0;
        float hue = (float)(turned >= 1 ? turned - 1 : turned);
        float saturation = range / max;
        return ((byte)(hue * 255.0), (byte)(saturation * 255.0), max);
    }

    /// <summary>Pillow's HSV to RGB: each of the three levels rounded, halves away from zero.</summary>
    internal static (byte Red, byte Green, byte Blue) ToRgb(byte hue, byte saturation, byte value)
    {
        if (saturation == 0) return (value, value, value);

        double sixths = hue * 6.0 / 255.0;
        int sector = (int)sixths;
        float fraction = (float)(sixths - sector), strength = (float)(saturation / 255.0);
        byte p = Level(value * (1.0 - strength));
        byte q = Level(value * (1.0 - (strength * fraction)));
        byte t = Level(value * (1.0 - (strength * (1.0 - fraction))));
        return (sector % 6) switch
        {
            0 => (value, t, p),
            1 => (q, value, p),
            2 => (p, value, t),
            3 => (p, q, value),
            4 => (t, p, value),
            _ => (value, p, q),
        };
    }

    /// <summary>Rounds 0 … 255; all 2²⁴ colours give the same here as with C's <c>round</c>.</summary>
    private static byte Level(double exact) => (byte)(int)(exact + 0.5);
}
