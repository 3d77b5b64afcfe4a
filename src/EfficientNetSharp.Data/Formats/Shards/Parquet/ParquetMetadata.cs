using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Data.Formats.Shards.Parquet;

/// <summary>How a column's values are stored (<c>Type</c> of parquet.thrift).</summary>
internal enum ParquetType
{
    Boolean = 0,
    Int32 = 1,
    Int64 = 2,
    Int96 = 3,
    Float = 4,
    Double = 5,
    ByteArray = 6,
    FixedLengthByteArray = 7,
}

/// <summary>A column: a leaf of the schema's tree.</summary>
/// <param name="Index">Its place among the columns, which is that of its chunk in a row group.</param>
/// <param name="Path">Names from the root to it, with <c>/</c> between.</param>
/// <param name="Type">How its values are stored.</param>
/// <param name="IsText">Whether its bytes are UTF-8.</param>
/// <param name="MaxDefinition">Optional and repeated nodes on the path; a value with fewer of them there is missing.</param>
/// <param name="IsRepeated">Whether a row may have several values.</param>
internal sealed record ParquetColumn(int Index, string Path, ParquetType Type, bool IsText, int MaxDefinition, bool IsRepeated);

/// <summary>A column's part of a row group.</summary>
/// <param name="Codec">How its pages are compressed (<c>CompressionCodec</c>).</param>
/// <param name="Values">Values and missing ones, which for columns that are not repeated are the rows.</param>
/// <param name="UnpackedBytes">Bytes of its pages unpacked.</param>
/// <param name="PackedBytes">Bytes of its pages as they lie in the file.</param>
/// <param name="Start">Its first page's place in the file.</param>
internal sealed record ParquetChunk(int Codec, int Values, long UnpackedBytes, long PackedBytes, long Start);

/// <summary>
/// The metadata at the end of a Parquet file, in the forms of <c>parquet.thrift</c> of parquet-format 2.11 as far as they are needed.
/// </summary>
/// <param name="Columns">The leaves of the schema.</param>
/// <param name="Groups">The row groups, each with its chunks in the order of the columns.</param>
/// <param name="Texts">What writers say besides.</param>
internal sealed record ParquetMetadata(
    ImmutableArray<ParquetColumn> Columns, ImmutableArray<ImmutableArray<ParquetChunk>> Groups, Dictionary<string, string> Texts)
{
    // Metadata take some hundred bytes per column and row group.
    private const int MaxBytes = 256 << 20;

    // Trees of image sets are three deep.
    private const int MaxDepth = 32;

    // FieldRepetitionType.
    private const int Optional = 1, Repeated = 2;

    private static ReadOnlySpan<byte> Magic => "PAR1"u8;

    /// <summary>Reads the metadata.</summary>
    /// <exception cref="InvalidInputException">The file is damaged, encrypted or no Parquet file.</exception>
    public static ParquetMetadata Read(InputFile file)
    {
        Span<byte> end = stackalloc byte[8];
        if (file.Length < end.Length + Magic.Length)
            throw DatasetErrors.Damaged(file.Path, "it is too short for a Parquet file");
        file.ReadExactly(file.Length - end.Length, end);
        if (end[4..].SequenceEqual("PARE"u8))
            throw DatasetErrors.Unusable(file.Path, "it is encrypted", "write it without encryption");
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(end);
        if (!end[4..].SequenceEqual(Magic) || length > file.Length - end.Length - Magic.Length || length > MaxBytes)
            throw DatasetErrors.Damaged(file.Path, "it does not end as a Parquet file does");
        var bytes = new byte[length];
        file.ReadExactly(file.Length - end.Length - length, bytes);
        try
        {
            return Parse(bytes);
        }
        catch (ThriftException e)
        {
            throw DatasetErrors.Damaged(file.Path, $"its metadata cannot be read: {e.Message}", e);
        }
    }

    // FileMetaData: 2 schema, 4 row groups, 5 key-value metadata.
    private static ParquetMetadata Parse(ReadOnlySpan<byte> bytes)
    {
        var reader = new ThriftReader(bytes);
        var columns = ImmutableArray<ParquetColumn>.Empty;
        var groups = ImmutableArray.CreateBuilder<ImmutableArray<ParquetChunk>>();
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        for (int id = 0; reader.ReadField(ref id, out var type);)
        {
            switch (id)
            {
                case 2:
                    columns = ParseSchema(ref reader, type);
                    break;
                case 4:
                    for (int left = reader.ReadList(type, out var element); left > 0; left--) groups.Add(ParseGroup(ref reader, element));
                    break;
                case 5:
                    for (int left = reader.ReadList(type, out var element); left > 0; left--) ParseText(ref reader, element, texts);
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        foreach (var group in groups)
        {
            if (group.Length != columns.Length)
                throw new ThriftException($"a row group has {group.Length} columns, the schema {columns.Length}");
        }

        return new(columns, groups.ToImmutable(), texts);
    }

    // The tree's nodes, each before its children.
    private static ImmutableArray<ParquetColumn> ParseSchema(ref ThriftReader reader, ThriftType type)
    {
        var columns = ImmutableArray.CreateBuilder<ParquetColumn>();
        // Of the nodes that are open: the path to them, what it adds up to, and children that are still to come.
        var open = new Stack<(string Path, int Definition, bool IsRepeated, int Left)>();
        int count = reader.ReadList(type, out var element);
        for (int i = 0; i < count; i++)
        {
            var node = ParseNode(ref reader, element);
            if (i == 0)
            {
                open.Push(("", 0, false, node.Children));
                continue;
            }

            while (open.TryPeek(out var full) && full.Left == 0) open.Pop();
            if (!open.TryPop(out var parent)) throw new ThriftException("its schema has nodes outside of its tree");
            open.Push(parent with { Left = parent.Left - 1 });
            string path = parent.Path.Length == 0 ? node.Name : $"{parent.Path}/{node.Name}";
            int definition = parent.Definition + (node.Repetition is Optional or Repeated ? 1 : 0);
            bool isRepeated = parent.IsRepeated || node.Repetition == Repeated;
            if (node.Children == 0)
                columns.Add(new(columns.Count, path, node.Type, node.IsText, definition, isRepeated));
            else if (open.Count == MaxDepth)
                throw new ThriftException($"its schema is nested more than {MaxDepth} deep");
            else
                open.Push((path, definition, isRepeated, node.Children));
        }

        return columns.ToImmutable();
    }

    // SchemaElement: 1 type, 3 repetition, 4 name, 5 children, 6 converted type (0 is UTF8), 10 logical type (its field 1 is STRING).
    private static (ParquetType Type, int Repetition, string Name, int Children, bool IsText) ParseNode(
        ref ThriftReader reader, ThriftType structure)
    {
        Expect(structure);
        var (storage, repetition, name, children, isText) = (default(ParquetType), 0, "", 0, false);
        for (int id = 0; reader.ReadField(ref id, out var type);)
        {
            switch (id)
            {
                case 1: storage = (ParquetType)reader.ReadCount(type); break;
                case 3: repetition = reader.ReadCount(type); break;
                case 4: name = Encoding.UTF8.GetString(reader.ReadBinary(type)); break;
                case 5: children = reader.ReadCount(type); break;
                case 6: isText |= reader.ReadCount(type) == 0; break;
                case 10: isText |= IsString(ref reader, type); break;
                default: reader.Skip(type); break;
            }
        }

        return (storage, repetition, name, children, isText);
    }

    private static bool IsString(ref ThriftReader reader, ThriftType structure)
    {
        Expect(structure);
        bool isString = false;
        for (int id = 0; reader.ReadField(ref id, out var type);)
        {
            isString |= id == 1;
            reader.Skip(type);
        }

        return isString;
    }

    // RowGroup: 1 columns.
    private static ImmutableArray<ParquetChunk> ParseGroup(ref ThriftReader reader, ThriftType structure)
    {
        Expect(structure);
        var chunks = ImmutableArray.CreateBuilder<ParquetChunk>();
        for (int id = 0; reader.ReadField(ref id, out var type);)
        {
            if (id != 1)
            {
                reader.Skip(type);
                continue;
            }

            for (int left = reader.ReadList(type, out var element); left > 0; left--) chunks.Add(ParseChunk(ref reader, element));
        }

        return chunks.ToImmutable();
    }

    // ColumnChunk: 1 another file, 3 ColumnMetaData.
    private static ParquetChunk ParseChunk(ref ThriftReader reader, ThriftType structure)
    {
        Expect(structure);
        ParquetChunk? chunk = null;
        for (int id = 0; reader.ReadField(ref id, out var type);)
        {
            switch (id)
            {
                case 1: throw new ThriftException("a column lies in another file, which is not opened");
                case 3: chunk = ParseColumnMetadata(ref reader, type); break;
                default: reader.Skip(type); break;
            }
        }

        return chunk ?? throw new ThriftException("a column has no metadata");
    }

    // ColumnMetaData: 4 codec, 5 values, 6 unpacked bytes, 7 packed bytes, 9 first data page, 11 dictionary page.
    private static ParquetChunk ParseColumnMetadata(ref ThriftReader reader, ThriftType structure)
    {
        Expect(structure);
        var (codec, values, unpacked, packed, data, dictionary) = (0, 0, 0L, 0L, 0L, 0L);
        for (int id = 0; reader.ReadField(ref id, out var type);)
        {
            switch (id)
            {
                case 4: codec = reader.ReadCount(type); break;
                case 5: values = reader.ReadCount(type); break;
                case 6: unpacked = reader.ReadNumber(type); break;
                case 7: packed = reader.ReadNumber(type); break;
                case 9: data = reader.ReadNumber(type); break;
                case 11: dictionary = reader.ReadNumber(type); break;
                default: reader.Skip(type); break;
            }
        }

        // Some writers give 0 where there is no dictionary.
        return new(codec, values, unpacked, packed, dictionary > 0 ? Math.Min(dictionary, data) : data);
    }

    private static void ParseText(ref ThriftReader reader, ThriftType structure, Dictionary<string, string> texts)
    {
        Expect(structure);
        string key = "", value = "";
        for (int id = 0; reader.ReadField(ref id, out var type);)
        {
            switch (id)
            {
                case 1: key = Encoding.UTF8.GetString(reader.ReadBinary(type)); break;
                case 2: value = Encoding.UTF8.GetString(reader.ReadBinary(type)); break;
                default: reader.Skip(type); break;
            }
        }

        texts[key] = value;
    }

    private static void Expect(ThriftType type)
    {
        if (type != ThriftType.Struct) throw new ThriftException("a structure is expected");
    }
}
