using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Data.Formats.Mat;

/// <summary>
/// Reads MATLAB files of level 5 (<c>save -v5</c>, <c>-v6</c> and <c>-v7</c>; MathWorks, "MAT-File Format"): numbers, texts, cells
/// and records, which is what annotations of datasets are made of.
/// </summary>
internal static class MatFile
{
    private const int HeaderBytes = 128;

    // Annotations of the largest set that comes so (ImageNet's meta.mat) have 200 kB.
    private const int MaxFileBytes = 256 << 20;

    // mxCELL_CLASS … mxUINT64_CLASS of the format.
    private const int CellClass = 1, StructClass = 2, CharClass = 4, FirstNumberClass = 6, LastNumberClass = 15;

    // Cells within cells; annotations have two levels.
    private const int MaxDepth = 32;

    /// <summary>The variables of a file by name.</summary>
    /// <exception cref="InvalidInputException">It is missing, damaged, big-endian or of another level.</exception>
    public static IReadOnlyDictionary<string, MatValue> Read(string path)
    {
        using var file = InputFile.Open(path);
        if (file.Length > MaxFileBytes)
            throw DatasetErrors.Unusable(path, $"it has {file.Length} bytes", "annotations have less; check what it is");
        var bytes = new byte[file.Length];
        file.ReadExactly(0, bytes);
        Check(path, bytes, file);
        var values = new Dictionary<string, MatValue>(StringComparer.Ordinal);
        foreach (var element in MatElement.ReadAll(bytes.AsMemory(HeaderBytes), path))
        {
            if (element.Type != MatType.Matrix) continue;
            var (name, value) = ReadMatrix(element.Data, path, 0);
            values[name] = value;
        }

        return values;
    }

    private static void Check(string path, ReadOnlySpan<byte> bytes, InputFile file)
    {
        if (bytes.Length < HeaderBytes || !bytes.StartsWith("MATLAB 5.0"u8))
        {
            string found = bytes.StartsWith("MATLAB 7.3"u8) ? "a MATLAB 7.3 file" : file.DescribeKind() ?? "something unknown or cut off";
            throw DatasetErrors.Unusable(path, $"it is no MATLAB file of level 5 but {found}", "fetch it again, or save it with -v7");
        }

        // "IM" is what the two characters MI become in little-endian order.
        if (!bytes[126..128].SequenceEqual("IM"u8))
            throw DatasetErrors.Unusable(path, "its numbers are big-endian", "save it again on another machine");
    }

    private static (string Name, MatValue Value) ReadMatrix(ReadOnlyMemory<byte> data, string path, int depth)
    {
        // An empty place of a cell or record may have no contents at all.
        if (data.IsEmpty) return ("", new MatNumbers([0, 0], []));
        if (depth > MaxDepth) throw DatasetErrors.Damaged(path, $"its values are more than {MaxDepth} deep");
        MatElement[] parts = [.. MatElement.ReadAll(data, path)];
        if (parts.Length < 3 || parts[0].Data.Length < 8) throw DatasetErrors.Damaged(path, "a value of it has no flags, size or name");
        int kind = parts[0].Data.Span[0];
        ImmutableArray<int> size = [.. Numbers(parts[1], path).Select(length => (int)length)];
        string name = Encoding.ASCII.GetString(parts[2].Data.Span);
        if (size.Any(length => length < 0)) throw DatasetErrors.Damaged(path, "a size in it is negative");
        long count = size.Aggregate(1L, (product, length) => Math.Min(product * length, int.MaxValue));
        return (name, kind switch
        {
            CellClass => new MatCells(size, ReadValues(parts, 3, count, path, depth)),
            StructClass => ReadStructs(parts, size, count, path, depth),
            CharClass => new MatText(size, Text(parts, path)),
            >= FirstNumberClass and <= LastNumberClass => ReadNumbers(parts, size, count, path),
            _ => new MatOther(size),
        });
    }

    private static MatNumbers ReadNumbers(MatElement[] parts, ImmutableArray<int> size, long count, string path)
    {
        double[] values = parts.Length > 3 ? Numbers(parts[3], path) : [];
        if (values.Length != count) throw DatasetErrors.Damaged(path, $"an array of it has {values.Length} numbers, expected {count}");
        return new MatNumbers(size, values);
    }

    private static MatStructs ReadStructs(MatElement[] parts, ImmutableArray<int> size, long count, string path, int depth)
    {
        if (parts.Length < 5 || Numbers(parts[3], path) is not [var nameBytes] || nameBytes < 1)
            throw DatasetErrors.Damaged(path, "a record of it has no field names");
        ImmutableArray<string> fields =
            [.. parts[4].Data.ToArray().Chunk((int)nameBytes).Select(chars => Encoding.ASCII.GetString(chars).Split('\0')[0])];
        var values = ReadValues(parts, 5, count * fields.Length, path, depth);
        return new MatStructs(size, fields, fields.IsEmpty ? [] : [.. values.Chunk(fields.Length)]);
    }

    private static MatValue[] ReadValues(MatElement[] parts, int from, long count, string path, int depth)
    {
        if (parts.Length - from < count)
            throw DatasetErrors.Damaged(path, $"a list of it has {parts.Length - from} values, expected {count}");
        return [.. parts.Skip(from).Take((int)count).Select(part => ReadMatrix(part.Data, path, depth + 1).Value)];
    }

    private static string Text(MatElement[] parts, string path)
    {
        if (parts.Length < 4) return "";
        var data = parts[3].Data.Span;
        return parts[3].Type switch
        {
            MatType.Utf8 or MatType.Int8 or MatType.UInt8 => Encoding.UTF8.GetString(data),
            MatType.Utf16 or MatType.UInt16 => Encoding.Unicode.GetString(data),
            MatType.Utf32 => Encoding.UTF32.GetString(data),
            _ => throw DatasetErrors.Damaged(path, $"a text of it has the type {parts[3].Type}"),
        };
    }

    private static double[] Numbers(MatElement element, string path)
    {
        var data = element.Data.Span;
        int size = element.Type switch
        {
            MatType.Int8 or MatType.UInt8 => 1,
            MatType.Int16 or MatType.UInt16 => 2,
            MatType.Int32 or MatType.UInt32 or MatType.Single => 4,
            MatType.Int64 or MatType.UInt64 or MatType.Double => 8,
            _ => throw DatasetErrors.Damaged(path, $"numbers of it have the type {element.Type}"),
        };
        var numbers = new double[data.Length / size];
        for (int i = 0; i < numbers.Length; i++)
        {
            var at = data.Slice(i * size, size);
            numbers[i] = element.Type switch
            {
                MatType.Int8 => (sbyte)at[0],
                MatType.UInt8 => at[0],
                MatType.Int16 => BinaryPrimitives.ReadInt16LittleEndian(at),
                MatType.UInt16 => BinaryPrimitives.ReadUInt16LittleEndian(at),
                MatType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(at),
                MatType.UInt32 => BinaryPrimitives.ReadUInt32LittleEndian(at),
                MatType.Single => BinaryPrimitives.ReadSingleLittleEndian(at),
                MatType.Int64 => BinaryPrimitives.ReadInt64LittleEndian(at),
                MatType.UInt64 => BinaryPrimitives.ReadUInt64LittleEndian(at),
                _ => BinaryPrimitives.ReadDoubleLittleEndian(at),
            };
        }

        return numbers;
    }
}
