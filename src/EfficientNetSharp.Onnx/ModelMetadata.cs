using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Onnx;

/// <summary>A model's card and architecture as the texts that an ONNX file carries, and back.</summary>
internal static class ModelMetadata
{
    public const string Classes = "classes", Preprocessing = "preprocessing", Architecture = "architecture", Provenance = "provenance";

    // Class names stay readable in tools that show metadata: nothing but what JSON itself asks for is escaped.
    private static readonly MetadataJson Json = new(new JsonSerializerOptions(MetadataJson.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    /// <summary>The entries, in the order in which they are written.</summary>
    public static IReadOnlyCollection<KeyValuePair<string, string>> Write(ModelCard card, Architecture architecture) =>
    [
        new(Classes, JsonSerializer.Serialize(card.Classes, Json.ImmutableArrayString)),
        new(Preprocessing, JsonSerializer.Serialize(card.Preprocessing, Json.Preprocessing)),
        new(Architecture, JsonSerializer.Serialize(architecture, Json.Architecture)),
        new(Provenance, JsonSerializer.Serialize(card.Provenance, Json.ImmutableSortedDictionaryStringString)),
    ];

    /// <summary>The card that <see cref="Write"/> made the entries of.</summary>
    /// <param name="entries">The entries of a file.</param>
    /// <param name="inputChannels">Channels of the file's input.</param>
    /// <param name="source">What the file is called in messages.</param>
    /// <exception cref="InvalidInputException">An entry is missing or not usable; the message names it.</exception>
    public static ModelCard ReadCard(IReadOnlyDictionary<string, string> entries, int inputChannels, string source)
    {
        var missing = new[] { Classes, Preprocessing }.Where(key => !entries.ContainsKey(key)).ToArray();
        if (missing.Length > 0)
        {
            throw new InvalidInputException(
                $"{source} has no metadata {string.Join(" and ", missing.Select(key => $"'{key}'"))}, which an exported model has; export it with EfficientNetSharp.");
        }

        var card = new ModelCard
        {
            Classes = Parse(entries, Classes, Json.ImmutableArrayString, source),
            Preprocessing = Parse(entries, Preprocessing, Json.Preprocessing, source),
            InputChannels = inputChannels,
        };
        if (entries.ContainsKey(Provenance)) card = card with { Provenance = Parse(entries, Provenance, Json.ImmutableSortedDictionaryStringString, source) };
        return Check(card, source);
    }

    private static T Parse<T>(
        IReadOnlyDictionary<string, string> entries, string key, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type, string source)
    {
        try
        {
            return JsonSerializer.Deserialize(entries[key], type) ?? throw new JsonException("The value is null.");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or ArgumentException or InvalidOperationException)
        {
            throw new InvalidInputException($"{source} has metadata '{key}' that is not as expected: {OneLine.Clean(e.Message)} Export it again.", e);
        }
    }

    // A file may come from anywhere; what the card promises is checked once, here.
    private static ModelCard Check(ModelCard card, string source)
    {
        const int MostPixels = 65_536; // As in the core's graphs: a longer side is a mistake or an attack.
        var rule = card.Preprocessing;
        Require(!card.Classes.IsDefault && card.Classes.All(name => name is not null), $"'{Classes}' is expected to be a list of names");
        Require(rule.Height is >= 1 and <= MostPixels && rule.Width is >= 1 and <= MostPixels, $"the size is {rule.Height}×{rule.Width}, expected 1 to {MostPixels}");
        Require(rule.ResizeTo is >= 1 and <= 2 * MostPixels, $"resizeTo is {rule.ResizeTo}, expected 1 to {2 * MostPixels}");
        Require(
            Enum.IsDefined(rule.Crop) && Enum.IsDefined(rule.Interpolation) && Enum.IsDefined(rule.Channels),
            "crop, interpolation and channels are expected to be known names");
        Require(
            IsStatistic(rule.Mean, card.InputChannels) && IsStatistic(rule.StandardDeviation, card.InputChannels) && rule.StandardDeviation.All(value => value > 0),
            $"mean and standardDeviation are expected to have {card.InputChannels} finite numbers, the latter above 0");
        Require(card.Provenance is not null && card.Provenance.Values.All(value => value is not null), $"'{Provenance}' is expected to hold texts");
        return card;

        void Require(bool holds, string what)
        {
            if (!holds) throw new InvalidInputException($"{source} has unusable metadata: {what}; export it again.");
        }
    }

    private static bool IsStatistic(ImmutableArray<float> values, int channels) =>
        !values.IsDefault && values.Length == channels && values.All(float.IsFinite);
}

/// <summary>JSON of the metadata: names in camel case, enumerations by name.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, IgnoreReadOnlyProperties = true)]
[JsonSerializable(typeof(ImmutableArray<string>))]
[JsonSerializable(typeof(ImmutableSortedDictionary<string, string>))]
[JsonSerializable(typeof(Preprocessing))]
[JsonSerializable(typeof(Architecture))]
internal sealed partial class MetadataJson : JsonSerializerContext;
