using System.Text.Json;
using System.Text.Json.Nodes;
using EfficientNetSharp.Files;
using EfficientNetSharp.Models;
using EfficientNetSharp.Prediction;

namespace EfficientNetSharp.Recognition;

/// <summary>
/// A gallery's description as JSON: <c>model</c>, <c>network</c> (the fingerprint), <c>length</c>, <c>precision</c>, <c>preprocessing</c>.
/// </summary>
public static class GalleryJson
{
    private static readonly string[] Members = ["model", "network", "length", "precision", "preprocessing"];

    /// <summary>The description as an object.</summary>
    public static JsonObject ToJson(GalleryDescription description)
    {
        ArgumentNullException.ThrowIfNull(description);
        var fingerprint = description.Fingerprint;
        return new JsonObject
        {
            ["model"] = description.Model,
            ["network"] = fingerprint.Network,
            ["length"] = fingerprint.Length,
            ["precision"] = NameOf(description.Precision),
            ["preprocessing"] = JsonNode.Parse(fingerprint.PreprocessingJson)!["preprocessing"]!.DeepClone(),
        };
    }

    /// <summary>Reads a description; other members are not looked at.</summary>
    /// <exception cref="InvalidInputException">Members are missing, of another kind or out of range.</exception>
    public static GalleryDescription Parse(JsonObject members)
    {
        ArgumentNullException.ThrowIfNull(members);
        try
        {
            if (Members.FirstOrDefault(name => !members.ContainsKey(name)) is { } missing) throw new JsonException(
                $"'{missing}' is missing");
            string precision = Text(members, "precision");
            if (members["preprocessing"] is not JsonObject preprocessing) throw new JsonException(
                "'preprocessing' is expected to be an object");
            if (members["length"] is not JsonValue number || !number.TryGetValue(out int length))
                throw new JsonException("'length' is expected to be a whole number");
            var description = new GalleryDescription
            {
                Fingerprint = new EmbeddingFingerprint(
                    Text(members, "network"), ModelJson.ParsePreprocessing(preprocessing.ToJsonString()), length),
                Model = Text(members, "model"),
                Precision = Enum.GetValues<VectorPrecision>().Cast<VectorPrecision?>().FirstOrDefault(known =>
                    NameOf(known!.Value) == precision)
                    ?? throw new JsonException(
                        $"'precision' is expected to be {string.Join(", ", Enum.GetValues<VectorPrecision>().Select(NameOf))}, found {OneLine.Quote(precision)}"),
            };
            description.Check();
            return description;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException or FormatException)
        {
            throw new InvalidInputException($"The gallery's description is not readable: {JsonErrors.Describe(e)}; export it again.", e);
        }
    }

    /// <summary>A precision as people write it: <c>float32</c>, <c>float16</c>, <c>int8</c>.</summary>
    public static string NameOf(VectorPrecision precision) => precision switch
    {
        VectorPrecision.F32 => "float32",
        VectorPrecision.F16 => "float16",
        _ => "int8",
    };

    private static string Text(JsonObject members, string name) => members[name] is JsonValue value && value.TryGetValue(out string? text)
        ? text
        : throw new JsonException($"'{name}' is expected to be a text");
}
