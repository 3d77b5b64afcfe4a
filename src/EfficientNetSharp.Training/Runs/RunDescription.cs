using System.Security.Cryptography;
using System.Text.Json.Nodes;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Files;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Training.Runs;

/// <summary>What a run was of, beside its recipe: enough to do it again.</summary>
public sealed record RunDescription
{
    /// <summary>The data's folder, as it was given.</summary>
    public required string Data { get; init; }

    /// <summary>Share of each class set aside for validation where the data have no part of their own for it.</summary>
    public required double ValidationFraction { get; init; }

    /// <summary>Share of each class of the training part set aside to choose the best epoch by; 0 for none.</summary>
    public double Minival { get; init; }

    /// <summary>Names, sizes and labels of the training images, hashed (<see cref="EfficientNetSharp.Data.DatasetFingerprint"/>).</summary>
    public required string DataFingerprint { get; init; }

    /// <summary>The network.</summary>
    public required Architecture Architecture { get; init; }

    /// <summary>Classes, and what is done to images.</summary>
    public required ModelCard Card { get; init; }

    /// <summary>The weights it started from; <see langword="null"/> for drawn ones.</summary>
    public SourceFile? From { get; init; }

    /// <summary>The network it learned from; <see langword="null"/> for none.</summary>
    public SourceFile? Teacher { get; init; }

    /// <summary>Threads that libtorch computed with.</summary>
    public required int Threads { get; init; }

    /// <summary>Where it computed.</summary>
    public string Device { get; init; } = "cpu";

    internal string ToJson() => new JsonObject
    {
        ["data"] = Data,
        ["validationFraction"] = ValidationFraction,
        ["minival"] = Minival,
        ["dataFingerprint"] = DataFingerprint,
        ["architecture"] = JsonNode.Parse(ModelJson.Serialize(Architecture)),
        ["card"] = JsonNode.Parse(ModelJson.Serialize(Card)),
        ["from"] = From?.ToJson(),
        ["teacher"] = Teacher?.ToJson(),
        ["threads"] = Threads,
        ["device"] = Device,
    }.ToJsonString(new System.Text.Json.JsonSerializerOptions { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    internal static RunDescription Parse(string json, string path)
    {
        try
        {
            var node = JsonNode.Parse(json) as JsonObject ?? throw new System.Text.Json.JsonException("a JSON object is expected");
            return new RunDescription
            {
                Data = Text(node, "data"),
                ValidationFraction = Member(node, "validationFraction").GetValue<double>(),
                Minival = Member(node, "minival").GetValue<double>(),
                DataFingerprint = Text(node, "dataFingerprint"),
                Architecture = ModelJson.ParseArchitecture(Member(node, "architecture").ToJsonString()),
                Card = ModelJson.ParseCard(Member(node, "card").ToJsonString()),
                From = SourceFile.Parse(node["from"]),
                Teacher = SourceFile.Parse(node["teacher"]),
                Threads = Member(node, "threads").GetValue<int>(),
                Device = Text(node, "device"),
            };
        }
        catch (Exception e) when (e is System.Text.Json.JsonException or InvalidOperationException or FormatException)
        {
            throw new InvalidInputException($"'{path}' is not readable ({OneLine.Clean(e.Message, 200)}); train anew with the words that the run was made with.", e);
        }
    }

    private static JsonNode Member(JsonObject node, string key) => node[key] ?? throw new System.Text.Json.JsonException($"'{key}' is missing");

    private static string Text(JsonObject node, string key) => Member(node, key).GetValue<string>();
}

/// <summary>A file that a run took weights from.</summary>
/// <param name="Path">Where it lay, as given.</param>
/// <param name="Sha256">Its SHA-256, lower-case hexadecimal.</param>
public sealed record SourceFile(string Path, string Sha256)
{
    /// <summary>Hashes a file.</summary>
    /// <exception cref="InvalidInputException">It cannot be read.</exception>
    public static SourceFile Of(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            return new SourceFile(path, Convert.ToHexStringLower(SHA256.HashData(stream)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException($"'{path}' cannot be read ({OneLine.Clean(e.Message, 200)}); name a file of weights.", e);
        }
    }

    internal JsonObject ToJson() => new() { ["path"] = Path, ["sha256"] = Sha256 };

    internal static SourceFile? Parse(JsonNode? node) => node is null ? null : new SourceFile(node["path"]!.GetValue<string>(), node["sha256"]!.GetValue<string>());
}
