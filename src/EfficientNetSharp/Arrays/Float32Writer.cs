using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace EfficientNetSharp.Arrays;

/// <summary>Writes float32 values, as they are or as 16 bits, least significant byte first.</summary>
public static class Float32Writer
{
    // 16 Mi values, 64 MiB: a span of bytes over all of a large array would exceed 2³¹.
    private const int Piece = 1 << 24;

    /// <summary>Writes values.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="values">The values.</param>
    /// <param name="type">F32, F16 or BF16; values are rounded to the nearest.</param>
    /// <exception cref="ArgumentOutOfRangeException">The type is another.</exception>
    /// <exception cref="IOException">Writing failed.</exception>
    public static void Write(Stream stream, ReadOnlySpan<float> values, ElementType type)
    {
        switch (type)
        {
            case ElementType.F32:
                WriteAsTheyAre(stream, values);
                break;
            case ElementType.F16 or ElementType.BF16:
                WriteHalves(stream, values, type);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(type), type, "Values are written as F32, F16 or BF16.");
        }
    }

    /// <summary>The nearest value that bfloat16 has.</summary>
    public static float RoundToBFloat16(float value) => BitConverter.UInt32BitsToSingle((uint)BFloat16Bits(value) << 16);

    private static void WriteAsTheyAre(Stream stream, ReadOnlySpan<float> values)
    {
        while (!values.IsEmpty)
        {
            var part = values[..Math.Min(Piece, values.Length)];
            if (BitConverter.IsLittleEndian)
                stream.Write(MemoryMarshal.AsBytes(part));
            else
                WriteSwapped(stream, part);
            values = values[part.Length..];
        }
    }

    private static void WriteHalves(Stream stream, ReadOnlySpan<float> values, ElementType type)
    {
        var bytes = new byte[1 << 16];
        while (!values.IsEmpty)
        {
            var part = values[..Math.Min(bytes.Length / sizeof(ushort), values.Length)];
            for (int i = 0; i < part.Length; i++)
            {
                ushort bits = type == ElementType.F16 ? BitConverter.HalfToUInt16Bits((Half)part[i]) : BFloat16Bits(part[i]);
                BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(sizeof(ushort) * i), bits);
            }

            stream.Write(bytes.AsSpan(0, sizeof(ushort) * part.Length));
            values = values[part.Length..];
        }
    }

    // The upper half of a float32, rounded to the nearest, ties to even; a NaN stays one.
    private static ushort BFloat16Bits(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        if (float.IsNaN(value)) return (ushort)((bits >> 16) | 0x40);
        return (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    private static void WriteSwapped(Stream stream, ReadOnlySpan<float> values)
    {
        Span<byte> bytes = stackalloc byte[sizeof(float)];
        foreach (float value in values)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
            stream.Write(bytes);
        }
    }
}
