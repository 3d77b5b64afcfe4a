using System.Buffers.Binary;

namespace EfficientNetSharp.Data.Formats.Shards.Parquet;

/// <summary>
/// Decodes values that are there: numbers, or bytes as parts of the page or dictionary that they lie in. Bytes are not copied, so that a
/// value which many rows share costs each of them a reference.
/// </summary>
internal readonly struct ParquetValues
{
    // Encoding of parquet.thrift.
    private const int Plain = 0, PlainDictionary = 2, DeltaBinaryPacked = 5, DeltaLengthByteArray = 6, DeltaByteArray = 7,
        RleDictionary = 8;

    private ParquetValues(long[]? numbers, ReadOnlyMemory<byte>[]? bytes) => (Numbers, Bytes) = (numbers, bytes);

    /// <summary>The values of a column of numbers.</summary>
    public long[]? Numbers { get; }

    /// <summary>The values of a column of bytes.</summary>
    public ReadOnlyMemory<byte>[]? Bytes { get; }

    private int Count => Numbers?.Length ?? Bytes!.Length;

    /// <summary>Decodes a page's values.</summary>
    /// <param name="type">The column's: 32 or 64 bits, or bytes.</param>
    /// <param name="encoding">How they are encoded.</param>
    /// <param name="page">The bytes.</param>
    /// <param name="count">How many there are.</param>
    /// <param name="dictionary">The chunk's dictionary; <see langword="null"/> where it has none.</param>
    /// <exception cref="ParquetException">The bytes do not hold them.</exception>
    public static ParquetValues Decode(ParquetType type, int encoding, ReadOnlyMemory<byte> page, int count, ParquetValues? dictionary) =>
        (encoding, type) switch
        {
            (Plain, ParquetType.Int32) => new(ReadNumbers(page.Span, count, sizeof(int)), null),
            (Plain, ParquetType.Int64) => new(ReadNumbers(page.Span, count, sizeof(long)), null),
            (Plain, ParquetType.ByteArray) => new(null, ReadPlain(page, count)),
            (PlainDictionary or RleDictionary, _) when dictionary is { } entries => entries.Choose(page.Span, count),
            (PlainDictionary or RleDictionary, _) => throw new ParquetException("a page refers to a dictionary that is not there"),
            (DeltaBinaryPacked, ParquetType.Int32 or ParquetType.Int64) => new(ReadDeltas(page.Span, count, out _), null),
            (DeltaLengthByteArray, ParquetType.ByteArray) => new(null, Cut(page, count)),
            (DeltaByteArray, ParquetType.ByteArray) => new(null, Complete(page, count)),
            _ => throw new ParquetException($"its values have the encoding {encoding}, which is not read for columns of {type}"),
        };

    private static ParquetException Short() => new("a page has fewer values than it says");

    private static long[] ReadNumbers(ReadOnlySpan<byte> page, int count, int size)
    {
        if (count > page.Length / size) throw Short();
        var numbers = new long[count];
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = size == sizeof(int)
                ? BinaryPrimitives.ReadInt32LittleEndian(page[(i * size)..])
                : BinaryPrimitives.ReadInt64LittleEndian(page[(i * size)..]);
        }

        return numbers;
    }

    // Each value behind its length of four bytes.
    private static ReadOnlyMemory<byte>[] ReadPlain(ReadOnlyMemory<byte> page, int count)
    {
        if (count > page.Length / sizeof(int)) throw Short();
        var values = new ReadOnlyMemory<byte>[count];
        for (int i = 0; i < values.Length; i++)
        {
            if (page.Length < sizeof(int)) throw Short();
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(page.Span);
            page = page[sizeof(int)..];
            if (length > page.Length) throw Short();
            values[i] = page[..(int)length];
            page = page[(int)length..];
        }

        return values;
    }

    // The first byte is the bit width.
    private ParquetValues Choose(ReadOnlySpan<byte> page, int count)
    {
        var places = new int[count];
        if (count > 0 && (page.IsEmpty || !ParquetEncodings.TryReadRuns(page[1..], page[0], places))) throw Short();
        foreach (int place in places)
        {
            if ((uint)place >= (uint)Count) throw new ParquetException("a page refers to a value outside of its dictionary");
        }

        var (numbers, bytes) = (Numbers, Bytes);
        return numbers is not null
            ? new([.. places.Select(place => numbers[place])], null)
            : new(null, [.. places.Select(place => bytes![place])]);
    }

    private static long[] ReadDeltas(ReadOnlySpan<byte> page, int count, out int used)
    {
        var numbers = new long[count];
        return ParquetEncodings.TryReadDeltas(page, numbers, out used) ? numbers : throw Short();
    }

    // All lengths, then all bytes.
    private static ReadOnlyMemory<byte>[] Cut(ReadOnlyMemory<byte> page, int count)
    {
        long[] lengths = ReadDeltas(page.Span, count, out int used);
        var rest = page[used..];
        var values = new ReadOnlyMemory<byte>[count];
        for (int i = 0; i < values.Length; i++)
        {
            if (lengths[i] < 0 || lengths[i] > rest.Length) throw Short();
            values[i] = rest[..(int)lengths[i]];
            rest = rest[(int)lengths[i]..];
        }

        return values;
    }

    // How much of the value before each begins with, then the rest of each.
    private static ReadOnlyMemory<byte>[] Complete(ReadOnlyMemory<byte> page, int count)
    {
        long[] shared = ReadDeltas(page.Span, count, out int used);
        var values = Cut(page[used..], count);
        // A few bytes can ask for a long beginning again and again.
        long left = ParquetPages.MaxBytes(page.Length);
        for (int i = 0; i < values.Length; i++)
        {
            if (shared[i] == 0) continue;
            if (i == 0 || shared[i] < 0 || shared[i] > values[i - 1].Length) throw Short();
            left -= shared[i] + values[i].Length;
            if (left < 0) throw new ParquetException("its texts repeat each other into more bytes than a page justifies");
            values[i] = (byte[])[.. values[i - 1].Span[..(int)shared[i]], .. values[i].Span];
        }

        return values;
    }
}

/// <summary>A part of a Parquet file that is not as the format says; whoever knows the file's name says it.</summary>
internal sealed class ParquetException(string message) : Exception(message);
