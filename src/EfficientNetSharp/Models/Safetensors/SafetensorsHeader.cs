using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Models.Safetensors;

/// <summary>Reads the JSON header of a safetensors file, which may be anything.</summary>
internal sealed class SafetensorsHeader
{
    private readonly string _path;
    private readonly Dictionary<string, SafetensorsTensor> _tensors = new(StringComparer.Ordinal);
    private ImmutableSortedDictionary<string, string>? _metadata;

    private SafetensorsHeader(string path) => _path = path;

    /// <summary>The metadata; empty where the file has none.</summary>
    public ImmutableSortedDictionary<string, string> Metadata => _metadata ?? ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>The tensors in the order of their bytes.</summary>
    public ImmutableArray<SafetensorsTensor> Tensors { get; private set; }

    /// <summary>Reads and checks a header.</summary>
    /// <param name="json">The header's bytes.</param>
    /// <param name="dataLength">Bytes after the header.</param>
    /// <param name="path">The file's name for messages.</param>
    /// <exception cref="InvalidInputException">It is not one; the message says what is wrong.</exception>
    public static SafetensorsHeader Parse(ReadOnlySpan<byte> json, long dataLength, string path)
    {
        var header = new SafetensorsHeader(path);
        if (!Utf8.IsValid(json)) throw header.Error("its header is not valid UTF-8");
        try
        {
            var reader = new Utf8JsonReader(json);
            header.ReadObject(ref reader);
        }
        catch (JsonException e)
        {
            throw header.Error($"its header is not JSON: {JsonErrors.Describe(e, 200)}", e);
        }
        catch (InvalidOperationException e)
        {
            // What the JSON reader throws for half of a surrogate pair written as an escape.
            throw header.Error("its header has text that is not valid Unicode", e);
        }

        header.Tensors = header.Arrange(dataLength);
        return header;
    }

    public static InvalidInputException Error(string path, string what, Exception? inner = null)
    {
        string message = $"'{path}' is not a usable safetensors file: {what}; make or fetch it again.";
        return inner is null ? new InvalidInputException(message) : new InvalidInputException(message, inner);
    }

    private InvalidInputException Error(string what, Exception? inner = null) => Error(_path, what, inner);

    private void ReadObject(ref Utf8JsonReader reader)
    {
        reader.Read();
        Require(reader.TokenType == JsonTokenType.StartObject, "its header is not a JSON object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            reader.Read();
            if (key == SafetensorsFormat.MetadataKey)
            {
                Require(_metadata is null, $"its header has {SafetensorsFormat.MetadataKey} twice");
                _metadata = ReadMetadata(ref reader);
            }
            else
            {
                var tensor = ReadTensor(key, ref reader);
                Require(_tensors.TryAdd(key, tensor), $"its header has the tensor {OneLine.Quote(key)} twice");
            }
        }

        // Anything but spaces after the object is an error that this read reports.
        while (reader.Read())
        {
        }
    }

    private ImmutableSortedDictionary<string, string> ReadMetadata(ref Utf8JsonReader reader)
    {
        const string expected = $"{SafetensorsFormat.MetadataKey} is not an object of texts";
        Require(reader.TokenType == JsonTokenType.StartObject, expected);
        var metadata = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            reader.Read();
            Require(reader.TokenType == JsonTokenType.String, expected);
            Require(!metadata.ContainsKey(key), $"{SafetensorsFormat.MetadataKey} has {OneLine.Quote(key)} twice");
            metadata.Add(key, reader.GetString()!);
        }

        return metadata.ToImmutable();
    }

    private SafetensorsTensor ReadTensor(string name, ref Utf8JsonReader reader)
    {
        string of = $"of the tensor {OneLine.Quote(name)}";
        Require(reader.TokenType == JsonTokenType.StartObject, $"the description {of} is not an object");
        ElementType? type = null;
        List<long>? shape = null, offsets = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            reader.Read();
            switch (key)
            {
                case "dtype":
                    Require(type is null, $"the dtype {of} is given twice");
                    type = ReadType(of, ref reader);
                    break;
                case "shape":
                    Require(shape is null, $"the shape {of} is given twice");
                    shape = ReadIntegers($"the shape {of}", ArrayShape.MaxDimensions, int.MaxValue, ref reader);
                    break;
                case "data_offsets":
                    Require(offsets is null, $"the data_offsets {of} are given twice");
                    offsets = ReadIntegers($"the data_offsets {of}", 2, long.MaxValue, ref reader);
                    break;
                default:
                    // The reference implementation ignores other members too.
                    reader.Skip();
                    break;
            }
        }

        Require(type is not null && shape is not null && offsets is { Count: 2 }, $"the dtype, shape or two data_offsets {of} are missing");
        ImmutableArray<int> dimensions = [.. shape!.Select(dimension => (int)dimension)];
        long begin = offsets![0], end = offsets[1];
        Require(begin <= end, $"the data_offsets {of} are reversed, {begin} to {end}");
        bool whole = SafetensorsFormat.TryGetByteLength(type!.Value, dimensions.AsSpan(), out long bytes);
        Require(
            whole && bytes == end - begin,
            $"the shape [{string.Join(", ", dimensions)}] {of} in {SafetensorsFormat.Name(type.Value)} does not fit its {end - begin} bytes");
        return new SafetensorsTensor(name, type.Value, dimensions, begin, bytes);
    }

    private ElementType ReadType(string of, ref Utf8JsonReader reader)
    {
        Require(reader.TokenType == JsonTokenType.String, $"the dtype {of} is not a text");
        string name = reader.GetString()!;
        return SafetensorsFormat.Find(name) ?? throw Error($"the dtype {of} is {OneLine.Quote(name, 30)}, which is unknown");
    }

    private List<long> ReadIntegers(string what, int maxCount, long max, ref Utf8JsonReader reader)
    {
        Require(reader.TokenType == JsonTokenType.StartArray, $"{what} is not a list");
        var integers = new List<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            Require(integers.Count < maxCount, $"{what} has more than {maxCount} entries");
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long value) || value < 0 || value > max)
            {
                string found = Encoding.UTF8.GetString(reader.ValueSpan[..Math.Min(reader.ValueSpan.Length, 200)]);
                throw Error(string.Create(CultureInfo.InvariantCulture,
                    $"{what} has {OneLine.Quote(found, 30)}, expected integers from 0 to {max}"));
            }

            integers.Add(value);
        }

        return integers;
    }

    // The tensors must cover the data without gaps or overlaps, as the reference implementation demands: otherwise bytes could
    // hide in a file, or two names share them.
    private ImmutableArray<SafetensorsTensor> Arrange(long dataLength)
    {
        ImmutableArray<SafetensorsTensor> tensors =
            [.. _tensors.Values.OrderBy(tensor => tensor.Offset).ThenBy(tensor => tensor.ByteLength).ThenBy(tensor => tensor.Name,
                StringComparer.Ordinal)];
        long end = 0;
        foreach (var tensor in tensors)
        {
            if (tensor.Offset != end)
            {
                string what = tensor.Offset < end ? "overlaps the one before" : $"leaves a gap of {tensor.Offset - end} bytes before it";
                throw Error($"the tensor {OneLine.Quote(tensor.Name)} {what}");
            }

            // Neither sum overflows: the tensor's end was read as a 64-bit number.
            end = tensor.Offset + tensor.ByteLength;
            Require(end <= dataLength,
                $"the tensor {OneLine.Quote(tensor.Name)} ends at {end}, past the {dataLength} bytes of data that the file has");
        }

        Require(end == dataLength, $"{dataLength - end} bytes at its end belong to no tensor");
        return tensors;
    }

    private void Require(bool holds, string otherwise)
    {
        if (!holds) throw Error(otherwise);
    }
}
