using System.Collections.Immutable;

namespace EfficientNetSharp.Data;

/// <summary>Pictures to evaluate on.</summary>
/// <param name="Pictures">The pictures, with the model's classes.</param>
/// <param name="Source">Where they are, for people.</param>
public sealed record EvaluationPictures(IPictureDataset Pictures, string Source);

/// <summary>Opens what a model is to be evaluated on: a folder of its classes, or a part of a dataset folder.</summary>
public static class EvaluationFolder
{
    private static readonly (string Part, string[] Names)[] Parts =
    [
        ("val", ["val", "validation", "valid"]), ("test", ["test"]), ("train", ["train"]),
    ];

    /// <summary>The names that <see cref="Open"/> takes for a part.</summary>
    public static ImmutableArray<string> PartNames { get; } = [.. Parts.Select(part => part.Part)];

    /// <summary>Opens the pictures.</summary>
    /// <param name="path">A folder with one folder a class, one with <c>val/</c>, <c>test/</c> and so on, or anything that <see cref="Datasets"/> recognises.</param>
    /// <param name="part"><c>val</c>, <c>test</c> or <c>train</c>; where <see langword="null"/>, the first of them that is there.</param>
    /// <param name="classes">The model's classes, which decide the labels.</param>
    /// <exception cref="InvalidInputException">The folder is missing or holds none of the classes.</exception>
    public static EvaluationPictures Open(string path, string? part, ImmutableArray<string> classes)
    {
        if (!File.Exists(path) && !Directory.Exists(path)) throw new InvalidInputException($"There is no folder '{path}'; name a folder of pictures, one folder a class.");
        if (Datasets.Recognize(path) is { } parts) return Choose(parts, part, classes);
        bool holdsClasses = classes.Any(name => Directory.Exists(Path.Combine(path, name)));
        if (holdsClasses && part is null) return OpenFolder(path, classes);
        foreach (var (name, folders) in Parts)
        {
            if (part is not null && part != name) continue;
            string? folder = folders.Select(candidate => Path.Combine(path, candidate)).FirstOrDefault(Directory.Exists);
            if (folder is not null) return OpenFolder(folder, classes);
        }

        throw new InvalidInputException(part is null
            ? $"'{path}' holds none of the model's {classes.Length} classes ({string.Join(", ", classes.Take(3))}{(classes.Length > 3 ? ", …" : "")}) and no val, test or train folder."
            : $"'{path}' has no folder '{part}'; name a folder that has one, or leave --split out.");
    }

    private static EvaluationPictures OpenFolder(string folder, ImmutableArray<string> classes)
    {
        var pictures = FolderDataset.Open(folder, classes);
        return new EvaluationPictures(pictures, pictures.Root);
    }

    private static EvaluationPictures Choose(DatasetParts parts, string? part, ImmutableArray<string> classes)
    {
        var all = parts.All.ToDictionary(StringComparer.Ordinal);
        foreach (var (name, _) in Parts)
        {
            if ((part is null || part == name) && all.TryGetValue(name, out var pictures)) return new EvaluationPictures(RelabelledDataset.Of(pictures, classes, parts.Root), $"{parts.Root} ({parts.Format}, {name})");
        }

        throw new InvalidInputException($"'{parts.Root}' ({parts.Format}) has no part '{part}'; it has {string.Join(", ", all.Keys)}.");
    }
}
