using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace EfficientNetSharp.Models;

/// <summary>
/// Names of classes in a file: one per line, or JSON — a list, or an object from index to name or to a list whose last entry is the
/// name (Keras's <c>imagenet_class_index.json</c>).
/// </summary>
public static class ClassNameFile
{
    // ImageNet-21k's list has under a megabyte.
    private const long MaxBytes = 64 << 20;

    /// <summary>Reads the names, in the order of a network's outputs.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidInputException">There is no such file, it is too large, or it has no names.</exception>
    public static ImmutableArray<string> Read(string path)
    {
        if (!File.Exists(path)) throw new InvalidInputException($"There is no file of class names '{path}'.");
        if (new FileInfo(path).Length > MaxBytes)
            throw new InvalidInputException($"'{path}' is too large for a list of class names ({MaxBytes >> 20} MB at most).");
        string text = File.ReadAllText(path);
        ImmutableArray<string> names = text.AsSpan().TrimStart() is ['[' or '{', ..]
            ? ReadJson(path, text)
            : [.. text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0)];
        return names.IsEmpty ? throw new InvalidInputException($"'{path}' has no class names; expected one per line or JSON.") : names;
    }

    private static ImmutableArray<string> ReadJson(string path, string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Array
                ? [.. document.RootElement.EnumerateArray().Select(Name)]
                : [.. ByIndex(path, document.RootElement)];
        }
        catch (Exception e) when (
            e is JsonException or InvalidOperationException or FormatException or OverflowException or ArgumentException)
        {
            throw new InvalidInputException(
                $"'{path}' is not usable JSON of class names: expected a list of names, or an object from index to name.", e);
        }
    }

    private static IEnumerable<string> ByIndex(string path, JsonElement element)
    {
        var byIndex = element.EnumerateObject().ToDictionary(
            property => int.Parse(property.Name, NumberStyles.None, CultureInfo.InvariantCulture), property => Name(property.Value));
        for (int i = 0; i < byIndex.Count; i++)
        {
            yield return byIndex.TryGetValue(i, out string? name)
                ? name
                : throw new InvalidInputException($"'{path}' has {byIndex.Count} class names but none for index {i}.");
        }
    }

    private static string Name(JsonElement element) =>
        (element.ValueKind == JsonValueKind.Array ? element.EnumerateArray().Last() : element).GetString()
            ?? throw new FormatException("A name is a text.");
}
