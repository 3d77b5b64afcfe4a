using System.Numerics;

namespace EfficientNetSharp.Training.Optimizers;

/// <summary>Sums and scalings of long vectors.</summary>
internal static class FlatVectors
{
    // Sums of squares of a stretch this long keep 32 bits exact enough; longer ones are added in 64 bits.
    private const int Block = 4096;

    /// <summary>The Euclidean length; not finite where a value is not.</summary>
    public static double Norm(ReadOnlySpan<float> values)
    {
        double sum = 0;
        for (int start = 0; start < values.Length; start += Block) sum += SumOfSquares(
            values.Slice(start, Math.Min(Block, values.Length - start)));
        return Math.Sqrt(sum);
    }

    /// <summary>Multiplies in place.</summary>
    public static void Scale(Span<float> values, float factor)
    {
        int i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count) (new Vector<float>(values[i..]) * factor)
            .CopyTo(values[i..]);
        for (; i < values.Length; i++) values[i] *= factor;
    }

    /// <summary>values ← values + factor · addend.</summary>
    public static void AddScaled(Span<float> values, ReadOnlySpan<float> addend, float factor)
    {
        int i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
            (new Vector<float>(values[i..]) + (new Vector<float>(addend[i..]) * factor)).CopyTo(values[i..]);
        for (; i < values.Length; i++) values[i] += addend[i] * factor;
    }

    /// <summary>Limits each value to −bound … bound in place.</summary>
    public static void Clamp(Span<float> values, float bound)
    {
        var (low, high) = (new Vector<float>(-bound), new Vector<float>(bound));
        int i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
            Vector.Min(Vector.Max(new Vector<float>(values[i..]), low), high).CopyTo(values[i..]);
        for (; i < values.Length; i++) values[i] = Math.Clamp(values[i], -bound, bound);
    }

    private static double SumOfSquares(ReadOnlySpan<float> values)
    {
        var sums = Vector<float>.Zero;
        int i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var value = new Vector<float>(values[i..]);
            sums += value * value;
        }

        double sum = 0;
        for (int lane = 0; lane < Vector<float>.Count; lane++) sum += sums[lane];
        for (; i < values.Length; i++) sum += (double)values[i] * values[i];
        return sum;
    }
}
