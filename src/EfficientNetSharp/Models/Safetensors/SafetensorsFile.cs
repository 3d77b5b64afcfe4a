using System.Buffers.Binary;
using System.Collections.Immutable;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Models.Safetensors;

/// <summary>
/// A safetensors file open for reading: named tensors and a table of texts. Opening reads and checks the header only; tensors
/// are read when asked for. Safe for use from many threads at once.
/// </summary>
public sealed class SafetensorsFile : IDisposable
{
    private readonly InputFile _file;
    private readonly long _dataStart;
    private readonly Dictionary<string, SafetensorsTensor> _byName;

    private SafetensorsFile(InputFile file, long dataStart, SafetensorsHeader header)
    {
        _file = file;
        _dataStart = dataStart;
        Metadata = header.Metadata;
        Tensors = header.Tensors;
        _byName = Tensors.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
    }

    /// <summary>The path as given.</summary>
    public string Path => _file.Path;

    /// <summary>The header's <c>__metadata__</c>; empty where it has none.</summary>
    public ImmutableSortedDictionary<string, string> Metadata { get; }

    /// <summary>The tensors in the order of their bytes.</summary>
    public ImmutableArray<SafetensorsTensor> Tensors { get; }

    /// <summary>Opens a file and reads its header.</summary>
    /// <exception cref="InvalidInputException">
    /// It cannot be read, is another kind of file (the message says which), or is damaged.
    /// </exception>
    public static SafetensorsFile Open(string path)
    {
        var file = InputFile.Open(path);
        try
        {
            byte[] json = ReadHeader(file);
            long dataStart = SafetensorsFormat.LengthBytes + json.Length;
            return new SafetensorsFile(file, dataStart, SafetensorsHeader.Parse(json, file.Length - dataStart, path));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The tensor of the given name, or <see langword="null"/>.</summary>
    public SafetensorsTensor? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>
    /// Reads a tensor of floats (F64, F32, F16 or BF16) as float32; doubles are rounded to the nearest, too large ones become
    /// infinite.
    /// </summary>
    /// <returns>A new array, row-major.</returns>
    /// <exception cref="InvalidInputException">There is no such tensor, it does not hold such floats, or the file got shorter.</exception>
    public float[] ReadFloat32(string name)
    {
        var tensor = Get(name);
        if (tensor.Type is not (ElementType.F64 or ElementType.F32 or ElementType.F16 or ElementType.BF16))
        {
            throw new InvalidInputException(
                $"The tensor {OneLine.Quote(name)} in '{Path}' holds {SafetensorsFormat.Name(tensor.Type)}, expected F32, F16, BF16 or F64; convert it first.");
        }

        return Float32Reader.Read(_file, _dataStart + tensor.Offset, tensor.Count, tensor.Type);
    }

    /// <summary>Reads a tensor's bytes as they are, elements least significant byte first.</summary>
    /// <returns>A new array of <see cref="SafetensorsTensor.ByteLength"/> bytes.</returns>
    /// <exception cref="InvalidInputException">There is no such tensor, it has over 2 GiB, or the file got shorter.</exception>
    public byte[] ReadBytes(string name)
    {
        var tensor = Get(name);
        if (tensor.ByteLength > Array.MaxLength)
            throw new InvalidInputException(
                $"The tensor {OneLine.Quote(name)} in '{Path}' has {tensor.ByteLength} bytes; at most {Array.MaxLength} can be held in memory.");
        var bytes = GC.AllocateUninitializedArray<byte>((int)tensor.ByteLength);
        _file.ReadExactly(_dataStart + tensor.Offset, bytes);
        return bytes;
    }

    /// <inheritdoc />
    public void Dispose() => _file.Dispose();

    private SafetensorsTensor Get(string name) =>
        Find(name) ?? throw new InvalidInputException($"'{Path}' has no tensor {OneLine.Quote(name)}; it has {Tensors.Length} others.");

    private static byte[] ReadHeader(InputFile file)
    {
        Span<byte> start = stackalloc byte[SafetensorsFormat.LengthBytes + 1];
        start = start[..file.ReadAtMost(0, start)];
        ulong length = start.Length < SafetensorsFormat.LengthBytes ? 0 : BinaryPrimitives.ReadUInt64LittleEndian(start);
        string? error = length switch
        {
            _ when start.Length < SafetensorsFormat.LengthBytes => $"it has {start.Length} bytes, fewer than the header's length takes",
            > SafetensorsFormat.MaxHeaderBytes =>
            $"its header would have {length} bytes, expected at most {SafetensorsFormat.MaxHeaderBytes}",
            _ when (long)length > file.Length - SafetensorsFormat.LengthBytes =>
            $"its header would have {length} bytes, more than the file",
            0 => "its header is empty",
            _ when start[^1] != '{' => "its header does not start with '{'",
            _ => null,
        };
        if (error is not null) throw WrongFile(file, error);
        var json = new byte[length];
        file.ReadExactly(SafetensorsFormat.LengthBytes, json);
        return json;
    }

    private static InvalidInputException WrongFile(InputFile file, string error) =>
        file.DescribeKind() is { } kind and not "a safetensors file"
        ? new InvalidInputException($"'{file.Path}' is not a safetensors file but {kind}; name a .safetensors file.")
        : SafetensorsHeader.Error(file.Path, error);
}
