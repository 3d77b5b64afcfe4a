using System.Runtime.CompilerServices;

namespace EfficientNetSharp.Imaging.Codecs;

/// <summary>The eight orientations of EXIF tag 0x0112: how a stored image is turned to be seen upright.</summary>
internal static class Orientation
{
    internal const int Upright = 1;

    /// <summary>Whether rows become columns.</summary>
    internal static bool SwapsSides(int orientation) => orientation >= 5;

    /// <summary>The upright image; the stored one is disposed when a new one is made.</summary>
    internal static Image Apply(Image stored, int orientation)
    {
        if (orientation <= Upright) return stored;
        int width = stored.Width, height = stored.Height;
        var upright = SwapsSides(orientation) ? Image.Rent(height, width) : Image.Rent(width, height);

        // The stored position of the upright image's first pixel, and the steps to its right and lower neighbours.
        int last = width - 1, bottom = (height - 1) * width;
        (int origin, int stepX, int stepY) = orientation switch
        {
            2 => (last, -1, width),
            3 => (bottom + last, -1, -width),
            4 => (bottom, 1, -width),
            5 => (0, width, 1),
            6 => (bottom, -width, 1),
            7 => (bottom + last, -width, -1),
            8 => (last, width, -1),
            _ => throw new SwitchExpressionException(orientation),
        };

        ReadOnlySpan<uint> from = stored.PackedPixels;
        var to = upright.PackedPixels;
        for (int y = 0, target = 0; y < upright.Height; y++)
        {
            int source = origin + (y * stepY);
            for (int x = 0; x < upright.Width; x++, source += stepX) to[target++] = from[source];
        }

        stored.Dispose();
        return upright;
    }
}
