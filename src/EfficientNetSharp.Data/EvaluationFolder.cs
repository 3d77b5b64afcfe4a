using System.Collections.Immutable;

namespace EfficientNetSharp.Data;

/// <summary>Images to evaluate on.</summary>
/// <param name="Images">The images, with the model's classes.</param>
/// <param name="Source">Where they are, for people.</param>
public sealed record EvaluationImages(IImageDataset Images, string Source);

/// <summary>Opens what a model is to be evaluated on: a folder of its classes, or a part of a dataset folder.</summary>
public static class EvaluationFolder
{
    private static readonly (string Part, string[] Names)[] Parts =
    [
        ("val", ["val", "validation", "valid"]), ("test", ["test"]), ("train", ["train"]),
    ];

    /// <summary>The names that <see cref="Open"/> takes for a part.</summary>
    public static ImmutableArray<string> PartNames { get; } = [.. Parts.Select(part => part.Part)];

    /// <summary>Opens the images.</summary>
    /// <param name="path">A folder with one folder per class, one with <c>val/</c>, <c>test/</c> and so on, or anything that <see cref="Datasets"/> recognises.</param>
    /// <param name="part"><c>val</c>, <c>test</c> or <c>train</c>; where <see langword="null"/>, the first of them that is there.</param>
    /// <param name="classes">The model's classes, which decide the labels.</param>
    /// <exception cref="InvalidInputException">The folder is missing or holds none of the classes.</exception>
    public static EvaluationImages Open(string path, string? part, ImmutableArray<string> classes)
    {
        if (!File.Exists(path) && !Directory.Exists(path)) throw new InvalidInputException($"There is no folder '{path}'; name a folder of images, one folder per class.");
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

    private static EvaluationImages OpenFolder(string folder, ImmutableArray<string> classes)
    {
        var images = FolderDataset.Open(folder, classes);
        return new EvaluationImages(images, images.Root);
    }

    private static EvaluationImages Choose(DatasetParts parts, string? part, ImmutableArray<string> classes)
    {
        var all = parts.All.ToDictionary(StringComparer.Ordinal);
        foreach (var (name, _) in Parts)
        {
            if ((part is null || part == name) && all.TryGetValue(name, out var images)) return new EvaluationImages(RelabelledDataset.Of(images, classes, parts.Root), $"{parts.Root} ({parts.Format}, {name})");
        }

        throw new InvalidInputException($"'{parts.Root}' ({parts.Format}) has no part '{part}'; it has {string.Join(", ", all.Keys)}.");
    }
}
