using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Files;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Models;

/// <summary>
/// The JSON form of a model's description, as it stands in the metadata of model files and of exported ones: camelCase names,
/// enumerations as texts. Equal values give equal texts.
/// </summary>
/// <remarks>
/// Reading ignores unknown members. A member that the record does not require takes the record's own default where it is absent,
/// so that files written before a member existed stay readable.
/// </remarks>
public static class ModelJson
{
    // No published name has over 40 characters.
    private const int MaxNameLength = 200;

    private static readonly ModelJsonContext Context = new(new JsonSerializerOptions(ModelJsonContext.Default.Options)
    {
        // The text goes into files, not web pages: class names in any script stay readable.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    // Only what is not required of these is ever read.
    private static readonly JsonNode ArchitectureDefaults = JsonSerializer.SerializeToNode(
        new Architecture
        {
            Name = "",
            Family = "",
            Resolution = 1,
            Stem = new Stem(1),
            Stages = [],
            HeadChannels = 1,
            Padding = PaddingStyle.Symmetric,
            Normalization = new Normalization(1, 1),
            Dropout = 0,
        },
        Context.Architecture)!;

    private static readonly JsonNode CardDefaults = JsonSerializer.SerializeToNode(
        new ModelCard { Classes = [], Preprocessing = new Preprocessing { Height = 1, Width = 1, ResizeTo = 1 } },
        Context.ModelCard)!;

    /// <summary>The architecture as JSON on one line.</summary>
    /// <exception cref="InvalidInputException">Its names do not fit on a line.</exception>
    public static string Serialize(Architecture architecture)
    {
        ArgumentNullException.ThrowIfNull(architecture);
        CheckNames(architecture);
        return JsonSerializer.Serialize(architecture, Context.Architecture);
    }

    /// <summary>The card as JSON on one line.</summary>
    /// <exception cref="InvalidInputException">The card's data are out of range.</exception>
    public static string Serialize(ModelCard card)
    {
        ArgumentNullException.ThrowIfNull(card);
        ModelCardRules.Check(card);
        // Without this the order of the keys would follow the machine's language.
        var ordinal = card.Provenance.ToImmutableSortedDictionary(StringComparer.Ordinal);
        return JsonSerializer.Serialize(card with { Provenance = ordinal }, Context.ModelCard);
    }

    /// <summary>Reads an architecture. <see cref="Architecture.Build"/> checks that its numbers are in range.</summary>
    /// <exception cref="InvalidInputException">The text is not JSON, or members are missing or of the wrong kind.</exception>
    public static Architecture ParseArchitecture(string json)
    {
        var architecture = Parse(json, "architecture", Context.Architecture, ArchitectureDefaults);
        CheckNames(architecture);
        return architecture;
    }

    /// <summary>Reads and checks a card.</summary>
    /// <exception cref="InvalidInputException">The text is not JSON, or members are missing, of the wrong kind or out of range.</exception>
    public static ModelCard ParseCard(string json)
    {
        var card = Parse(json, "model card", Context.ModelCard, CardDefaults);
        ModelCardRules.Check(card);
        // Cards of version 1 say the number of channels twice.
        if (JsonNode.Parse(json)!["inputChannels"] is JsonValue said
            && (!said.TryGetValue(out int channels) || channels != card.InputChannels))
            throw new InvalidInputException(
                $"The model card is not usable: it says {said} input channels and has {card.InputChannels} means; save or export the model again.");
        return card;
    }

    /// <summary>Reads and checks what is done to images.</summary>
    /// <param name="json">A <see cref="Preprocessing"/>, or a card or another object that has one as <c>preprocessing</c>.</param>
    /// <exception cref="InvalidInputException">The text is not JSON, or members are missing, of the wrong kind or out of range.</exception>
    public static Preprocessing ParsePreprocessing(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        JsonNode? node = null;
        try
        {
            node = JsonNode.Parse(json, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false });
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            throw new InvalidInputException($"The preprocessing is not JSON: {OneLine.Clean(e.Message, 300).TrimEnd('.')}.", e);
        }

        var members = (node as JsonObject)?["preprocessing"] as JsonObject ?? node as JsonObject
            ?? throw new InvalidInputException("The preprocessing is expected to be a JSON object such as 'effnet describe --json' shows.");
        // Whoever writes one by hand is told of a member that would be ignored.
        var known = CardDefaults["preprocessing"]!.AsObject();
        if (members.FirstOrDefault(member => !known.ContainsKey(member.Key)).Key is { } unknown)
            throw new InvalidInputException(
                $"The preprocessing has {OneLine.Quote(unknown)}; its members are {string.Join(", ", known.Select(member => member.Key))}.");
        return ParseCard(new JsonObject { ["classes"] = new JsonArray(), ["preprocessing"] = members.DeepClone() }.ToJsonString())
            .Preprocessing;
    }

    // Names stand in messages and tables.
    private static void CheckNames(Architecture architecture)
    {
        foreach (string name in new[] { architecture.Name, architecture.Family })
        {
            if (name.Length is 0 or > MaxNameLength || name.Any(char.IsControl))
                throw new InvalidInputException(
                    $"The architecture is named {OneLine.Quote(name)}, expected 1 to {MaxNameLength} characters on one line.");
        }
    }

    private static T Parse<T>(string json, string what, JsonTypeInfo<T> type, JsonNode defaults)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(json);
        try
        {
            var node = JsonNode.Parse(json, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false });
            if (node is not JsonObject members) throw new JsonException("a JSON object is expected");
            FormerNames.Replace(members);
            JsonDefaults.Fill(members, defaults.AsObject(), type);
            return members.Deserialize(type)!;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            // Besides faults of the form, halves of surrogate pairs are found only when texts are taken out, and not as JsonException.
            throw new InvalidInputException(
                $"The {what} is not readable: {JsonErrors.Describe(e)}; save or export the model again.", e);
        }
    }
}
