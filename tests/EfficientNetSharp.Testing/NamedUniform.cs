using System.Text;

namespace EfficientNetSharp.Testing;

/// <summary>Numbers that follow from a name and a seed in any language: FNV-1a of the name, then SplitMix64 (Goldens/README.md).</summary>
public static class NamedUniform
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    /// <summary><paramref name="count"/> values in [−1, 1), of 24 bits each.</summary>
    public static float[] Draw(string name, int count, ulong seed)
    {
        ulong start = Hash(name) + (seed * Golden) + Golden;
        var values = new float[count];
        for (int i = 0; i < count; i++) values[i] = (float)(((Mix(start + (ulong)i) >> 40) / (double)(1 << 24) * 2) - 1);
        return values;
    }

    private static ulong Hash(string name)
    {
        ulong hash = 0xcbf29ce484222325;
        foreach (byte b in Encoding.UTF8.GetBytes(name)) hash = (hash ^ b) * 0x100000001b3;
        return hash;
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
