using System.Globalization;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Recognition.Writer;

/// <summary>
/// What the program does at each step, known beforehand: it adds some embeddings of one identity, or removes one that was added.
/// </summary>
public static class PlannedWork
{
    // Every so many steps the identity of some steps before is removed.
    private const int RemovalEvery = 5, RemovedBefore = 3;

    public static bool IsRemoval(int step) => step % RemovalEvery == RemovalEvery - 1;

    public static string NameOf(int worker, int step) => string.Create(CultureInfo.InvariantCulture, $"{worker}-{step}");

    public static string Removed(int worker, int step) => NameOf(worker, step - RemovedBefore);

    /// <summary>The embeddings of a step: 1 to 4, all of one identity.</summary>
    public static IReadOnlyList<GallerySample> Added(int worker, int step, int length) =>
    [
        .. Enumerable.Range(0, 1 + (step % 4)).Select(i => new GallerySample
        {
            Identity = NameOf(worker, step), Embedding = Vector(worker, step, i, length),
            Source = string.Create(CultureInfo.InvariantCulture, $"{i}"),
        }),
    ];

    /// <summary>The identities that are there after so many steps, with how many embeddings each has.</summary>
    public static Dictionary<string, int> After(int worker, int steps)
    {
        var there = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int step = 0; step < steps; step++)
        {
            if (IsRemoval(step)) there.Remove(Removed(worker, step));
            else there.Add(NameOf(worker, step), 1 + (step % 4));
        }

        return there;
    }

    public static float[] Vector(int worker, int step, int index, int length)
    {
        var random = new SeededRandom((ulong)worker, (ulong)step, (ulong)index);
        var values = new float[length];
        foreach (ref float value in values.AsSpan()) value = (float)random.NextGaussian();
        return values;
    }
}
