using System.Collections.Immutable;
using System.Text.Json;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Models;

/// <summary>
/// A list of classes in a file: a name per line, or JSON — a list of names, or an object from index to name or to <c>[id, name]</c>
/// (Keras's <c>imagenet_class_index.json</c>).
/// </summary>
public static class ClassListFile
{
    // ImageNet-21k's list has under a megabyte.
    private const long MaxBytes = 64 << 20;

    /// <summary>A list by a word or by its file.</summary>
    /// <param name="wordOrPath">
    /// <c>imagenet</c> for <see cref="ImageNetClasses.List"/>, <c>imagenet21k</c> for <see cref="ImageNetClasses.List21k"/>; else a file.
    /// </param>
    /// <exception cref="InvalidInputException">As <see cref="Read"/>.</exception>
    public static ClassList Get(string wordOrPath)
    {
        ArgumentNullException.ThrowIfNull(wordOrPath);
        return !File.Exists(wordOrPath) && ImageNetClasses.OfWord(wordOrPath) is { } known ? known : Read(wordOrPath);
    }

    /// <summary>Reads a file's classes, in the order of a network's outputs.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidInputException">
    /// There is no such file, it is too large, it has no names, or one id stands for two classes.
    /// </exception>
    public static ClassList Read(string path)
    {
        if (!File.Exists(path)) throw new InvalidInputException(
            $"There is no file of class names '{path}'; give one, or a word: {ImageNetClasses.Word} for its 1,000 classes, {ImageNetClasses.Word21k} for its 21,843.");
        if (new FileInfo(path).Length > MaxBytes)
            throw new InvalidInputException($"'{path}' is too large for a list of class names ({MaxBytes >> 20} MB at most).");
        string text = InputFile.ReadAllText(path);
        var classes = text.AsSpan().TrimStart() is ['[' or '{', ..]
            ? ReadJson(path, text)
            : new ClassList([.. text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0)]);
        if (classes.Names.IsEmpty) throw new InvalidInputException($"'{path}' has no class names; expected one per line or JSON.");
        return classes.Ids.Distinct(StringComparer.Ordinal).Count() == classes.Ids.Length
            ? classes
            : throw new InvalidInputException($"'{path}' gives one id to several classes; expected an id of its own for each.");
    }

    private static ClassList ReadJson(string path, string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            JsonElement[] rows = document.RootElement.ValueKind == JsonValueKind.Array
                ? [.. document.RootElement.EnumerateArray()]
                : [.. ByIndex(path, document.RootElement)];
            bool haveIds = Array.TrueForAll(rows, row => row.ValueKind == JsonValueKind.Array && row.GetArrayLength() == 2);
            return new ClassList([.. rows.Select(Name)])
            {
                Ids = haveIds ? [.. rows.Select(row => row[0].GetString() is { Length: > 0 } id ? id : throw NoText())] : [],
            };
        }
        catch (Exception e) when (
            e is JsonException or InvalidOperationException or FormatException or OverflowException or ArgumentException)
        {
            throw new InvalidInputException(
                $"'{path}' is not usable JSON of class names: expected a list of names, or an object from index to name.", e);
        }
    }

    private static IEnumerable<JsonElement> ByIndex(string path, JsonElement element)
    {
        var byIndex = element.EnumerateObject().ToDictionary(
            property => NumberText.TryParseDigits(property.Name, out int index)
                ? index
                : throw new FormatException("An index is expected."),
            property => property.Value);
        for (int i = 0; i < byIndex.Count; i++)
        {
            yield return byIndex.TryGetValue(i, out var row)
                ? row
                : throw new InvalidInputException($"'{path}' has {byIndex.Count} class names but none for index {i}.");
        }
    }

    private static string Name(JsonElement element) =>
        (element.ValueKind == JsonValueKind.Array ? element.EnumerateArray().Last() : element).GetString() ?? throw NoText();

    private static FormatException NoText() => new("A name is a text.");
}
