using EfficientNetSharp.Models;
using EfficientNetSharp.Prediction;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Recognition.Tests;

/// <summary>Descriptions and embeddings for tests.</summary>
internal static class TestGalleries
{
    public static GalleryDescription Description(int length, VectorPrecision precision = VectorPrecision.F32, char digit = 'a') => new()
    {
        Fingerprint = new EmbeddingFingerprint(new string(digit, 64), Preprocessing.ForSize(32), length), Model = "model.safetensors",
        Precision = precision,
    };

    public static float[] Vector(int length, params ReadOnlySpan<ulong> seed)
    {
        ulong mixed = 17;
        foreach (ulong part in seed) mixed = (mixed * 1_000_003) + part;
        var random = new SeededRandom(mixed);
        var values = new float[length];
        foreach (ref float value in values.AsSpan()) value = (float)random.NextGaussian();
        return values;
    }

    /// <summary>A vector near another: their cosine is about 1/√(1 + noise²).</summary>
    public static float[] Near(float[] vector, double noise, ulong seed)
    {
        var random = new SeededRandom(seed, 99);
        double length = Math.Sqrt(vector.Sum(value => (double)value * value) / vector.Length);
        return [.. vector.Select(value => (float)(value + (noise * length * random.NextGaussian())))];
    }

    public static double Cosine(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double ab = 0, aa = 0, bb = 0;
        for (int i = 0; i < a.Length; i++)
        {
            ab += (double)a[i] * b[i];
            aa += (double)a[i] * a[i];
            bb += (double)b[i] * b[i];
        }

        return ab / Math.Sqrt(aa * bb);
    }

    public static async Task<List<T>> All<T>(IAsyncEnumerable<T> items)
    {
        var list = new List<T>();
        await foreach (var item in items) list.Add(item);
        return list;
    }
}
