using System.Text.Json;
using System.Text.Json.Nodes;

namespace EfficientNetSharp.Training.Runs;

/// <summary>
/// Paths in a run's files are kept twice: in full, so that they are found from anywhere, and as seen from the run's folder, so that they
/// are found where the run and what it names were moved together.
/// </summary>
internal static class StoredPath
{
    /// <summary>The member that keeps the path as seen from the run, beside the one that keeps it in full.</summary>
    public static string FromRun(string member) => member + "FromRun";

    /// <summary>The path as seen from a folder, with slashes; <see langword="null"/> where there is no way, as to another drive.</summary>
    public static string? Relative(string path, string folder)
    {
        string relative = Path.GetRelativePath(Path.GetFullPath(folder), Path.GetFullPath(path));
        return Path.IsPathRooted(relative) ? null : relative.Replace(Path.DirectorySeparatorChar, '/');
    }

    /// <summary>The path that an object keeps: the one of its two that is there, or the full one where none is.</summary>
    /// <param name="node">The object.</param>
    /// <param name="member">The member that keeps the path in full.</param>
    /// <param name="folder">The run's folder as it is now.</param>
    public static string Find(JsonObject node, string member, string folder)
    {
        string full = Text(node[member]) ?? throw new JsonException($"'{member}' is missing");
        if (Path.Exists(full) || Text(node[FromRun(member)]) is not { } relative) return full;
        string beside = Path.GetFullPath(Path.Combine(folder, relative));
        return Path.Exists(beside) ? beside : full;
    }

    private static string? Text(JsonNode? node) => node is null ? null
        : node.GetValueKind() == JsonValueKind.String ? node.GetValue<string>()
        : throw new JsonException("a path is expected to be a text");
}
