using System.Text;
using System.Text.Json;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Files;
using EfficientNetSharp.Models;
using EfficientNetSharp.Onnx.Schema;

namespace EfficientNetSharp.Onnx;

/// <summary>
/// A model's description as the metadata of an ONNX file: <c>architecture</c>, and each member of the card under its own name
/// (<c>classes</c>, <c>preprocessing</c> …), so that other programs find the class names without knowing cards. The texts are
/// those of <see cref="ModelJson"/>.
/// </summary>
internal static class ModelMetadata
{
    private const string ArchitectureKey = "architecture";

    // What a card cannot do without.
    private static readonly string[] Required = ["classes", "preprocessing"];

    // The members as the card itself has them, so that a new one is read and written without a line here.
    private static readonly HashSet<string> CardMembers =
    [
        .. Members(ModelJson.Serialize(new ModelCard { Classes = [], Preprocessing = Preprocessing.ForSize(1) }))
        .Select(member => member.Key),
    ];

    /// <summary>The entries, in the order in which they are written.</summary>
    /// <exception cref="InvalidInputException">The card's data are out of range.</exception>
    public static IReadOnlyCollection<KeyValuePair<string, string>> Write(ModelCard card, Architecture? architecture) =>
        architecture is null
        ? Members(ModelJson.Serialize(card))
        : [.. Members(ModelJson.Serialize(card)), new(ArchitectureKey, ModelJson.Serialize(architecture))];

    /// <summary>The card that <see cref="Write"/> made the entries of.</summary>
    /// <param name="entries">The metadata of a file, whoever wrote it.</param>
    /// <param name="path">The file, for messages.</param>
    /// <exception cref="InvalidInputException">An entry is missing or not usable; the message names it.</exception>
    public static ModelCard ReadCard(IReadOnlyDictionary<string, string> entries, string path)
    {
        var missing = Required.Where(key => !entries.ContainsKey(key)).ToArray();
        if (missing.Length > 0)
        {
            throw new InvalidInputException(
                $"'{path}' has no metadata {string.Join(" and ", missing.Select(key => $"'{key}'"))}, which an exported model has; say what its images and outputs are with --preprocessing and --classes.");
        }

        try
        {
            return ModelJson.ParseCard(Join(entries));
        }
        catch (InvalidInputException e)
        {
            throw new InvalidInputException($"'{path}' has unusable metadata: {e.Message}", e);
        }
    }

    /// <summary>The architecture that <see cref="Write"/> made an entry of; none where the model has none.</summary>
    /// <exception cref="InvalidInputException">The entry is not usable.</exception>
    public static Architecture? ReadArchitecture(IEnumerable<StringStringEntryProto> entries) =>
        entries.FirstOrDefault(entry => entry.Key == ArchitectureKey) is { } found ? ModelJson.ParseArchitecture(found.Value) : null;

    private static KeyValuePair<string, string>[] Members(string json)
    {
        using var document = JsonDocument.Parse(json);
        return [.. document.RootElement.EnumerateObject().Select(member => KeyValuePair.Create(member.Name, member.Value.GetRawText()))];
    }

    // Each text is checked to be one JSON value before it stands among the others.
    private static string Join(IReadOnlyDictionary<string, string> entries)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var (key, value) in entries.Where(entry => CardMembers.Contains(entry.Key)))
            {
                writer.WritePropertyName(key);
                try
                {
                    writer.WriteRawValue(value);
                }
                catch (Exception e) when (e is JsonException or ArgumentException)
                {
                    throw new InvalidInputException(
                        $"'{key}' is not JSON: {JsonErrors.Describe(e, 200)}; export the model again.", e);
                }
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
