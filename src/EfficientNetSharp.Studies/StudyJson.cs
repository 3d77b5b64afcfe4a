using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using EfficientNetSharp.Files;
using EfficientNetSharp.Models;
using EfficientNetSharp.Studies.Replacement;
using EfficientNetSharp.Studies.Search;
using EfficientNetSharp.Studies.Strategies;
using EfficientNetSharp.Studies.Trials;
using EfficientNetSharp.Training.Recipes;

namespace EfficientNetSharp.Studies;

/// <summary>A study's settings as JSON: networks, recipe and preprocessing in their own forms, the rest by name.</summary>
internal static class StudyJson
{
    private const string Baselines = "baselines", Recipe = "recipe", Preprocessing = "preprocessing", Numbers = "study";

    /// <summary>The settings as JSON; equal settings give equal texts.</summary>
    public static string Serialize(StudySettings settings) => new JsonObject
    {
        [Numbers] = JsonSerializer.SerializeToNode(
            new StudyNumbers
            {
                Kind = settings.Kind, Data = settings.Data, Seeds = settings.Seeds, Budgets = settings.Budgets, Factors = settings.Factors,
                GridStep = settings.GridStep, Search = settings.Search, Replacement = settings.Kind == StudyKind.Replace ? settings.Replacement : null,
                Strategies = settings.Kind == StudyKind.Strategies ? settings.Strategies : null, Threads = settings.Threads, Device = settings.Device,
            }, StudyJsonContext.Default.StudyNumbers),
        [Baselines] = new JsonArray([.. settings.Baselines.Select(network => JsonNode.Parse(ModelJson.Serialize(network)))]),
        [Recipe] = JsonNode.Parse(RecipeJson.Serialize(settings.Recipe)),
        [Preprocessing] = JsonNode.Parse(ModelJson.Serialize(new ModelCard { Classes = [], Preprocessing = settings.Preprocessing }))!["preprocessing"]!.DeepClone(),
    }.ToJsonString(StudyJsonContext.Default.Options) + "\n";

    /// <summary>Reads settings.</summary>
    /// <param name="json">The text.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <exception cref="InvalidInputException">It is something else, or a setting is out of range.</exception>
    public static StudySettings Parse(string json, string name)
    {
        try
        {
            if (JsonNode.Parse(json, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false }) is not JsonObject members)
                throw new JsonException("a JSON object is expected");
            var numbers = Member(members, Numbers).Deserialize(StudyJsonContext.Default.StudyNumbers) ?? throw new JsonException($"'{Numbers}' is null");
            var settings = new StudySettings
            {
                Kind = numbers.Kind,
                Data = numbers.Data,
                Seeds = numbers.Seeds,
                Budgets = numbers.Budgets,
                Factors = numbers.Factors.IsDefault ? [] : numbers.Factors,
                GridStep = numbers.GridStep,
                Search = numbers.Search,
                Replacement = numbers.Replacement ?? new ReplacementSettings(),
                Strategies = numbers.Strategies ?? new StrategySettings(),
                Threads = numbers.Threads,
                Device = numbers.Device,
                Baselines = [.. Member(members, Baselines).AsArray().Select(node => ModelJson.ParseArchitecture(node!.ToJsonString()))],
                Recipe = RecipeJson.Parse(Member(members, Recipe).ToJsonString(), name),
                Preprocessing = ModelJson.ParsePreprocessing(Member(members, Preprocessing).ToJsonString()),
            };
            settings.Check();
            return settings;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException or NullReferenceException)
        {
            throw new InvalidInputException(
                $"'{name}' is not readable: {JsonErrors.Describe(e)}; begin the study anew in another folder.", e);
        }
    }

    private static JsonNode Member(JsonObject members, string name) =>
        members[name] ?? throw new JsonException($"it has no '{name}'");
}

/// <summary>What of a study's settings is plain numbers and words.</summary>
internal sealed record StudyNumbers
{
    public required StudyKind Kind { get; init; }

    public required StudyDataInfo Data { get; init; }

    public required int Seeds { get; init; }

    public required int Budgets { get; init; }

    public required ImmutableArray<double> Factors { get; init; }

    public required double GridStep { get; init; }

    public required SearchSettings Search { get; init; }

    public ReplacementSettings? Replacement { get; init; }

    public StrategySettings? Strategies { get; init; }

    public required int Threads { get; init; }

    public required string Device { get; init; }
}

/// <summary>The JSON of studies, made at compile time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, WriteIndented = true,
    IgnoreReadOnlyProperties = true, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(StudyNumbers))]
[JsonSerializable(typeof(JsonObject))]
internal sealed partial class StudyJsonContext : JsonSerializerContext;
