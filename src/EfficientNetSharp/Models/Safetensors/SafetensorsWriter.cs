using System.Buffers.Binary;
using System.Globalization;
using System.Text;
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
    /// <exception cref="ArgumentException">
    /// Two tensors have one name, a text is not valid Unicode, or the header exceeds the format's 100 MB.
    /// </exception>
    /// <exception cref="InvalidInputException">The path cannot be written to.</exception>
    /// <exception cref="IOException">Writing failed, for example because the disk is full.</exception>
    public static void Write(string path, IReadOnlyDictionary<string, string> metadata, IEnumerable<SafetensorsEntry> tensors)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        ArgumentNullException.ThrowIfNull(tensors);
        // Made before the file is opened, so that wrong arguments leave no trace.
        var ordered = Order(tensors);
        byte[] header = MakeHeader(metadata, ordered);
        AtomicFile.Write(path, stream => WriteParts(stream, header, ordered));
    }

    /// <summary>Writes the file's bytes to a stream.</summary>
    internal static void Write(Stream stream, IReadOnlyDictionary<string, string> metadata, IEnumerable<SafetensorsEntry> tensors)
    {
        var ordered = Order(tensors);
        WriteParts(stream, MakeHeader(metadata, ordered), ordered);
    }

    private static void WriteParts(Stream stream, byte[] header, SafetensorsEntry[] tensors)
    {
        stream.Write(header);
        foreach (var tensor in tensors) tensor.WriteTo(stream);
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
        var json = new StringBuilder("{");
        if (metadata.Count > 0) AppendMetadata(json, metadata);
        long offset = 0;
        foreach (var tensor in tensors)
        {
            long end = checked(offset + tensor.ByteLength);
            AppendText(AppendComma(json), tensor.Name);
            json.Append(CultureInfo.InvariantCulture, $":{{\"dtype\":\"{SafetensorsFormat.Name(tensor.Type)}\",\"shape\":[");
            json.AppendJoin(',', tensor.Shape).Append(CultureInfo.InvariantCulture, $"],\"data_offsets\":[{offset},{end}]}}");
            offset = end;
        }

        string text = json.Append('}').ToString();
        const int alignment = SafetensorsFormat.HeaderAlignment;
        long length = ((long)StrictUtf8.GetByteCount(text) + alignment - 1) / alignment * alignment;
        if (length > SafetensorsFormat.MaxHeaderBytes)
            throw new ArgumentException($"The header would have {length} bytes; the format allows {SafetensorsFormat.MaxHeaderBytes}.",
                nameof(tensors));
        var header = new byte[SafetensorsFormat.LengthBytes + length];
        BinaryPrimitives.WriteInt64LittleEndian(header, length);
        header.AsSpan(SafetensorsFormat.LengthBytes).Fill((byte)' ');
        StrictUtf8.GetBytes(text, header.AsSpan(SafetensorsFormat.LengthBytes));
        return header;
    }

    private static void AppendMetadata(StringBuilder json, IReadOnlyDictionary<string, string> metadata)
    {
        AppendText(json, SafetensorsFormat.MetadataKey).Append(":{");
        foreach (var (key, value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            AppendText(AppendText(AppendComma(json), key).Append(':'), value);
        json.Append('}');
    }

    private static StringBuilder AppendComma(StringBuilder json) => json[^1] == '{' ? json : json.Append(',');

    // By hand, as the framework's encoders escape more than the reference implementation does (characters beyond the basic plane).
    private static StringBuilder AppendText(StringBuilder json, string text)
    {
        json.Append('"');
        foreach (char c in text)
        {
            _ = c switch
            {
                '"' or '\\' => json.Append('\\').Append(c),
                '\b' => json.Append("\\b"),
                '\f' => json.Append("\\f"),
                '\n' => json.Append("\\n"),
                '\r' => json.Append("\\r"),
                '\t' => json.Append("\\t"),
                < ' ' => json.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => json.Append(c),
            };
        }

        return json.Append('"');
    }
}
