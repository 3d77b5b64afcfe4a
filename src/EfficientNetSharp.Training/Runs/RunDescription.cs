using System.Numerics;
using System.Text.Json.Nodes;
using EfficientNetSharp.Evaluation;
using EfficientNetSharp.Files;
using EfficientNetSharp.Models;
using EfficientNetSharp.Training.Tasks;
using EfficientNetSharp.Training.Transfer;

namespace EfficientNetSharp.Training.Runs;

/// <summary>What a run was of, beside its recipe: enough to do it again.</summary>
public sealed record RunDescription
{
    /// <summary>The full path of the data's folder.</summary>
    public required string Data { get; init; }

    /// <summary>Share of each class set aside for validation where the data have no part of their own for it.</summary>
    public required double ValidationFraction { get; init; }

    /// <summary>Share of each class of the training part set aside to choose the best epoch by; 0 for none.</summary>
    public double Minival { get; init; }

    /// <summary>Names, sizes and labels of the training images, hashed (<see cref="EfficientNetSharp.Data.DatasetFingerprint"/>).</summary>
    public required string DataFingerprint { get; init; }

    /// <summary>What it was trained for; default classification.</summary>
    public TaskSummary Task { get; init; } = new ClassificationTask().Summary;

    /// <summary>The name of the recipe that it began with; <see langword="null"/> for none.</summary>
    public string? RecipeName { get; init; }

    /// <summary>The network.</summary>
    public required NetworkDefinition Network { get; init; }

    /// <summary>Classes, and what is done to images.</summary>
    public required ModelCard Card { get; init; }

    /// <summary>The weights it started from; <see langword="null"/> for drawn ones.</summary>
    public SourceFile? From { get; init; }

    /// <summary>The network it learned from; <see langword="null"/> for none.</summary>
    public SourceFile? Teacher { get; init; }

    /// <summary>The full path of the file of pairs that judged an embedding; <see langword="null"/> for none.</summary>
    public string? Pairs { get; init; }

    /// <summary>Threads that libtorch computed with.</summary>
    public required int Threads { get; init; }

    /// <summary>Where it computed.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>The description as JSON.</summary>
    /// <param name="folder">The folder of the file that it is kept in.</param>
    internal string ToJson(string folder) => new JsonObject
    {
        ["data"] = Data,
        [StoredPath.FromRun("data")] = StoredPath.Relative(Data, folder),
        ["validationFraction"] = ValidationFraction,
        ["minival"] = Minival,
        ["dataFingerprint"] = DataFingerprint,
        ["task"] = Json(Task),
        ["recipeName"] = RecipeName,
        ["network"] = JsonNode.Parse(Network.Serialize()),
        ["card"] = JsonNode.Parse(ModelJson.Serialize(Card)),
        ["from"] = From?.ToJson(folder),
        ["teacher"] = Teacher?.ToJson(folder),
        ["pairs"] = Pairs,
        [StoredPath.FromRun("pairs")] = Pairs is null ? null : StoredPath.Relative(Pairs, folder),
        ["threads"] = Threads,
        ["device"] = Device,
    }.ToJsonString(new System.Text.Json.JsonSerializerOptions
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    internal static RunDescription Parse(string json, string path)
    {
        string folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!;
        try
        {
            var node = JsonNode.Parse(json) as JsonObject ?? throw new System.Text.Json.JsonException("a JSON object is expected");
            return new RunDescription
            {
                Data = StoredPath.Find(node, "data", folder),
                ValidationFraction = Number<double>(node, "validationFraction"),
                Minival = Number<double>(node, "minival"),
                DataFingerprint = Text(node, "dataFingerprint"),
                Task = TaskOf(node["task"]),
                RecipeName = node["recipeName"]?.GetValue<string>(),
                Network = NetworkDefinition.Parse(node["network"] ?? node),
                Card = ModelJson.ParseCard(Member(node, "card").ToJsonString()),
                From = SourceFile.Parse(node["from"], folder),
                Teacher = SourceFile.Parse(node["teacher"], folder),
                Pairs = node["pairs"] is null ? null : StoredPath.Find(node, "pairs", folder),
                Threads = Number<int>(node, "threads"),
                Device = Text(node, "device"),
            };
        }
        catch (Exception e) when (e is System.Text.Json.JsonException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new InvalidInputException(
                $"'{path}' is not readable ({JsonErrors.Describe(e, 200)}); train anew with the words that the run was made with.", e);
        }
    }

    private static JsonObject Json(TaskSummary task) => new()
    {
        ["name"] = task.Name, ["score"] = Json(task.Score), ["trainMeasure"] = task.TrainMeasure is { } measure ? Json(measure) : null,
    };

    private static JsonObject Json(Measure measure) => new()
    {
        ["name"] = measure.Name,
        ["title"] = measure.Title,
        ["description"] = measure.Description,
        ["higherIsBetter"] = measure.HigherIsBetter,
        ["isShare"] = measure.IsShare,
    };

    // Runs of before there were tasks were of the default one.
    private static TaskSummary TaskOf(JsonNode? node) => node is not JsonObject task
        ? new ClassificationTask().Summary
        : new TaskSummary(
            Text(task, "name"), MeasureOf(Member(task, "score")), task["trainMeasure"] is { } measure ? MeasureOf(measure) : null);

    private static Measure MeasureOf(JsonNode node) => new(Text(node.AsObject(), "name"), Text(node.AsObject(), "title"))
    {
        Description = Text(node.AsObject(), "description"),
        HigherIsBetter = Member(node.AsObject(), "higherIsBetter").GetValue<bool>(),
        IsShare = Member(node.AsObject(), "isShare").GetValue<bool>(),
    };

    private static JsonNode Member(JsonObject node, string key) => node[key]
        ?? throw new System.Text.Json.JsonException($"'{key}' is missing");

    private static T Number<T>(JsonObject node, string key)
        where T : struct, INumber<T> => Member(node, key) is var value && NumberText.TryParse(value.ToJsonString(), out T number)
        ? number
        : throw new System.Text.Json.JsonException($"'{key}' is expected to be a number, found {OneLine.Clean(value.ToJsonString(), 40)}");

    private static string Text(JsonObject node, string key) => Member(node, key).GetValue<string>();
}
