using System.Numerics;
using System.Runtime.InteropServices;

namespace EfficientNetSharp.Imaging.Augmentations;

/// <summary>Bit operations on whole pixels, a vector at a time.</summary>
internal static class PackedPixelMap
{
    internal static void Xor(Span<uint> words, uint mask)
    {
        var vectors = MemoryMarshal.Cast<uint, Vector<uint>>(words);
        var wide = new Vector<uint>(mask);
        foreach (ref var vector in vectors) vector ^= wide;
        foreach (ref uint word in words[(vectors.Length * Vector<uint>.Count)..]) word ^= mask;
    }

    internal static void And(Span<uint> words, uint mask)
    {
        var vectors = MemoryMarshal.Cast<uint, Vector<uint>>(words);
        var wide = new Vector<uint>(mask);
        foreach (ref var vector in vectors) vector &= wide;
        foreach (ref uint word in words[(vectors.Length * Vector<uint>.Count)..]) word &= mask;
    }
}
