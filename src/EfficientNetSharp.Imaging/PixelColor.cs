namespace EfficientNetSharp.Imaging;

/// <summary>A colour of 8-bit channels.</summary>
/// <param name="Red">Red.</param>
/// <param name="Green">Green.</param>
/// <param name="Blue">Blue.</param>
public readonly record struct PixelColor(byte Red, byte Green, byte Blue)
{
    /// <summary>Black.</summary>
    public static PixelColor Black { get; }

    /// <summary>The same level in all channels.</summary>
    public static PixelColor Grey(byte level) => new(level, level, level);

    /// <summary>As a pixel of an <see cref="Image"/>.</summary>
    internal uint Packed =>
        ((uint)Red << Luma.ShiftOf(0)) | ((uint)Green << Luma.ShiftOf(1)) | ((uint)Blue << Luma.ShiftOf(2)) | Image.OpaqueBlack;
}
