using System.Collections.Immutable;
using EfficientNetSharp.Data.Folders;
using EfficientNetSharp.Imaging.Codecs;

namespace EfficientNetSharp.Data.Formats;

/// <summary>
/// Plain folders of images: <c>train/</c>, <c>val/</c> and <c>test/</c>, each with one folder per class, or one folder per class directly;
/// <see cref="FolderLayout"/> tells which.
/// </summary>
/// <param name="lister">Lists folders.</param>
internal sealed class ClassFolders(FolderLister lister) : IDatasetFormat
{
    /// <summary>Plain folders of the file system.</summary>
    public ClassFolders()
        : this(FolderListing.OfFileSystem)
    {
    }

    public DatasetParts? TryOpen(string path)
    {
        if (!Directory.Exists(path)) return null;
        var layout = FolderLayout.Of(path, lister);
        if (!layout.IsDivided)
        {
            var whole = new DatasetParts("folders of images", path) { IsUndivided = true };
            whole.Train = Read(path, default, whole);
            return whole;
        }

        var parts = new DatasetParts("folders of images, in parts", path);
        string? train = layout.FolderOf(PartNames.Train), validation = layout.FolderOf(PartNames.Validation),
            test = layout.FolderOf(PartNames.Test);
        if (layout.Others.Length > 0)
        {
            parts.Warn(
                $"Left out {NameList.Of(layout.Others)}: beside '{Path.GetFileName(train)}', only validation and test folders are read.");
        }
        if (train is not null) parts.Train = Read(train, default, parts);
        // Published competitions ship test images without labels; that must not keep anybody from training.
        if (test is not null && train is not null && !FolderListing.HoldsFolders(test, lister))
            parts.Warn($"Left out '{test}': it has no class folders, so its images have no labels.");
        else if (test is not null)
            parts.Test = ReadPart(test, parts);
        if (validation is not null) parts.Validation = ReadPart(validation, parts);
        return parts;
    }

    /// <summary>
    /// Opens what a model is evaluated on: the folder itself if it has folders of the model's classes and no part is asked for, else the
    /// part. Nothing else is listed.
    /// </summary>
    /// <param name="path">A folder.</param>
    /// <param name="part">One of <see cref="PartNames.ForEvaluation"/>; where <see langword="null"/>, the first that is there.</param>
    /// <param name="classes">The model's classes.</param>
    /// <exception cref="InvalidInputException">There is no such part, or it holds what is no class of the model.</exception>
    public EvaluationImages OpenForEvaluation(string path, string? part, ImmutableArray<string> classes)
    {
        if (part is null && classes.Any(name => Directory.Exists(Path.Combine(path, name)))) return Open(path);
        var layout = FolderLayout.Of(path, lister);
        foreach (string candidate in PartNames.ForEvaluation)
        {
            if ((part is null || part == candidate) && layout.FolderOf(candidate) is { } folder) return Open(folder);
        }

        string shown = string.Join(", ", classes.Take(3)) + (classes.Length > 3 ? ", …" : "");
        throw new InvalidInputException(part is null
            ? $"Expected some of the model's {classes.Length} classes ({shown}) or a val, test or train folder in '{path}', found neither."
            : $"Expected a folder '{part}' in '{path}', found none. Name a folder that has one, or ask for no part.");

        EvaluationImages Open(string folder)
        {
            var images = ClassFolderDataset.Open(folder, classes, lister);
            return new EvaluationImages(images, images.Root);
        }
    }

    private ClassFolderDataset Read(string path, ImmutableArray<string> classes, DatasetParts parts)
    {
        var dataset = ClassFolderDataset.Open(path, classes, lister);
        if (dataset.IgnoredFiles > 0)
            parts.Warn($"Left out {dataset.IgnoredFiles} files in '{path}' that are not images ({ImageFiles.ExtensionList}).");
        return dataset;
    }

    private ClassFolderDataset ReadPart(string path, DatasetParts parts)
    {
        var dataset = Read(path, (parts.Train ?? parts.Test)?.Classes ?? default, parts);
        if (DatasetParts.MissingClasses(dataset) is { } missing) parts.Warn($"'{path}' has no image of {missing}.");
        return dataset;
    }
}
