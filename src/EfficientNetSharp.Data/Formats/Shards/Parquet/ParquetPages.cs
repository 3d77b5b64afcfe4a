using System.Buffers.Binary;
using EfficientNetSharp.Files;
using EfficientNetSharp.Formats;

namespace EfficientNetSharp.Data.Formats.Shards.Parquet;

/// <summary>
/// Reads a column's part of a row group, page by page. What is taken memory for is bounded by the file's bytes (<see cref="MaxBytes"/>)
/// and its rows, of which there are at most <see cref="MaxRows"/>; the work is linear in both.
/// </summary>
internal static class ParquetPages
{
    // PageType of parquet.thrift.
    private const int DataPage = 0, DictionaryPage = 2, DataPageV2 = 3;

    // Levels are runs; the older bit-packed form is not written any more.
    private const int RleLevels = 3;

    // Headers take some dozens of bytes, and more where they tell the smallest and the largest value.
    private const int HeaderBytes = 512, MaxHeaderBytes = 16 << 20;

    // Old writers leave a header out of a part's length (PARQUET-816).
    private const int LengthSlack = 100;

    // Labels of a run take a byte or two however many they are.
    private const int FreeRows = 1 << 20;

    /// <summary>Bytes that so many may be read and unpacked to, parts that several row groups name counted each time.</summary>
    public static long MaxBytes(long packed) => Expansion.Max(packed);

    /// <summary>Rows that a file of so many bytes may have; an image takes more than one.</summary>
    public static long MaxRows(long fileBytes) => FreeRows + fileBytes;

    /// <summary>Reads the values of a column, one per row; <see langword="null"/> for rows without.</summary>
    /// <param name="file">The file.</param>
    /// <param name="column">The column, which is not repeated.</param>
    /// <param name="chunk">Its part.</param>
    /// <param name="room">Bytes that may still be read and unpacked.</param>
    /// <param name="ofNumber">Makes a value of a number.</param>
    /// <param name="ofBytes">Makes a value of bytes.</param>
    /// <exception cref="InvalidInputException">The part is damaged, or of a form that is not read.</exception>
    public static T?[] Read<T>(
        InputFile file, ParquetColumn column, ParquetChunk chunk, ref long room, Func<long, T> ofNumber,
        Func<ReadOnlyMemory<byte>, T> ofBytes)
        where T : struct
    {
        try
        {
            return ReadChunk(file, column, chunk, ref room, ofNumber, ofBytes);
        }
        catch (Exception e) when (e is ThriftException or ParquetException)
        {
            throw DatasetErrors.Damaged(file.Path, $"its column {OneLine.Quote(column.Path)}: {e.Message}", e);
        }
    }

    private static T?[] ReadChunk<T>(
        InputFile file, ParquetColumn column, ParquetChunk chunk, ref long room, Func<long, T> ofNumber,
        Func<ReadOnlyMemory<byte>, T> ofBytes)
        where T : struct
    {
        Check(file, column, chunk);
        var rows = new T?[chunk.Values];
        int filled = 0;
        long at = chunk.Start, end = Math.Min(file.Length, chunk.Start + chunk.PackedBytes + LengthSlack);
        ParquetValues? dictionary = null;
        while (filled < rows.Length)
        {
            var header = ReadHeader(file, ref at, end);
            if (header.PackedBytes > end - at) throw new ParquetException("a page reaches beyond its column");
            room -= (long)header.PackedBytes + header.UnpackedBytes;
            if (room < 0)
                throw new ParquetException($"its pages unpack to more than the {MaxBytes(file.Length)} bytes that {file.Length} justify");
            if (header.Type is DictionaryPage or DataPage or DataPageV2)
            {
                var packed = new byte[header.PackedBytes];
                file.ReadExactly(at, packed);
                if (header.Type == DictionaryPage)
                {
                    var entries = Unpack(chunk.Codec, packed, header.UnpackedBytes);
                    dictionary = ParquetValues.Decode(column.Type, encoding: 0, entries, header.Values, null);
                }
                else
                {
                    filled += ReadPage(column, chunk, header, packed, dictionary, rows.AsSpan(filled), ofNumber, ofBytes);
                }
            }

            at += header.PackedBytes;
        }

        return rows;
    }

    private static void Check(InputFile file, ParquetColumn column, ParquetChunk chunk)
    {
        if (column.IsRepeated) throw new ParquetException("it has several values per row");
        if (!ParquetCodec.IsKnown(chunk.Codec))
            throw new ParquetException($"it is compressed by {ParquetCodec.NameOf(chunk.Codec)}, which is not read; write it with snappy");
        if (chunk.Start < 0 || chunk.PackedBytes < 0 || chunk.Start > file.Length || chunk.PackedBytes > file.Length - chunk.Start)
            throw new ParquetException("it would lie outside of the file");
        if (chunk.Values > MaxRows(file.Length))
            throw new ParquetException($"it has {chunk.Values} rows in a file of {file.Length} bytes");
    }

    private static int ReadPage<T>(
        ParquetColumn column, ParquetChunk chunk, PageHeader header, byte[] packed, ParquetValues? dictionary, Span<T?> rows,
        Func<long, T> ofNumber, Func<ReadOnlyMemory<byte>, T> ofBytes)
        where T : struct
    {
        if (header.Values > rows.Length) throw new ParquetException("its pages have more values than it says");
        var (levels, values) = header.Type == DataPageV2
            ? SplitV2(column, chunk, header, packed)
            : SplitV1(column, header, Unpack(chunk.Codec, packed, header.UnpackedBytes));
        var definitions = new int[header.Values];
        if (column.MaxDefinition == 0)
            definitions.AsSpan().Clear();
        else if (!ParquetEncodings.TryReadRuns(levels.Span, ParquetEncodings.WidthOf(column.MaxDefinition), definitions))
            throw new ParquetException("a page has fewer definition levels than it says");
        int present = definitions.AsSpan().Count(column.MaxDefinition);
        var decoded = ParquetValues.Decode(column.Type, header.Encoding, values, present, dictionary);
        for (int row = 0, next = 0; row < definitions.Length; row++)
        {
            if (definitions[row] != column.MaxDefinition) continue;
            rows[row] = decoded.Numbers is { } numbers ? ofNumber(numbers[next]) : ofBytes(decoded.Bytes![next]);
            next++;
        }

        return header.Values;
    }

    // Definition levels behind their length, if there can be any; then the values.
    private static (ReadOnlyMemory<byte> Levels, ReadOnlyMemory<byte> Values) SplitV1(ParquetColumn column, PageHeader header, byte[] page)
    {
        if (column.MaxDefinition == 0) return (default, page);
        if (header.LevelEncoding != RleLevels) throw new ParquetException($"its levels have the encoding {header.LevelEncoding}");
        if (page.Length < sizeof(int) || BinaryPrimitives.ReadUInt32LittleEndian(page) is var length && length > page.Length - sizeof(int))
            throw new ParquetException("a page ends within its levels");
        return (page.AsMemory(sizeof(int), (int)BinaryPrimitives.ReadUInt32LittleEndian(page)),
            page.AsMemory(sizeof(int) + (int)BinaryPrimitives.ReadUInt32LittleEndian(page)));
    }

    // Levels are never compressed, and their lengths stand in the header.
    private static (ReadOnlyMemory<byte> Levels, ReadOnlyMemory<byte> Values) SplitV2(
        ParquetColumn column, ParquetChunk chunk, PageHeader header, byte[] packed)
    {
        long before = (long)header.RepetitionBytes + header.DefinitionBytes;
        if (before > packed.Length || before > header.UnpackedBytes) throw new ParquetException("a page ends within its levels");
        var levels = packed.AsMemory(header.RepetitionBytes, header.DefinitionBytes);
        var rest = packed.AsMemory((int)before);
        return (levels, header.IsPacked ? Unpack(chunk.Codec, rest.Span, header.UnpackedBytes - (int)before) : rest);
    }

    private static byte[] Unpack(int codec, ReadOnlySpan<byte> packed, int length)
    {
        // Nothing may stand for nothing.
        if (length == 0) return [];
        var page = GC.AllocateUninitializedArray<byte>(length);
        return ParquetCodec.TryUnpack(codec, packed, page) ? page : throw new ParquetException("a page does not unpack to what it says");
    }

    // A header does not say how long it is; where it is longer than what was read, more is read.
    private static PageHeader ReadHeader(InputFile file, ref long at, long end)
    {
        for (int length = HeaderBytes; ; length *= 8)
        {
            var bytes = new byte[Math.Min(length, Math.Max(0, end - at))];
            file.ReadExactly(at, bytes);
            try
            {
                var reader = new ThriftReader(bytes);
                var header = PageHeader.Parse(ref reader);
                at += reader.Position;
                return header;
            }
            catch (ThriftException e) when (e.IsShort && bytes.Length == length && length < MaxHeaderBytes)
            {
            }
        }
    }

    /// <summary>A page's header.</summary>
    private readonly record struct PageHeader(int Type, int UnpackedBytes, int PackedBytes)
    {
        public int Values { get; private init; }

        public int Encoding { get; private init; }

        public int LevelEncoding { get; private init; }

        public int DefinitionBytes { get; private init; }

        public int RepetitionBytes { get; private init; }

        public bool IsPacked { get; private init; }

        // PageHeader: 1 type, 2 unpacked bytes, 3 packed bytes, 5, 7 and 8 what is particular to the three kinds.
        public static PageHeader Parse(ref ThriftReader reader)
        {
            var header = new PageHeader(-1, -1, -1);
            for (int id = 0; reader.ReadField(ref id, out var type);)
            {
                switch (id)
                {
                    case 1: header = header with { Type = reader.ReadCount(type) }; break;
                    case 2: header = header with { UnpackedBytes = reader.ReadCount(type) }; break;
                    case 3: header = header with { PackedBytes = reader.ReadCount(type) }; break;
                    case 5 or 7 or 8: header = ParseKind(ref reader, id, type, header); break;
                    default: reader.Skip(type); break;
                }
            }

            return header is { Type: >= 0, UnpackedBytes: >= 0, PackedBytes: >= 0 }
                ? header
                : throw new ThriftException("a page's header lacks its kind or length");
        }

        // DataPageHeader (5): 1 values, 2 encoding, 3 encoding of definition levels. DictionaryPageHeader (7): 1 values.
        // DataPageHeaderV2 (8): 1 values, 4 encoding, 5 and 6 bytes of definition and repetition levels, 7 whether it is compressed.
        private static PageHeader ParseKind(ref ThriftReader reader, int kind, ThriftType structure, PageHeader header)
        {
            if (structure != ThriftType.Struct) throw new ThriftException("a structure is expected");
            header = header with { IsPacked = true };
            for (int id = 0; reader.ReadField(ref id, out var type);)
            {
                switch (kind, id)
                {
                    case (_, 1): header = header with { Values = reader.ReadCount(type) }; break;
                    case (5, 2) or (8, 4): header = header with { Encoding = reader.ReadCount(type) }; break;
                    case (5, 3): header = header with { LevelEncoding = reader.ReadCount(type) }; break;
                    case (8, 5): header = header with { DefinitionBytes = reader.ReadCount(type) }; break;
                    case (8, 6): header = header with { RepetitionBytes = reader.ReadCount(type) }; break;
                    case (8, 7): header = header with { IsPacked = type == ThriftType.True }; break;
                    default: reader.Skip(type); break;
                }
            }

            return header;
        }
    }
}
