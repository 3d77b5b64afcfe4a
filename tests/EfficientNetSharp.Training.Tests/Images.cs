using EfficientNetSharp.Data;
using EfficientNetSharp.Imaging.Codecs;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Training.Tests;

/// <summary>Small made-up images whose class shows in their colour.</summary>
internal static class Images
{
    public static readonly string[] Classes = ["blue", "green", "red"];

    public static InMemoryDataset Make(int count, ulong seed, params int[] broken) => new(
        [.. Classes],
        Enumerable.Range(0, count)
        .Select(i => new InMemoryImage($"{i}.png", i % 3, broken.Contains(i) ? new byte[] { 1, 2, 3 } : Draw(i, seed))));

    /// <summary>Images that are all one grey, of as many classes.</summary>
    public static InMemoryDataset Alike(int count, byte value)
    {
        var grey = new byte[24 * 24 * 3];
        grey.AsSpan().Fill(value);
        byte[] encoded = ImageEncoder.EncodePng(grey, 24, 24);
        return new InMemoryDataset([.. Classes], Enumerable.Range(0, count).Select(i => new InMemoryImage($"{i}.png", i % 3, encoded)));
    }

    private static byte[] Draw(int index, ulong seed)
    {
        const int side = 24;
        var random = new SeededRandom(seed, (ulong)index);
        var rgb = new byte[side * side * 3];
        for (int i = 0; i < rgb.Length; i++) rgb[i] = (byte)(random.NextInt(160) + (i % 3 == 2 - (index % 3) ? 95 : 0));
        return ImageEncoder.EncodePng(rgb, side, side);
    }
}
