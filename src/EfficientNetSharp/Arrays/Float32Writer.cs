using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace EfficientNetSharp.Arrays;

/// <summary>Writes float32 values, least significant byte first.</summary>
public static class Float32Writer
{
    // 16 Mi values, 64 MiB: a span of bytes over all of a large array would exceed 2³¹.
    private const int Piece = 1 << 24;

    /// <summary>Writes values, four bytes each.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="values">The values, as many as memory holds.</param>
    /// <exception cref="IOException">Writing failed.</exception>
    public static void Write(Stream stream, ReadOnlySpan<float> values)
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
