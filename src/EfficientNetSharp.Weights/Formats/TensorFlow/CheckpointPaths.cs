using System.Text.RegularExpressions;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Weights.Formats.TensorFlow;

/// <summary>Finds the common prefix of a checkpoint's files from whatever of them a person names.</summary>
internal static partial class CheckpointPaths
{
    private const string IndexExtension = ".index", ListName = "checkpoint";

    // The list of checkpoints names a few files.
    private const int MaxListBytes = 1 << 20;

    /// <summary>The prefix; <see langword="null"/> where the path is that of no checkpoint.</summary>
    /// <exception cref="InvalidInputException">It is a folder without or with several, or a part of one whose index is missing.</exception>
    public static string? Find(string path)
    {
        if (string.IsNullOrWhiteSpace(path) || path.Contains('\0')) return null;
        if (Directory.Exists(path)) return FindInFolder(path);
        if (!File.Exists(path)) return File.Exists(path + IndexExtension) ? path : null;
        if (path.EndsWith(IndexExtension, StringComparison.Ordinal)) return path[..^IndexExtension.Length];
        if (DataName().Match(path) is { Success: true } data)
        {
            string prefix = data.Groups[1].Value;
            return File.Exists(prefix + IndexExtension)
                ? prefix
                : throw new InvalidInputException(
                    $"'{path}' is a data file of a TensorFlow checkpoint, whose index '{prefix}{IndexExtension}' is missing; fetch it too.");
        }

        return FindInList(path);
    }

    /// <summary>Whether a file of this name belongs to a checkpoint.</summary>
    public static bool IsPart(string name) => name == ListName || name.EndsWith(IndexExtension, StringComparison.Ordinal) || DataName()
        .IsMatch(name);

    private static string FindInFolder(string folder)
    {
        string list = Path.Combine(folder, ListName);
        if (File.Exists(list) && FindInList(list) is { } listed && File.Exists(listed + IndexExtension)) return listed;
        string[] found = FindIndexes(folder);
        // A SavedModel has its variables as a checkpoint in a folder below.
        if (found.Length == 0 && File.Exists(Path.Combine(folder, "variables", "variables.index"))) return Path.Combine(folder, "variables",
            "variables");
        return found.Length switch
        {
            1 => found[0][..^IndexExtension.Length],
            0 => throw new InvalidInputException($"'{folder}' is a folder without a TensorFlow checkpoint; name a file of weights."),
            _ => throw new InvalidInputException(
                $"'{folder}' has several checkpoints ({string.Join(", ", found.Take(3).Select(Path.GetFileName))}{(found.Length > 3 ? ", …" : "")}); name one of them."),
        };
    }

    private static string[] FindIndexes(string folder)
    {
        try
        {
            return [.. Directory.EnumerateFiles(folder, $"*{IndexExtension}").Order(StringComparer.Ordinal).Take(4)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException($"Cannot read the folder '{folder}': {OneLine.Clean(e.Message, 200)}", e);
        }
    }

    // The list is a protobuf text; its first line names the newest checkpoint, often by its path on the machine that trained.
    private static string? FindInList(string path)
    {
        using var file = InputFile.Open(path);
        var bytes = new byte[Math.Min(file.Length, MaxListBytes)];
        if (file.Length > 0 && file.DescribeKind() != "a TensorFlow list of checkpoints") return null;
        int length = file.ReadAtMost(0, bytes);
        var match = ListEntry().Match(System.Text.Encoding.UTF8.GetString(bytes, 0, length));
        if (!match.Success) return null;
        string name = match.Groups[1].Value.Split('/', '\\')[^1];
        return name.Length == 0 || name is "." or ".." ? null : Path.Combine(Path.GetDirectoryName(path)!, name);
    }

    [GeneratedRegex(@"^(.+)\.data-[0-9]{5}-of-[0-9]{5}$", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex DataName();

    [GeneratedRegex("^model_checkpoint_path:\\s*\"([^\"\\r\\n]*)\"", RegexOptions.CultureInvariant)]
    private static partial Regex ListEntry();
}
