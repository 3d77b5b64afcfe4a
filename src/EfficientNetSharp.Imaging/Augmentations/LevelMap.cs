using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace EfficientNetSharp.Imaging.Augmentations;

/// <summary>Sends each channel's 256 levels through a table, as Pillow's <c>Image.point</c> does.</summary>
internal static class LevelMap
{
    /// <summary>Levels of a channel.</summary>
    internal const int Levels = 256;

    /// <summary>One table for all three channels.</summary>
    /// <param name="image">The image, changed in place.</param>
    /// <param name="table">256 levels.</param>
    internal static void Apply(Image image, ReadOnlySpan<byte> table) => Apply(image, table, table, table);

    /// <summary>A table for each channel.</summary>
    internal static void Apply(Image image, ReadOnlySpan<byte> red, ReadOnlySpan<byte> green, ReadOnlySpan<byte> blue)
    {
        // The levels already stand where a pixel has them: three reads and two ORs make a pixel.
        Span<uint> tables = stackalloc uint[Luma.Channels * Levels];
        for (int level = 0; level < Levels; level++)
        {
            tables[level] = ((uint)red[level] << Luma.ShiftOf(0)) | Image.OpaqueBlack;
            tables[Levels + level] = (uint)green[level] << Luma.ShiftOf(1);
            tables[(2 * Levels) + level] = (uint)blue[level] << Luma.ShiftOf(2);
        }

        // Levels are bytes, so no index leaves its table.
        ref uint first = ref MemoryMarshal.GetReference(tables);
        foreach (ref uint word in image.PackedPixels)
        {
            word = Unsafe.Add(ref first, (word >> Luma.ShiftOf(0)) & 0xFF)
                | Unsafe.Add(ref first, Levels + ((word >> Luma.ShiftOf(1)) & 0xFF))
                | Unsafe.Add(ref first, (2 * Levels) + ((word >> Luma.ShiftOf(2)) & 0xFF));
        }
    }
}
