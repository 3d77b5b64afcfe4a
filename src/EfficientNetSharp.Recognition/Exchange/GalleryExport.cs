using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Recognition.Exchange;

/// <summary>
/// A gallery as a text that any program reads: JSON Lines in UTF-8. The first line is an object with <c>format</c>
/// (<c>effnet-gallery</c>), <c>version</c> (1), and the members of <see cref="GalleryJson"/>; each other one is an embedding:
/// <c>identity</c>, <c>source</c>, <c>sha256</c> (of the image file; empty where there is none), <c>enrolled</c> (ISO 8601, UTC) and
/// <c>embedding</c>, an array of numbers of length 1 together.
/// </summary>
public static class GalleryExport
{
    /// <summary>The value of <c>format</c>.</summary>
    public const string Format = "effnet-gallery";

    /// <summary>The version that is written, and the newest that is read.</summary>
    public const int Version = 1;

    // More than a line can have: 65,536 numbers of 16 characters, and names of six characters for each.
    private const int MaxLineBytes = 4 << 20;

    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes a gallery, whole or not at all.</summary>
    /// <param name="store">The gallery.</param>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="onSample">Called for each embedding written; <see langword="null"/> to tell nobody.</param>
    /// <param name="cancellationToken">Gives up; the file is as before.</param>
    /// <returns>How many embeddings there are.</returns>
    /// <exception cref="InvalidInputException">The path cannot be written to, or the gallery is damaged.</exception>
    /// <exception cref="WriteFailedException">Writing failed.</exception>
    public static Task<long> WriteAsync(
        IGalleryStore store, string path, Action? onSample = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        long count = 0;
        AtomicFile.Write(path, stream =>
        {
            using var writer = new Utf8JsonWriter(stream, Plain);
            var head = new JsonObject { ["format"] = Format, ["version"] = Version };
            foreach (var (name, value) in GalleryJson.ToJson(store.Description)) head[name] = value?.DeepClone();
            head.WriteTo(writer);
            EndLine(writer, stream);
            foreach (var sample in store.ReadAsync(null, cancellationToken).ToBlockingEnumerable(cancellationToken))
            {
                Write(writer, sample);
                EndLine(writer, stream);
                count++;
                onSample?.Invoke();
            }
        });
        return Task.FromResult(count);
    }

    /// <summary>Reads what a gallery is made for, the first line of an export.</summary>
    /// <exception cref="InvalidInputException">The file is no export, or of a newer version.</exception>
    public static GalleryDescription ReadDescription(string path)
    {
        using var file = InputFile.Open(path);
        using var lines = new Lines(file);
        return ReadHead(lines, path);
    }

    /// <summary>Reads the embeddings of an export, one after the other.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidInputException">
    /// The file is no export, ends early, or a line is not readable; the message names the line. It comes when the enumeration meets it.
    /// </exception>
    public static IEnumerable<GallerySample> Read(string path)
    {
        using var file = InputFile.Open(path);
        using var lines = new Lines(file);
        int length = ReadHead(lines, path).Fingerprint.Length;
        while (lines.Next() is { } line)
        {
            if (line.Length == 0) continue;
            GallerySample sample;
            try
            {
                sample = Parse(line);
                sample.CheckedDirection(length);
            }
            catch (Exception e) when (
                e is JsonException or InvalidOperationException or FormatException or ArgumentException or InvalidInputException)
            {
                throw new InvalidInputException(
                    $"'{path}', line {lines.Number}: {(e is InvalidInputException ? e.Message.TrimEnd('.') : JsonErrors.Describe(e))}; export the gallery again.", e);
            }

            yield return sample;
        }
    }

    private static GalleryDescription ReadHead(Lines lines, string path)
    {
        try
        {
            if (lines.Next() is not { } line || JsonNode.Parse(line) is not JsonObject head || head["format"] is not JsonValue format
                || !format.TryGetValue(out string? name) || name != Format)
                throw new InvalidInputException(
                    $"'{path}' is no export of a gallery: its first line is expected to be an object with \"format\": \"{Format}\".");
            if (head["version"] is not JsonValue version || !version.TryGetValue(out int number) || number != Version)
            {
                throw new InvalidInputException(
                    $"'{path}' is of version {OneLine.Clean(head["version"]?.ToJsonString() ?? "none", 20)}, this version reads {Version}; use a newer version.");
            }

            return GalleryJson.Parse(head);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            throw new InvalidInputException($"'{path}' is no export of a gallery: {JsonErrors.Describe(e)}.", e);
        }
    }

    private static void Write(Utf8JsonWriter writer, GallerySample sample)
    {
        writer.WriteStartObject();
        writer.WriteString("identity", sample.Identity);
        writer.WriteString("source", sample.Source);
        writer.WriteString("sha256", sample.ContentHash);
        writer.WriteString("enrolled", sample.Enrolled.UtcDateTime);
        writer.WriteStartArray("embedding");
        foreach (float value in sample.Embedding.Span) writer.WriteNumberValue(value);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void EndLine(Utf8JsonWriter writer, Stream stream)
    {
        writer.Flush();
        writer.Reset();
        stream.WriteByte((byte)'\n');
    }

    private static GallerySample Parse(byte[] line)
    {
        using var document = JsonDocument.Parse(line);
        var members = document.RootElement;
        if (members.ValueKind != JsonValueKind.Object) throw new JsonException("an object is expected");
        var numbers = Member("embedding", JsonValueKind.Array);
        float[] embedding = new float[numbers.GetArrayLength()];
        int i = 0;
        foreach (var number in numbers.EnumerateArray())
        {
            if (number.ValueKind != JsonValueKind.Number) throw new JsonException("'embedding' is expected to hold numbers");
            embedding[i++] = number.GetSingle();
        }

        string enrolled = Text("enrolled");
        return new GallerySample
        {
            Identity = Text("identity"), Source = Text("source"), ContentHash = Text("sha256"), Embedding = embedding,
            Enrolled = DateTimeOffset.TryParse(enrolled, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment)
                ? moment : throw new JsonException($"'enrolled' is expected to be a time of ISO 8601, found {OneLine.Quote(enrolled, 40)}"),
        };

        string Text(string name) => Member(name, JsonValueKind.String).GetString()!;

        JsonElement Member(string name, JsonValueKind kind) => members.TryGetProperty(name, out var value) && value.ValueKind == kind
            ? value : throw new JsonException($"'{name}' is expected to be {(kind == JsonValueKind.String ? "a text" : "an array")}");
    }

    /// <summary>Lines of a file as bytes, of bounded length.</summary>
    private sealed class Lines(InputFile file) : IDisposable
    {
        private readonly BufferedStream _stream = new(file.OpenStream(), 1 << 16);
        private readonly MemoryStream _line = new();

        public int Number { get; private set; }

        /// <summary>The next line without its end; <see langword="null"/> behind the last.</summary>
        public byte[]? Next()
        {
            _line.SetLength(0);
            Number++;
            int value;
            while ((value = _stream.ReadByte()) >= 0)
            {
                if (value == '\n') return _line.ToArray();
                _line.WriteByte((byte)value);
                if (_line.Length > MaxLineBytes)
                    throw new InvalidInputException(
                        $"'{file.Path}', line {Number}: a line of at most {MaxLineBytes} bytes is expected; it is no export of a gallery.");
            }

            if (_line.Length == 0) return null;
            // Exports end each line; one that is cut short does not.
            throw new InvalidInputException($"'{file.Path}' ends within line {Number}: it is cut short; export the gallery again.");
        }

        public void Dispose()
        {
            _stream.Dispose();
            _line.Dispose();
        }
    }
}
