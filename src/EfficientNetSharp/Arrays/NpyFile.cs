using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Arrays;

/// <summary>
/// NumPy's <c>.npy</c> files, versions 1.0 to 3.0 (documented in <c>numpy.lib.format</c>). Arrays of numbers in either byte order
/// and either memory order are read; row-major little-endian float32 of version 1.0 is written.
/// </summary>
public static class NpyFile
{
    // numpy.load refuses longer headers too (its max_header_size); those of plain arrays have about a hundred bytes.
    private const int MaxHeaderBytes = 10_000;

    // "The total is evenly divisible by 64 for alignment purposes."
    private const int Alignment = 64;

    // Magic string, version, two bytes of length.
    private const int PreambleBytes = 10;

    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>
    /// Reads an array of floats (16, 32 or 64 bits), integers or truth values as float32; each value is rounded to the nearest.
    /// </summary>
    /// <exception cref="InvalidInputException">The file cannot be read, is damaged, or holds something else than numbers.</exception>
    public static NpyArray Read(string path)
    {
        using var file = InputFile.Open(path);
        return Read(file.OpenStream(), file.Length, file.Path);
    }

    /// <summary>Reads an array from a stream, such as an archive's entry, as <see cref="Read(string)"/> does.</summary>
    /// <param name="stream">Stands at the array's first byte; need not seek.</param>
    /// <param name="length">Bytes that the array must take; memory is taken for no more.</param>
    /// <param name="name">What the stream is called in messages.</param>
    /// <exception cref="InvalidInputException">The stream is damaged, or holds something else than numbers.</exception>
    public static NpyArray Read(Stream stream, long length, string name)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var (header, dataStart) = ReadHeader(stream, length, name);
        var (type, bigEndian) = ParseType(header);
        int size = type.BitCount() / 8;
        if (!ArrayShape.TryCountElements(header.Shape.AsSpan(), out long count) || count > long.MaxValue / size)
            throw header.Error($"the shape ({string.Join(", ", header.Shape)}) has more values than a file can hold");
        if (dataStart + (count * size) is var expected && (expected < 0 || expected != length))
        {
            throw header.Error(
                $"the shape ({string.Join(", ", header.Shape)}) of {size}-byte values takes {count * size} bytes, "
                + $"found {length - dataStart}; save it again, one array a file");
        }

        float[] values = Float32Reader.Read(stream, name, count, type, bigEndian);
        return new NpyArray(header.Shape, header.IsFortranOrder ? ToRowMajor(header.Shape, values) : values);
    }

    /// <summary>Reads an array's shape and leaves its values.</summary>
    /// <param name="stream">Stands at the array's first byte; need not seek.</param>
    /// <param name="length">Bytes that the array takes.</param>
    /// <param name="name">What the stream is called in messages.</param>
    /// <returns>The dimensions; empty for a single value.</returns>
    /// <exception cref="InvalidInputException">The header is damaged, or the array holds something else than numbers.</exception>
    public static ImmutableArray<int> ReadShape(Stream stream, long length, string name)
    {
        var (header, _) = ReadHeader(stream, length, name);
        ParseType(header);
        return header.Shape;
    }

    /// <summary>Writes an array, whole or not at all (see <see cref="AtomicFile"/>).</summary>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="shape">Dimensions; empty for a single value.</param>
    /// <param name="values">The values, row-major.</param>
    /// <exception cref="ArgumentException">
    /// The number of values is not the product of the dimensions, or a dimension is negative.
    /// </exception>
    /// <exception cref="InvalidInputException">The path cannot be written to.</exception>
    public static void Write(string path, ImmutableArray<int> shape, ReadOnlyMemory<float> values)
    {
        if (shape.IsDefault || shape.Length > ArrayShape.MaxDimensions || shape.Any(dimension => dimension < 0))
            throw new ArgumentException($"A shape has at most {ArrayShape.MaxDimensions} dimensions, none negative.", nameof(shape));
        if (!ArrayShape.TryCountElements(shape.AsSpan(), out long count) || count != values.Length)
            throw new ArgumentException($"An array of shape ({string.Join(", ", shape)}) does not have {values.Length} values.",
                nameof(values));
        AtomicFile.Write(path, stream =>
        {
            stream.Write(MakeHeader(shape));
            Float32Writer.Write(stream, values.Span, ElementType.F32);
        });
    }

    private static (NpyHeader Header, int DataStart) ReadHeader(Stream stream, long length, string name)
    {
        Span<byte> start = stackalloc byte[PreambleBytes];
        start = start[..ReadAtMost(stream, start)];
        if (!start.StartsWith(Magic)) throw WrongKind(stream, start, name);
        if (start.Length < PreambleBytes) throw Damaged(name, "it ends within its first bytes");
        int version = start[6];
        if (version is < 1 or > 3 || start[7] != 0)
            throw Damaged(name, $"it has version {start[6]}.{start[7]}, expected 1.0, 2.0 or 3.0");

        // Version 1 has two bytes of header length, later ones four.
        uint headerLength = BinaryPrimitives.ReadUInt16LittleEndian(start[8..]);
        int headerStart = PreambleBytes;
        if (version > 1)
        {
            Span<byte> upper = stackalloc byte[2];
            if (ReadAtMost(stream, upper) < upper.Length) throw Damaged(name, "it ends within its first bytes");
            headerLength |= (uint)BinaryPrimitives.ReadUInt16LittleEndian(upper) << 16;
            headerStart += upper.Length;
        }

        if (headerLength > MaxHeaderBytes) throw Damaged(name, $"its header has {headerLength} bytes, expected at most {MaxHeaderBytes}");
        var bytes = new byte[headerLength];
        if (headerStart + headerLength > length || ReadAtMost(stream, bytes) < bytes.Length)
            throw Damaged(name, $"it ends within its header of {headerLength} bytes");
        // Version 3 is UTF-8, the others Latin-1; the literals of plain arrays are ASCII in both.
        return (NpyHeader.Parse(Encoding.Latin1.GetString(bytes), name), headerStart + (int)headerLength);
    }

    private static int ReadAtMost(Stream stream, Span<byte> buffer) => stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);

    private static InvalidInputException WrongKind(Stream stream, ReadOnlySpan<byte> start, string name)
    {
        Span<byte> more = stackalloc byte[FileSignature.UsefulBytes];
        start.CopyTo(more);
        int length = start.Length + ReadAtMost(stream, more[start.Length..]);
        string kind = FileSignature.Describe(more[..length]) ?? "something unknown";
        return new InvalidInputException($"'{name}' is not a .npy file but {kind}; save one with numpy.save.");
    }

    private static InvalidInputException Damaged(string name, string what) =>
        new($"'{name}' is not a usable .npy file: {what}; save it again.");

    private static (ElementType Type, bool BigEndian) ParseType(NpyHeader header)
    {
        string descr = header.Descr!;
        bool bigEndian = descr.StartsWith('>');
        ElementType? type = descr.Length < 3 || !"<>|".Contains(descr[0], StringComparison.Ordinal) ? null : descr[1..] switch
        {
            "f2" => ElementType.F16,
            "f4" => ElementType.F32,
            "f8" => ElementType.F64,
            "b1" => ElementType.Bool,
            "u1" => ElementType.U8,
            "i1" => ElementType.I8,
            "u2" => ElementType.U16,
            "i2" => ElementType.I16,
            "u4" => ElementType.U32,
            "i4" => ElementType.I32,
            "u8" => ElementType.U64,
            "i8" => ElementType.I64,
            _ => null,
        };
        if (type is { } known && (descr[0] != '|' || known.BitCount() == 8)) return (known, bigEndian);
        string kind = descr.Length > 1 ? DescribeKind(descr[1]) : "values of an unknown type";
        throw header.Error($"it holds {kind} ({OneLine.Quote(descr, 30)}), expected numbers; save it as float32");
    }

    private static string DescribeKind(char kind) => kind switch
    {
        'c' => "complex numbers",
        'O' => "pickled Python objects",
        'S' or 'U' or 'a' => "text",
        'V' => "raw bytes",
        'M' or 'm' => "times",
        'f' or 'i' or 'u' or 'b' => "numbers of an unknown size",
        _ => "values of an unknown type",
    };

    // Column-major to row-major: walks the file's order, in which the first index moves fastest, and keeps the row-major place.
    private static float[] ToRowMajor(ImmutableArray<int> shape, float[] columnMajor)
    {
        if (shape.Length < 2) return columnMajor;
        var strides = new int[shape.Length];
        var index = new int[shape.Length];
        int stride = 1;
        for (int d = shape.Length - 1; d >= 0; d--)
        {
            strides[d] = stride;
            stride *= shape[d];
        }

        var rowMajor = GC.AllocateUninitializedArray<float>(columnMajor.Length);
        int place = 0;
        foreach (float value in columnMajor)
        {
            rowMajor[place] = value;
            for (int d = 0; d < index.Length; d++)
            {
                place += strides[d];
                if (++index[d] < shape[d]) break;
                place -= strides[d] * shape[d];
                index[d] = 0;
            }
        }

        return rowMajor;
    }

    private static byte[] MakeHeader(ImmutableArray<int> shape)
    {
        string dimensions = string.Concat(shape.Select(dimension => string.Create(CultureInfo.InvariantCulture, $"{dimension}, ")));
        // A tuple of one is written (3,), longer ones (2, 3).
        dimensions = shape.Length == 1 ? dimensions[..^1] : dimensions.Length == 0 ? "" : dimensions[..^2];
        string text = $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({dimensions}), }}";
        int total = (PreambleBytes + text.Length + 1 + Alignment - 1) / Alignment * Alignment;
        var header = new byte[total];
        Magic.CopyTo(header);
        header[6] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(8), checked((ushort)(total - PreambleBytes)));
        header.AsSpan(PreambleBytes).Fill((byte)' ');
        Encoding.ASCII.GetBytes(text, header.AsSpan(PreambleBytes));
        header[^1] = (byte)'\n';
        return header;
    }
}
