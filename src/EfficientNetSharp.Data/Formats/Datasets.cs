using System.Collections.Immutable;
using EfficientNetSharp.Data.Folders;
using EfficientNetSharp.Data.Formats.Lists;
using EfficientNetSharp.Data.Formats.Shards;
using EfficientNetSharp.Data.Formats.Shards.Parquet;
using EfficientNetSharp.Data.Formats.Shards.RecordIo;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Data.Formats;

/// <summary>Images to evaluate a model on.</summary>
/// <param name="Images">The images, with the model's classes.</param>
/// <param name="Source">Where they are, for people.</param>
public sealed record EvaluationImages(IImageDataset Images, string Source)
{
    /// <summary>What a person should know, one line each; what was left out is told of as well.</summary>
    public ImmutableArray<string> Warnings { get; init; } = [];

    /// <summary>What lies there, or is named by a list, and is not among the images.</summary>
    public ImmutableArray<LeftOut> LeftOut { get; init; } = [];

    /// <summary>Whether labels are the model's classes; where they are not, they only tell images of a kind from others.</summary>
    public bool HasLabels { get; init; } = true;
}

/// <summary>
/// The one door to images on disk: published sets as their archives unpack, shards (TFRecord, tar, Parquet), CSV lists, and plain folders
/// of images. What a path holds is told by what lies there.
/// </summary>
/// <remarks>
/// What the parts of a set are called is written in <see cref="PartNames"/>. Folders are taken for parts if all of them are called as parts
/// are, or if two parts are there and one has class folders; where images lie in them directly, they are classes. A folder that has nothing
/// but another folder in it is passed through. Whatever is left out is listed with its reason.
/// </remarks>
public static class Datasets
{
    private static readonly ImmutableArray<IDatasetFormat> Published =
    [
        new ImageNet(), new Cifar(), new Flowers102(), new OxfordPets(), new Food101(), new StanfordCars(), new FgvcAircraft(),
        new Birdsnap(),
    ];

    private static readonly ImmutableArray<IDatasetFormat> ShardsAndLists =
        [new TfRecords(), new WebDataset(), new MxRecords(), new ParquetFiles(), new ImageLists()];

    private static readonly ClassFolders Plain = new();

    /// <summary>Opens a dataset as it lies on disk, with all its parts and nothing set aside.</summary>
    /// <param name="path">A folder, or a file of a list or shard.</param>
    /// <exception cref="InvalidInputException">
    /// Nothing is there, it is no dataset, or it is incomplete or damaged; the message says which.
    /// </exception>
    public static DatasetParts Open(string path) => Recognize(path) ?? Plain.TryOpen(path)!;

    /// <summary>Opens what is to be trained on.</summary>
    /// <param name="path">A folder, or a file of a list or shard.</param>
    /// <param name="options">How a validation part or a minival is set aside; <see langword="null"/> for the defaults.</param>
    /// <exception cref="InvalidInputException">As <see cref="Open"/> and <see cref="DatasetSplits.Of"/>.</exception>
    public static DatasetSplits OpenForTraining(string path, DatasetOptions? options = null) => DatasetSplits.Of(
        options is { HoldsOutClasses: true } ? Recognize(path) ?? Plain.TryOpen(path, ownClasses: true)! : Open(path), options);

    /// <summary>Opens what a model is to be evaluated on: a folder of its classes, or a part of a dataset.</summary>
    /// <param name="path">A folder, or a file of a list or shard.</param>
    /// <param name="part">
    /// One of <see cref="PartNames.ForEvaluation"/>; where <see langword="null"/>, the first of them that is there.
    /// </param>
    /// <param name="classes">The model's classes, which decide the labels; data may call them by name or by id.</param>
    /// <exception cref="InvalidInputException">
    /// Nothing is there, the part is not, or it holds what is no class of the model.
    /// </exception>
    public static EvaluationImages OpenForEvaluation(string path, string? part, ImmutableArray<string> classes) =>
        OpenForEvaluation(path, part, new ClassList(classes));

    /// <inheritdoc cref="OpenForEvaluation(string, string?, ImmutableArray{string})" />
    public static EvaluationImages OpenForEvaluation(string path, string? part, ClassList classes)
    {
        ArgumentNullException.ThrowIfNull(classes);
        if (part is not null && !PartNames.ForEvaluation.Contains(part))
            throw new InvalidInputException($"Expected one of the parts {string.Join(", ", PartNames.ForEvaluation)}, found '{part}'.");
        if (Recognize(path) is not { } parts) return Plain.OpenForEvaluation(path, part, classes);
        foreach (string candidate in PartNames.ForEvaluation)
        {
            if (part is not null && part != candidate) continue;
            if (parts.All.FirstOrDefault(one => one.Name == candidate).Images is not { } images) continue;
            var relabelled = RelabelledDataset.Of(images, classes, parts.Root, out string? remark);
            return new EvaluationImages(relabelled, $"{parts.Root} ({parts.Format}, {candidate})")
            {
                Warnings = remark is null ? [.. parts.Warnings] : [.. parts.Warnings, remark], LeftOut = parts.LeftOut,
            };
        }

        string found = string.Join(", ", parts.All.Select(one => one.Name));
        throw new InvalidInputException($"Expected a part '{part}' in '{parts.Root}' ({parts.Format}), found {found}.");
    }

    /// <summary>Opens a part of a dataset with its own classes, as embeddings are judged, which know no classes.</summary>
    /// <param name="path">A folder, or a file of a list or shard.</param>
    /// <param name="part">
    /// One of <see cref="PartNames.ForEvaluation"/>; where <see langword="null"/>, all images where nothing divides them, or the first of
    /// the parts that is there.
    /// </param>
    /// <exception cref="InvalidInputException">As <see cref="Open"/>, or the part is not there.</exception>
    public static EvaluationImages OpenPart(string path, string? part)
    {
        if (part is not null && !PartNames.ForEvaluation.Contains(part))
            throw new InvalidInputException($"Expected one of the parts {string.Join(", ", PartNames.ForEvaluation)}, found '{part}'.");
        var parts = Open(path);
        var all = parts.All.ToList();
        foreach (string candidate in part is null ? [PartNames.All, .. PartNames.ForEvaluation] : new[] { part })
        {
            if (all.Find(one => one.Name == candidate) is not { Images: { } images }) continue;
            string where = parts.IsUndivided ? parts.Format : $"{parts.Format}, {candidate}";
            return new EvaluationImages(images, $"{parts.Root} ({where})") { Warnings = [.. parts.Warnings], LeftOut = parts.LeftOut };
        }

        throw new InvalidInputException(
            $"Expected a part '{part}' in '{parts.Root}' ({parts.Format}), found {string.Join(", ", all.Select(one => one.Name))}.");
    }

    /// <summary>
    /// Opens images for what needs no labels, such as calibration: with the model's classes where all of theirs are among them, else with
    /// their own, and as one class where they lie in a folder as they are.
    /// </summary>
    /// <param name="path">A folder, or a file of a list or shard.</param>
    /// <param name="part">As for <see cref="OpenPart"/>.</param>
    /// <param name="classes">The model's classes; none for a network without a classifier.</param>
    /// <exception cref="InvalidInputException">Nothing is there, the part is not, or there is no image.</exception>
    public static EvaluationImages OpenAny(string path, string? part, ClassList classes)
    {
        ArgumentNullException.ThrowIfNull(classes);
        if (part is null && Recognize(path) is null && FolderLayout.Unwrap(path, FolderListing.OfFileSystem)
                .LastOrDefault(folder => folder == path || FolderLayout.IsWrapper(Path.GetFileName(folder))) is { } folder
            && !FolderListing.HoldsFolders(folder, FolderListing.OfFileSystem))
        {
            var others = new LeftOutCollector();
            var images = ListedDataset.OfFolder(folder, others);
            var leftOut = others.ToImmutable();
            return new EvaluationImages(images, $"{folder} (images without labels)")
            {
                HasLabels = false, LeftOut = leftOut, Warnings = [.. leftOut.Select(one => one.ToString())],
            };
        }

        var own = OpenPart(path, part);
        bool areKnown = own.Images.Classes.All(name => classes.Names.Contains(name) || classes.Ids.Contains(name));
        return areKnown ? OpenForEvaluation(path, part, classes) : own with { HasLabels = false };
    }

    /// <summary>
    /// Lists image files without labels, to predict or embed: files as they are named, and all images in and below folders.
    /// </summary>
    /// <param name="paths">Files and folders.</param>
    /// <returns>The files in the order of the paths; those of a folder by name, as in a dataset of class folders.</returns>
    /// <exception cref="InvalidInputException">A path is neither file nor folder, or a folder holds no image.</exception>
    public static ImmutableArray<string> FindImages(IEnumerable<string> paths) => FindImages(paths, out _);

    /// <summary>As <see cref="FindImages(IEnumerable{string})"/>, and tells what lies in the folders besides.</summary>
    /// <param name="paths">Files and folders.</param>
    /// <param name="leftOut">What in the folders is no image that is read, by its path.</param>
    /// <returns>The files in the order of the paths; those of a folder by name, as in a dataset of class folders.</returns>
    /// <exception cref="InvalidInputException">A path is neither file nor folder, or a folder holds no image.</exception>
    public static ImmutableArray<string> FindImages(IEnumerable<string> paths, out ImmutableArray<LeftOut> leftOut)
    {
        ArgumentNullException.ThrowIfNull(paths);
        var others = new LeftOutCollector();
        ImmutableArray<string> found = [.. paths.SelectMany(path => File.Exists(path) ? [path] : FolderScan.FindImages(path, others))];
        leftOut = others.ToImmutable();
        return found;
    }

    /// <summary>Opens what is more than plain folders; <see langword="null"/> for those.</summary>
    private static DatasetParts? Recognize(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        if (!File.Exists(path))
        {
            FolderListing.Require(path);
            foreach (string folder in FolderLayout.Unwrap(path, FolderListing.OfFileSystem))
            {
                if (RecognizeFolder(folder) is { } parts) return parts;
            }

            return null;
        }

        foreach (var format in ShardsAndLists)
        {
            if (format.TryOpen(path) is { } parts) return parts;
        }

        throw new InvalidInputException(
            $"Expected a dataset folder, or a .csv, .tsv, .json, .jsonl, .txt, .parquet, .tar, .rec or .tfrecord file at '{path}', found " +
            "another file. Give the folder that holds the dataset.");
    }

    private static DatasetParts? RecognizeFolder(string folder)
    {
        foreach (var format in Published)
        {
            if (format.TryOpen(folder) is { } parts) return parts;
        }

        // A list or an archive beside class folders is what is left of their making.
        if (FolderLayout.HasTrainingFolder(folder, FolderListing.OfFileSystem)) return null;
        foreach (var format in ShardsAndLists)
        {
            if (format.TryOpen(folder) is { } parts) return parts;
        }

        return null;
    }
}
