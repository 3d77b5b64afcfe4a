using EfficientNetSharp.Imaging.Codecs;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Cli.Tests;

/// <summary>The smallest set that something can be learned from: twelve dark and twelve light images of 30 by 24 noisy pixels.</summary>
internal static class TwoClasses
{
    /// <summary>Writes it, a folder per class; returns the folder.</summary>
    public static string Write(string folder)
    {
        foreach (var (name, level) in new[] { ("dark", 40), ("light", 170) })
        {
            Directory.CreateDirectory(Path.Combine(folder, name));
            for (int i = 0; i < 12; i++)
            {
                var random = new SeededRandom(1, (ulong)i, (ulong)level);
                var rgb = new byte[30 * 24 * 3];
                foreach (ref byte value in rgb.AsSpan()) value = (byte)(level + random.NextInt(60));
                File.WriteAllBytes(Path.Combine(folder, name, $"{i}.png"), ImageEncoder.EncodePng(rgb, 30, 24));
            }
        }

        return folder;
    }
}
