using System.Collections.Immutable;

namespace EfficientNetSharp.Data;

/// <summary>
/// A dataset as it lies on disk, recognised and listed, before anything is set aside: any of its parts may be missing. All parts have the
/// same class list.
/// </summary>
public sealed class DatasetParts
{
    private readonly List<string> _remarks = [];

    internal DatasetParts(string format, string root) => (Format, Root) = (format, root);

    /// <summary>What the layout was recognised as, such as <c>CIFAR-10, binary version</c>.</summary>
    public string Format { get; }

    /// <summary>Where it lies: a folder or a file.</summary>
    public string Root { get; }

    /// <summary>The published dataset, where the format belongs to one; see <see cref="PublishedDatasets"/>.</summary>
    public PublishedDataset? Published { get; internal init; }

    /// <summary>Whether nothing divides the images; all of them are then the training part.</summary>
    public bool IsUndivided { get; internal init; }

    /// <summary>The training part as published.</summary>
    public IImageDataset? Train { get; internal set; }

    /// <summary>The validation part as published.</summary>
    public IImageDataset? Validation { get; internal set; }

    /// <summary>The test part as published.</summary>
    public IImageDataset? Test { get; internal set; }

    /// <summary>What a person should know, one line each; what was left out is told of as well.</summary>
    public IReadOnlyList<string> Warnings => [.. _remarks, .. LeftOut.Select(one => one.ToString())];

    /// <summary>What lies there, or is named by a list, and is not among the images: how many and which, by reason.</summary>
    public ImmutableArray<LeftOut> LeftOut => [.. LeftOutItems.ToImmutable(), .. LeftOutOfLists];

    /// <summary>Gathers what readers leave out.</summary>
    internal LeftOutCollector LeftOutItems { get; } = new();

    /// <summary>What a list or a file names and has not, in words of its own.</summary>
    internal List<LeftOut> LeftOutOfLists { get; } = [];

    /// <summary>
    /// The parts that are there, by their <see cref="PartNames"/>; a single one, <c>all</c>, where nothing divides the images.
    /// </summary>
    public IEnumerable<(string Name, IImageDataset Images)> All
    {
        get
        {
            if (Train is not null) yield return (IsUndivided ? PartNames.All : PartNames.Train, Train);
            if (Validation is not null) yield return (PartNames.Validation, Validation);
            if (Test is not null) yield return (PartNames.Test, Test);
        }
    }

    internal void Warn(string warning) => _remarks.Add(warning);

    /// <summary>Warns of classes whose names differ in case only; letters and short codes may well.</summary>
    internal void WarnOfSpellings(IEnumerable<string> classes)
    {
        foreach (var same in classes.Where(name => name.Length > 2).GroupBy(name => name, StringComparer.OrdinalIgnoreCase))
        {
            if (same.Count() > 1) Warn($"The classes {NameList.Of([.. same])} differ in case only and count as {same.Count()}.");
        }
    }

    /// <summary>Warns of parts that do not have the published number of images or classes.</summary>
    internal DatasetParts CheckSizes()
    {
        if (Published is null) return this;
        foreach (var (name, images) in All)
        {
            if (Published.SizeOf(name) is { } size && size != images.Count)
            {
                Warn(FormattableString.Invariant(
                    $"{Published.Title} has {size} images in '{name}' as published, found {images.Count} in '{Root}'."));
            }
        }

        if (All.FirstOrDefault().Images is { } first && first.Classes.Length != Published.Classes)
            Warn($"{Published.Title} has {Published.Classes} classes as published, found {first.Classes.Length} in '{Root}'.");
        return this;
    }

    /// <summary>The classes that no image belongs to, for messages; <see langword="null"/> where there are none.</summary>
    /// <param name="parts">Datasets of one class list.</param>
    internal static string? MissingClasses(params ReadOnlySpan<IImageDataset> parts)
    {
        var classes = parts[0].Classes;
        var isPresent = new bool[classes.Length];
        foreach (var images in parts)
        {
            for (int i = 0; i < images.Count; i++) isPresent[images.LabelOf(i)] = true;
        }

        string[] missing = [.. classes.Where((_, label) => !isPresent[label])];
        return missing.Length == 0 ? null : NameList.Of(missing);
    }
}
