using EfficientNetSharp.Imaging;

namespace EfficientNetSharp.Evaluation.ActivationMaps;

/// <summary>Draws activation maps over the picture that the network saw.</summary>
public static class ActivationOverlay
{
    // Share of the colour where the map is at its greatest; the picture stays recognisable below it.
    private const float Strength = 0.65f;

    // White pixels between the pictures of a comparison.
    private const int Gap = 8;

    /// <summary>Lays a map over a picture: the stronger the map, the more of its colour; where it is 0 the picture is left as it is.</summary>
    /// <param name="picture">What the network saw, at any size: the map covers all of it. It is not changed.</param>
    /// <param name="map">The map; it is rectified and divided by its greatest value first.</param>
    /// <returns>A new picture of the same size.</returns>
    /// <exception cref="InvalidInputException">The map has a value that is not finite.</exception>
    public static Picture Draw(Picture picture, ActivationMap map)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentNullException.ThrowIfNull(map);
        float[] heat = Enlarge(map.Normalized(), picture.Height, picture.Width);
        byte[] rgb = picture.ToRgb();
        for (int i = 0; i < heat.Length; i++)
        {
            var (red, green, blue) = HeatColors.Of(heat[i]);
            float share = Strength * heat[i];
            Blend(ref rgb[3 * i], red, share);
            Blend(ref rgb[(3 * i) + 1], green, share);
            Blend(ref rgb[(3 * i) + 2], blue, share);
        }

        return Picture.FromRgb(rgb, picture.Width, picture.Height);
    }

    /// <summary>Puts pictures of one height side by side, white between them, as the EfficientNet paper's Figure 7 does.</summary>
    /// <exception cref="ArgumentException">There is none, or their heights differ.</exception>
    public static Picture SideBySide(params IReadOnlyList<Picture> pictures)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        if (pictures.Count == 0 || pictures.Any(picture => picture.Height != pictures[0].Height))
            throw new ArgumentException("Pictures of one height are expected.", nameof(pictures));
        int width = pictures.Sum(picture => picture.Width) + (Gap * (pictures.Count - 1)), height = pictures[0].Height;
        var joined = Picture.Black(width, height);
        joined.Pixels.Fill(byte.MaxValue);
        int left = 0;
        foreach (var picture in pictures)
        {
            for (int y = 0; y < height; y++) picture.Row(y).CopyTo(joined.Row(y)[(left * Picture.BytesPerPixel)..]);
            left += picture.Width + Gap;
        }

        return joined;
    }

    /// <summary>
    /// A map at another size, bilinear: each of its values stands at the centre of its share of the picture, and beyond the outermost
    /// centres the value stays as it is there.
    /// </summary>
    internal static float[] Enlarge(ActivationMap map, int height, int width)
    {
        var result = new float[height * width];
        for (int y = 0; y < height; y++)
        {
            var (top, bottom, down) = Neighbours(y, height, map.Height);
            for (int x = 0; x < width; x++)
            {
                var (left, right, across) = Neighbours(x, width, map.Width);
                float above = map[top, left] + (across * (map[top, right] - map[top, left]));
                float below = map[bottom, left] + (across * (map[bottom, right] - map[bottom, left]));
                result[(y * width) + x] = above + (down * (below - above));
            }
        }

        return result;
    }

    private static (int Before, int After, float Share) Neighbours(int pixel, int pixels, int cells)
    {
        float place = Math.Clamp(((pixel + 0.5f) * cells / pixels) - 0.5f, 0, cells - 1);
        int before = (int)place;
        return (before, Math.Min(before + 1, cells - 1), place - before);
    }

    private static void Blend(ref byte value, float colour, float share) => value = (byte)MathF.Round(value + (share * (colour - value)));
}
