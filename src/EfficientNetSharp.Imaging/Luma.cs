namespace EfficientNetSharp.Imaging;

/// <summary>
/// Brightness as Pillow's <c>convert("L")</c> has it: ITU-R 601-2 weights 0.299, 0.587, 0.114 in 16-bit fixed point, rounded.
/// </summary>
internal static class Luma
{
    internal const int RedWeight = 19595;
    internal const int GreenWeight = 38470;
    internal const int BlueWeight = 7471;
    internal const int Shift = 16;
    internal const int Half = 1 << (Shift - 1);

    internal static int Of(int red, int green, int blue) => ((red * RedWeight) + (green * GreenWeight) + (blue * BlueWeight) + Half) >> Shift;

    /// <summary>A grey copy: all three channels hold the luma.</summary>
    internal static Picture Grey(Picture picture)
    {
        var grey = Picture.Rent(picture.Width, picture.Height);
        ReadOnlySpan<byte> from = picture.Pixels;
        var to = grey.Words;
        for (int i = 0; i < to.Length; i++)
        {
            var pixel = from.Slice(i * Picture.BytesPerPixel, Picture.BytesPerPixel);
            // The same byte three times, whichever end comes first.
            to[i] = Picture.BlackWord | ((uint)Of(pixel[0], pixel[1], pixel[2]) * (0x01010101u & ~Picture.BlackWord));
        }

        return grey;
    }
}
