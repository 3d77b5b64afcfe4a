using EfficientNetSharp.Imaging;

namespace EfficientNetSharp.Prediction.ActivationMaps;

/// <summary>Draws activation maps over the image that the network saw.</summary>
public static class ActivationOverlay
{
    // Share of the colour where the map is at its greatest; the image stays recognisable below it.
    private const float Strength = 0.65f;

    /// <summary>Lays a map over an image: the stronger the map, the more of its colour; where it is 0 the image is left as it is.</summary>
    /// <param name="image">What the network saw, at any size: the map covers all of it. It is not changed.</param>
    /// <param name="map">The map; it is rectified and divided by its greatest value first.</param>
    /// <returns>A new image of the same size.</returns>
    /// <exception cref="InvalidInputException">The map has a value that is not finite.</exception>
    public static Image Draw(Image image, ActivationMap map)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(map);
        float[] heat = Enlarge(map.Normalized(), image.Height, image.Width);
        byte[] rgb = image.ToRgb();
        for (int i = 0; i < heat.Length; i++)
        {
            var (red, green, blue) = HeatColors.Of(heat[i]);
            float share = Strength * heat[i];
            Blend(ref rgb[3 * i], red, share);
            Blend(ref rgb[(3 * i) + 1], green, share);
            Blend(ref rgb[(3 * i) + 2], blue, share);
        }

        return Image.FromRgb(rgb, image.Width, image.Height);
    }

    /// <summary>
    /// A map at another size, bilinear: each of its values stands at the centre of its share of the image, and beyond the outermost
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
