using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace EfficientNetSharp.Recognition.Embedded;

/// <summary>Values of embeddings as a file holds them, and back.</summary>
internal static class VectorCoding
{
    // Symmetric, so that the negative of a vector is held as exactly as it is.
    private const float Largest = 127;

    /// <summary>Writes a row with its padding.</summary>
    /// <param name="values">A vector of length 1.</param>
    /// <param name="layout">How.</param>
    /// <param name="row">Receives <see cref="BlockLayout.RowBytes"/>.</param>
    /// <returns>The scale of the row: what its stored values are multiplied with.</returns>
    public static float Encode(ReadOnlySpan<float> values, BlockLayout layout, Span<byte> row)
    {
        row.Clear();
        switch (layout.Precision)
        {
            case VectorPrecision.F32:
                values.CopyTo(MemoryMarshal.Cast<byte, float>(row));
                return 1;
            case VectorPrecision.F16:
                var halves = MemoryMarshal.Cast<byte, Half>(row);
                for (int i = 0; i < values.Length; i++) halves[i] = (Half)values[i];
                return 1;
            default:
                float max = 0;
                foreach (float value in values) max = Math.Max(max, Math.Abs(value));
                var bytes = MemoryMarshal.Cast<byte, sbyte>(row);
                double factor = Largest / (double)max;
                long squares = 0;
                for (int i = 0; i < values.Length; i++)
                {
                    bytes[i] = (sbyte)Math.Round(values[i] * factor, MidpointRounding.ToEven);
                    squares += bytes[i] * bytes[i];
                }

                // What is held has length 1 again, and so yields cosines.
                return (float)(1 / Math.Sqrt(squares));
        }
    }

    /// <summary>Reads a row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="layout">How it is held.</param>
    /// <param name="scale">Its scale.</param>
    /// <param name="values">Receives the values, with or without those of the padding.</param>
    public static void Decode(ReadOnlySpan<byte> row, BlockLayout layout, float scale, Span<float> values)
    {
        switch (layout.Precision)
        {
            case VectorPrecision.F32:
                MemoryMarshal.Cast<byte, float>(row)[..values.Length].CopyTo(values);
                break;
            case VectorPrecision.F16:
                DecodeHalves(MemoryMarshal.Cast<byte, short>(row), values);
                break;
            default:
                DecodeBytes(MemoryMarshal.Cast<byte, sbyte>(row), scale, values);
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void DecodeHalves(ReadOnlySpan<short> row, Span<float> values)
    {
        int i = 0, step = Vector<short>.Count;
        for (; i <= values.Length - step; i += step)
        {
            Vector.Widen(new Vector<short>(row[i..]), out var low, out var high);
            (HalfBits.ToScaledSingle(low) * HalfBits.Scale).CopyTo(values[i..]);
            (HalfBits.ToScaledSingle(high) * HalfBits.Scale).CopyTo(values[(i + (step / 2))..]);
        }

        for (; i < values.Length; i++) values[i] = (float)BitConverter.Int16BitsToHalf(row[i]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void DecodeBytes(ReadOnlySpan<sbyte> row, float scale, Span<float> values)
    {
        int i = 0, step = Vector<sbyte>.Count, part = Vector<float>.Count;
        for (; i <= values.Length - step; i += step)
        {
            Vector.Widen(new Vector<sbyte>(row[i..]), out var low, out var high);
            Vector.Widen(low, out var a, out var b);
            Vector.Widen(high, out var c, out var d);
            (Vector.ConvertToSingle(a) * scale).CopyTo(values[i..]);
            (Vector.ConvertToSingle(b) * scale).CopyTo(values[(i + part)..]);
            (Vector.ConvertToSingle(c) * scale).CopyTo(values[(i + (2 * part))..]);
            (Vector.ConvertToSingle(d) * scale).CopyTo(values[(i + (3 * part))..]);
        }

        for (; i < values.Length; i++) values[i] = scale * row[i];
    }
}

/// <summary>
/// Half precision to single: bits are moved to where single precision has them, and one multiplication corrects the exponent.
/// </summary>
internal static class HalfBits
{
    /// <summary>2¹¹²: what the exponents' biases are apart by, 127 − 15. Exact, for numbers below half's normal range too.</summary>
    public const float Scale = 5.192296858534828e33f;

    // A half's sign, and its exponent with its fraction, at single precision's places.
    private const int Shift = 13, Mask = unchecked((int)0x8FFFE000);

    /// <summary>The numbers divided by <see cref="Scale"/>. They are finite.</summary>
    /// <param name="bits">Halves, widened with their sign, which is left at its place by the mask.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> ToScaledSingle(Vector<int> bits) =>
        Vector.AsVectorSingle(Vector.BitwiseAnd(Vector.ShiftLeft(bits, Shift), new Vector<int>(Mask)));
}
