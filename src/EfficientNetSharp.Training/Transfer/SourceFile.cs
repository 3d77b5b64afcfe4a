using System.Security.Cryptography;
using System.Text.Json.Nodes;
using EfficientNetSharp.Files;
using EfficientNetSharp.Training.Runs;

namespace EfficientNetSharp.Training.Transfer;

/// <summary>A file that a run took weights from.</summary>
/// <param name="Path">Its full path.</param>
/// <param name="Sha256">Its SHA-256, lower-case hexadecimal.</param>
public sealed record SourceFile(string Path, string Sha256)
{
    /// <summary>Hashes a file.</summary>
    /// <exception cref="InvalidInputException">It cannot be read.</exception>
    public static SourceFile Of(string path)
    {
        using var file = InputFile.Open(path);
        using var stream = file.OpenStream();
        return new SourceFile(System.IO.Path.GetFullPath(path), Convert.ToHexStringLower(SHA256.HashData(stream)));
    }

    internal JsonObject ToJson(string folder) => new()
    {
        ["path"] = Path, [StoredPath.FromRun("path")] = StoredPath.Relative(Path, folder), ["sha256"] = Sha256,
    };

    internal static SourceFile? Parse(JsonNode? node, string folder) => node is not JsonObject file
        ? null
        : new SourceFile(
            StoredPath.Find(file, "path", folder),
            file["sha256"]?.GetValue<string>() ?? throw new System.Text.Json.JsonException("'sha256' is missing"));
}
