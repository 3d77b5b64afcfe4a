using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace EfficientNetSharp.Imaging.Augmentations;

/// <summary>How many pixels have each level, for each channel.</summary>
internal static class Histogram
{
    /// <summary>Entries of a histogram of all channels.</summary>
    internal const int Length = Luma.Channels * LevelMap.Levels;

    /// <summary>Counts.</summary>
    /// <param name="image">The image.</param>
    /// <param name="counts">Receives [channel, level], 768 numbers.</param>
    internal static void Count(Image image, Span<int> counts)
    {
        // Neighbours often have the same level; counting them in two tables spares the wait for the first one's sum.
        Span<int> both = stackalloc int[2 * Length];
        both.Clear();
        ref int first = ref MemoryMarshal.GetReference(both);
        ref int second = ref Unsafe.Add(ref first, Length);
        ReadOnlySpan<uint> words = image.PackedPixels;
        int i = 0;
        for (; i + 2 <= words.Length; i += 2)
        {
            Add(ref first, words[i]);
            Add(ref second, words[i + 1]);
        }

        if (i < words.Length) Add(ref first, words[i]);
        for (int at = 0; at < Length; at++) counts[at] = both[at] + both[Length + at];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(ref int counts, uint word)
    {
        Unsafe.Add(ref counts, (word >> Luma.ShiftOf(0)) & 0xFF)++;
        Unsafe.Add(ref counts, LevelMap.Levels + ((word >> Luma.ShiftOf(1)) & 0xFF))++;
        Unsafe.Add(ref counts, (2 * LevelMap.Levels) + ((word >> Luma.ShiftOf(2)) & 0xFF))++;
    }
}
