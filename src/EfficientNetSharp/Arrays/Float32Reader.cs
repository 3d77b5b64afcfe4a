using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Arrays;

/// <summary>Reads array elements of any plain number type out of files as float32.</summary>
public static class Float32Reader
{
    // Large enough that a read's fixed cost vanishes, small enough to stay in the second-level cache while it is converted.
    private const int ChunkBytes = 1 << 18;

    /// <summary>Whether elements of a type can be read.</summary>
    public static bool CanRead(ElementType type) => type is ElementType.Bool or ElementType.U8 or ElementType.I8
        or ElementType.I16 or ElementType.U16 or ElementType.F16 or ElementType.BF16
        or ElementType.I32 or ElementType.U32 or ElementType.F32 or ElementType.F64 or ElementType.I64 or ElementType.U64;

    /// <summary>Reads elements; each is rounded to the nearest float32, and too large doubles become infinite.</summary>
    /// <param name="file">The file.</param>
    /// <param name="position">First byte.</param>
    /// <param name="count">Number of elements; the caller has checked that the file has them.</param>
    /// <param name="type">Their type.</param>
    /// <param name="bigEndian">Whether the file has the most significant byte first.</param>
    /// <exception cref="InvalidInputException">The file is shorter, or the array longer than an array can be.</exception>
    public static float[] Read(InputFile file, long position, long count, ElementType type, bool bigEndian = false) =>
        Read(new InputFileStream(file, position, file.Length - position), file.Path, count, type, bigEndian);

    /// <summary>Reads elements from where a stream stands; each is rounded as above.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="name">What it is called in messages.</param>
    /// <param name="count">Number of elements; the caller has checked that the stream has them.</param>
    /// <param name="type">Their type.</param>
    /// <param name="bigEndian">Whether the stream has the most significant byte first.</param>
    /// <exception cref="InvalidInputException">The stream is shorter, or the array longer than an array can be.</exception>
    public static float[] Read(Stream stream, string name, long count, ElementType type, bool bigEndian = false)
    {
        if (count > Array.MaxLength)
            throw new InvalidInputException($"'{name}' has an array of {count} values; at most {Array.MaxLength} can be held in memory.");
        var values = GC.AllocateUninitializedArray<float>((int)count);
        if (type == ElementType.F32 && bigEndian != BitConverter.IsLittleEndian)
            ReadAsTheyAre(stream, name, values);
        else
            ReadConverting(stream, name, values, type, bigEndian);
        return values;
    }

    private static void ReadAsTheyAre(Stream stream, string name, float[] values)
    {
        // Pieces, as a span of bytes over all of a large array would exceed 2³¹.
        const int piece = 1 << 28;
        for (int start = 0; start < values.Length; start += piece)
        {
            var part = values.AsSpan(start, Math.Min(piece, values.Length - start));
            Fill(stream, name, MemoryMarshal.AsBytes(part));
        }
    }

    private static void ReadConverting(Stream stream, string name, float[] values, ElementType type, bool bigEndian)
    {
        int size = type.BitCount() / 8, perChunk = ChunkBytes / size;
        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(ChunkBytes, (long)values.Length * size));
        try
        {
            for (int start = 0; start < values.Length; start += perChunk)
            {
                int count = Math.Min(perChunk, values.Length - start);
                var bytes = buffer.AsSpan(0, count * size);
                Fill(stream, name, bytes);
                if (bigEndian) ReverseElements(bytes, size);
                Convert(bytes, values.AsSpan(start, count), type);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static void Fill(Stream stream, string name, Span<byte> buffer)
    {
        if (stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false) < buffer.Length)
            throw new InvalidInputException(
                $"'{name}' ends early: {buffer.Length} more bytes of values are expected; fetch or make it again.");
    }

    private static void ReverseElements(Span<byte> bytes, int size)
    {
        for (int i = 0; i < bytes.Length; i += size) bytes.Slice(i, size).Reverse();
    }

    private static void Convert(ReadOnlySpan<byte> from, Span<float> to, ElementType type)
    {
        switch (type)
        {
            case ElementType.Bool:
                for (int i = 0; i < to.Length; i++) to[i] = from[i] == 0 ? 0 : 1;
                break;
            case ElementType.U8:
                for (int i = 0; i < to.Length; i++) to[i] = from[i];
                break;
            case ElementType.I8:
                for (int i = 0; i < to.Length; i++) to[i] = (sbyte)from[i];
                break;
            case ElementType.I16:
                for (int i = 0; i < to.Length; i++) to[i] = BinaryPrimitives.ReadInt16LittleEndian(from[(2 * i)..]);
                break;
            case ElementType.U16:
                for (int i = 0; i < to.Length; i++) to[i] = BinaryPrimitives.ReadUInt16LittleEndian(from[(2 * i)..]);
                break;
            case ElementType.F16:
                for (int i = 0; i < to.Length; i++) to[i] = (float)BinaryPrimitives.ReadHalfLittleEndian(from[(2 * i)..]);
                break;
            case ElementType.BF16:
                for (int i = 0; i < to.Length; i++)
                    to[i] = BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(from[(2 * i)..]) << 16);
                break;
            case ElementType.I32:
                for (int i = 0; i < to.Length; i++) to[i] = BinaryPrimitives.ReadInt32LittleEndian(from[(4 * i)..]);
                break;
            case ElementType.U32:
                for (int i = 0; i < to.Length; i++) to[i] = BinaryPrimitives.ReadUInt32LittleEndian(from[(4 * i)..]);
                break;
            case ElementType.F32:
                for (int i = 0; i < to.Length; i++) to[i] = BinaryPrimitives.ReadSingleLittleEndian(from[(4 * i)..]);
                break;
            case ElementType.F64:
                for (int i = 0; i < to.Length; i++) to[i] = (float)BinaryPrimitives.ReadDoubleLittleEndian(from[(8 * i)..]);
                break;
            case ElementType.I64:
                for (int i = 0; i < to.Length; i++) to[i] = BinaryPrimitives.ReadInt64LittleEndian(from[(8 * i)..]);
                break;
            case ElementType.U64:
                for (int i = 0; i < to.Length; i++) to[i] = BinaryPrimitives.ReadUInt64LittleEndian(from[(8 * i)..]);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(type), type, "Elements of this type are not plain numbers.");
        }
    }
}
