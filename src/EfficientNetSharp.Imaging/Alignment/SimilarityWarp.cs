namespace EfficientNetSharp.Imaging.Alignment;

/// <summary>
/// Reads an image through a similarity transform, bilinearly between the centres of pixels, which lie at whole numbers as in OpenCV's
/// <c>warpAffine</c>. Pixels outside of the image are black, also as neighbours. Channels are rounded to the nearest value; OpenCV rounds
/// positions to 1/32 of a pixel first.
/// </summary>
internal static class SimilarityWarp
{
    /// <summary>Warps into a new image.</summary>
    /// <param name="image">The image.</param>
    /// <param name="transform">From its pixels to those of the result.</param>
    /// <param name="width">The result's columns.</param>
    /// <param name="height">The result's rows.</param>
    public static Image Apply(Image image, SimilarityTransform transform, int width, int height)
    {
        var back = transform.Inverse();
        var result = Image.Rent(width, height);
        ReadOnlySpan<byte> pixels = image.Pixels;
        for (int y = 0; y < height; y++)
        {
            var row = result.Row(y);
            for (int x = 0; x < width; x++)
            {
                var from = back.Apply(new ImagePoint(x, y));
                Read(pixels, image.Width, image.Height, from, row.Slice(x * Image.BytesPerPixel, Image.BytesPerPixel));
            }
        }

        return result;
    }

    private static void Read(ReadOnlySpan<byte> pixels, int width, int height, ImagePoint from, Span<byte> to)
    {
        to[3] = byte.MaxValue;
        // Nothing of the image is within a pixel.
        if (!(from.X > -1 && from.X < width && from.Y > -1 && from.Y < height))
        {
            to[..3].Clear();
            return;
        }

        int left = (int)Math.Floor(from.X), top = (int)Math.Floor(from.Y);
        double right = from.X - left, bottom = from.Y - top;
        for (int channel = 0; channel < 3; channel++)
        {
            double above = (At(pixels, left, top, channel) * (1 - right)) + (At(pixels, left + 1, top, channel) * right);
            double below = (At(pixels, left, top + 1, channel) * (1 - right)) + (At(pixels, left + 1, top + 1, channel) * right);
            to[channel] = (byte)((above * (1 - bottom)) + (below * bottom) + 0.5);
        }

        int At(ReadOnlySpan<byte> all, int x, int y, int channel) =>
            (uint)x < (uint)width && (uint)y < (uint)height ? all[(((y * width) + x) * Image.BytesPerPixel) + channel] : 0;
    }
}
