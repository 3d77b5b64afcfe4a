using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Models.Safetensors;

/// <summary>
/// Writes safetensors files. Equal contents give equal bytes: tensors are ordered as the reference implementation does (widest
/// type first, then by name), and metadata by key.
/// </summary>
public static class SafetensorsWriter
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Writes a file, whole or not at all (see <see cref="AtomicFile"/>). Tensors are streamed, not copied.</summary>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="metadata">The header's <c>__metadata__</c>; left out where empty.</param>
    /// <param name="tensors">The tensors, in any order.</param>
    /// <exception cref="ArgumentException">Two tensors have one name, a text is not valid Unicode, or the header exceeds the format's 100 MB.</exception>
    /// <exception cref="InvalidInputException">The path cannot be written to.</exception>
    /// <exception cref="IOException">Writing failed, for example because the disk is full.</exception>
    public static void Write(string path, IReadOnlyDictionary<string, string> metadata, IEnumerable<SafetensorsEntry> tensors)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        ArgumentNullException.ThrowIfNull(tensors);
        var ordered = Order(tensors);
        byte[] header = MakeHeader(metadata, ordered);
        AtomicFile.Write(path, stream =>
        {
            stream.Write(header);
            foreach (var tensor in ordered) tensor.WriteTo(stream);
        });
    }

    private static SafetensorsEntry[] Order(IEnumerable<SafetensorsEntry> tensors)
    {
        // By UTF-8 bytes: UTF-16's order differs beyond the basic plane.
        var keyed = tensors.Select(tensor => (Tensor: tensor, Key: StrictUtf8.GetBytes(tensor.Name))).ToArray();
        Array.Sort(keyed, (a, b) =>
        {
            int byType = b.Tensor.Type.CompareTo(a.Tensor.Type);
            return byType != 0 ? byType : a.Key.AsSpan().SequenceCompareTo(b.Key);
        });
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (tensor, _) in keyed)
        {
            if (!names.Add(tensor.Name)) throw new ArgumentException($"Two tensors are named '{tensor.Name}'.", nameof(tensors));
        }

        return [.. keyed.Select(pair => pair.Tensor)];
    }

    private static byte[] MakeHeader(IReadOnlyDictionary<string, string> metadata, SafetensorsEntry[] tensors)
    {
        var buffer = new ArrayBufferWriter<byte>();
        // The relaxed encoder leaves all but quotes, backslashes and controls as they are, as the reference implementation does.
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            if (metadata.Count > 0) WriteMetadata(json, metadata);
            long offset = 0;
            foreach (var tensor in tensors)
            {
                WriteTensor(json, tensor, offset);
                offset = checked(offset + tensor.ByteLength);
            }

            json.WriteEndObject();
        }

        const int alignment = SafetensorsFormat.HeaderAlignment;
        long length = ((long)buffer.WrittenCount + alignment - 1) / alignment * alignment;
        if (length > SafetensorsFormat.MostHeaderBytes)
            throw new ArgumentException($"The header would have {length} bytes; the format allows {SafetensorsFormat.MostHeaderBytes}.", nameof(tensors));
        var header = new byte[SafetensorsFormat.LengthBytes + length];
        BinaryPrimitives.WriteInt64LittleEndian(header, length);
        header.AsSpan(SafetensorsFormat.LengthBytes).Fill((byte)' ');
        buffer.WrittenSpan.CopyTo(header.AsSpan(SafetensorsFormat.LengthBytes));
        return header;
    }

    private static void WriteMetadata(Utf8JsonWriter json, IReadOnlyDictionary<string, string> metadata)
    {
        json.WriteStartObject(SafetensorsFormat.MetadataKey);
        foreach (var (key, value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            json.WriteString(StrictUtf8.GetBytes(key), StrictUtf8.GetBytes(value));
        json.WriteEndObject();
    }

    private static void WriteTensor(Utf8JsonWriter json, SafetensorsEntry tensor, long offset)
    {
        json.WriteStartObject(tensor.Name);
        json.WriteString("dtype", SafetensorsFormat.Name(tensor.Type));
        json.WriteStartArray("shape");
        foreach (int dimension in tensor.Shape) json.WriteNumberValue(dimension);
        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(offset);
        json.WriteNumberValue(checked(offset + tensor.ByteLength));
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
