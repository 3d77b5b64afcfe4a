using System.Text.Json;
using System.Text.Json.Serialization;
using EfficientNetSharp.Files;
using EfficientNetSharp.Models;
using EfficientNetSharp.Models.Safetensors;
using EfficientNetSharp.Training.Distributed;

namespace EfficientNetSharp.Training.Runs;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, IgnoreReadOnlyProperties = true,
    WriteIndented = true,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(RunState))]
[JsonSerializable(typeof(RunIdentity))]
internal sealed partial class CheckpointJsonContext : JsonSerializerContext;

/// <summary>Reads and writes checkpoints: safetensors files with the run's vectors and, as metadata, its state.</summary>
internal static class Checkpoints
{
    // Version 1 knew classification only.
    private const string Format = "efficientnetsharp-checkpoint", Version = "2";

    public static void Save(string path, RunState state, RunIdentity identity, IEnumerable<KeyValuePair<string,
        ReadOnlyMemory<float>>> vectors) =>
        SafetensorsWriter.Write(
            path,
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["format"] = Format,
                ["format_version"] = Version,
                ["state"] = JsonSerializer.Serialize(state, CheckpointJsonContext.Default.RunState),
                ["identity"] = JsonSerializer.Serialize(identity, CheckpointJsonContext.Default.RunIdentity),
            },
            vectors.Select(vector => SafetensorsEntry.FromFloats(vector.Key, [vector.Value.Length], vector.Value)));

    /// <summary>Gives all processes the state of the first.</summary>
    public static RunState Broadcast(RunState state, IProcessGroup group)
    {
        byte[] text = JsonSerializer.SerializeToUtf8Bytes(state, CheckpointJsonContext.Default.RunState);
        byte[] length = BitConverter.GetBytes(text.Length);
        group.Broadcast(length);
        byte[] all = group.Rank == 0 ? text : new byte[BitConverter.ToInt32(length)];
        group.Broadcast(all);
        return group.Rank == 0 ? state : JsonSerializer.Deserialize(all, CheckpointJsonContext.Default.RunState)!;
    }

    public static RunIdentity ReadIdentity(string path)
    {
        using var file = Open(path);
        return Parse(file, "identity", CheckpointJsonContext.Default.RunIdentity);
    }

    /// <summary>Reads a checkpoint's state, and its vectors into those given.</summary>
    public static RunState Load(string path, IReadOnlyDictionary<string, Memory<float>> vectors)
    {
        using var file = Open(path);
        foreach (var (name, vector) in vectors)
        {
            float[] values = file.ReadFloat32(name);
            if (values.Length != vector.Length)
                throw new InvalidInputException(
                    $"'{path}': vector '{name}' has {values.Length} values, expected {vector.Length}; it belongs to another network.");
            values.CopyTo(vector);
        }

        return Parse(file, "state", CheckpointJsonContext.Default.RunState);
    }

    private static SafetensorsFile Open(string path)
    {
        var file = SafetensorsFile.Open(path);
        string? format = file.Metadata.GetValueOrDefault("format"), version = file.Metadata.GetValueOrDefault("format_version");
        if (format == Format && version == Version) return file;
        file.Dispose();
        throw new InvalidInputException(format == Format
            ? $"'{path}' is a checkpoint of version {OneLine.Clean(version ?? "1", 20)}, expected {Version}: " +
              "go on with the version of this tool that began the run, or train anew."
            : $"'{path}' is not a checkpoint of a training run; name the run's folder.");
    }

    private static T Parse<T>(SafetensorsFile file, string key, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(file.Metadata.GetValueOrDefault(key) ?? "null", type)
                ?? throw new JsonException($"'{key}' is missing");
        }
        catch (JsonException exception)
        {
            throw new InvalidInputException(
                $"'{file.Path}' is damaged: its {key} is not readable ({JsonErrors.Describe(exception, 200)}); start the run anew.",
                exception);
        }
    }
}
