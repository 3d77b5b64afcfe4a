using System.Collections.Immutable;
using EfficientNetSharp.Data.Folders;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Data.Formats;

/// <summary>
/// Plain folders of images: <c>train/</c>, <c>val/</c> and <c>test/</c>, each with one folder per class, or one folder per class directly;
/// <see cref="FolderLayout"/> tells which. Folders that only wrap others are passed through.
/// </summary>
/// <param name="lister">Lists folders.</param>
internal sealed class ClassFolders(FolderLister lister) : IDatasetFormat
{
    /// <summary>Plain folders of the file system.</summary>
    public ClassFolders()
        : this(FolderListing.OfFileSystem)
    {
    }

    public DatasetParts? TryOpen(string path) => TryOpen(path, ownClasses: false);

    /// <summary>Lists the folders at a path; <see langword="null"/> where no folder is.</summary>
    /// <param name="path">A folder.</param>
    /// <param name="ownClasses">Whether each part may have classes that the others have not.</param>
    public DatasetParts? TryOpen(string path, bool ownClasses)
    {
        if (!Directory.Exists(path)) return null;
        path = Inside(path);
        var layout = FolderLayout.Of(path, lister);
        if (!layout.IsDivided)
        {
            var whole = new DatasetParts("folders of images", path) { IsUndivided = true };
            if (!layout.ClassesLikeParts.IsEmpty)
            {
                whole.Warn(
                    $"Took {NameList.Of(layout.ClassesLikeParts)} for classes: images lie directly in them, as in the folders beside " +
                    "them, where a part has class folders.");
            }

            whole.Train = Read(path, null, whole);
            return whole;
        }

        var parts = new DatasetParts("folders of images, in parts", path);
        string? train = layout.FolderOf(PartNames.Train, lister), validation = layout.FolderOf(PartNames.Validation, lister),
            test = layout.FolderOf(PartNames.Test, lister);
        LeaveOutOthers(path, layout, parts);
        if (train is not null) parts.Train = Read(train, null, parts);
        // Published competitions ship test images without labels; that must not keep anybody from training.
        if (test is not null && train is not null && !FolderLayout.HoldsClassFolders(test, lister))
            parts.Warn($"Left out '{test}': it has no class folders, so its images have no labels.");
        else if (test is not null)
            parts.Test = ReadPart(test, parts, ownClasses);
        if (validation is not null) parts.Validation = ReadPart(validation, parts, ownClasses);
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
    public EvaluationImages OpenForEvaluation(string path, string? part, ClassList classes)
    {
        if (part is null && HoldsClasses(path, classes)) return Open(path);
        string inside = Inside(path);
        if (part is null && inside != path && HoldsClasses(inside, classes)) return Open(inside);
        var layout = FolderLayout.Of(inside, lister);
        foreach (string candidate in PartNames.ForEvaluation)
        {
            if ((part is null || part == candidate) && layout.FolderOf(candidate, lister) is { } folder) return Open(folder);
        }

        string shown = string.Join(", ", classes.Names.Take(3).Select(name => Files.OneLine.Clean(name)))
            + (classes.Names.Length > 3 ? ", …" : "");
        throw new InvalidInputException(part is null
            ? $"Expected some of the model's {classes.Names.Length} classes ({shown}) or a val, test or train folder in '{path}', found " +
            "neither."
            : $"Expected a folder '{part}' in '{path}', found none. Name a folder that has one, or ask for no part.");

        EvaluationImages Open(string folder)
        {
            var images = ClassFolderDataset.Open(folder, classes, lister);
            return new EvaluationImages(images, images.Root)
            {
                LeftOut = images.LeftOut,
                Warnings = [.. images.Remarks, .. images.LeftOut.Select(one => one.ToString())],
            };
        }
    }

    // Folders called as the model's classes; where parts are called so too, and only some folders are classes, the parts are meant.
    private bool HoldsClasses(string path, ClassList classes)
    {
        string[] folders = [.. FolderListing.Visible(path, lister).Where(entry => entry.IsFolder).Select(entry => entry.Name)];
        int known = folders.Count(name => classes.Names.Contains(name) || classes.Ids.Contains(name));
        return known > 0 && (known == folders.Length || !folders.Any(name => PartNames.OfName(name) is not null)
            || !FolderLayout.Of(path, lister).IsDivided);
    }

    // Class folders lie in the last of the folders that wrap each other; what a single class folder has in it is its own.
    private string Inside(string path) =>
        FolderLayout.Unwrap(path, lister).Last(folder => folder == path || FolderListing.HoldsFolders(folder, lister));

    private void LeaveOutOthers(string path, FolderLayout layout, DatasetParts parts)
    {
        foreach (string other in layout.Others) parts.LeftOutItems.Add(LeftOutReason.OtherFolder, other);
        foreach (var entry in FolderListing.Sorted(path, lister).Where(entry => entry.IsHidden || !entry.IsFolder))
            parts.LeftOutItems.Add(FolderScan.ReasonFor(entry), entry.Name);
    }

    private ClassFolderDataset Read(string path, ClassList? classes, DatasetParts parts)
    {
        var dataset = ClassFolderDataset.Open(path, classes, lister);
        if (classes is null && dataset.Classes is [var only] && FolderLayout.IsWrapper(only))
        {
            throw new InvalidInputException(
                $"Expected a folder for each class in '{path}', found all images in '{only}', and no list that says their classes. Put " +
                "them into folders named after their classes, or name the list.");
        }

        if (classes is null && FolderLayout.ArePieces(dataset.Classes))
        {
            throw new InvalidInputException(
                $"Expected a folder for each class in '{path}', found {NameList.Of(dataset.Classes)}, which look like pieces of one set, and " +
                "no list that says the classes of their images. Name the list, or give folders of classes other names.");
        }

        string below = Path.GetRelativePath(parts.Root, path).Replace('\\', '/');
        parts.LeftOutItems.Add(dataset.LeftOut, below == "." ? "" : below);
        foreach (string remark in dataset.Remarks) parts.Warn(remark);
        if (classes is null) parts.WarnOfSpellings(dataset.Classes);
        return dataset;
    }

    private ClassFolderDataset ReadPart(string path, DatasetParts parts, bool ownClasses)
    {
        if (ownClasses) return Read(path, null, parts);
        var dataset = Read(path, (parts.Train ?? parts.Test)?.Classes is { } known ? new ClassList(known) : null, parts);
        if (DatasetParts.MissingClasses(dataset) is { } missing) parts.Warn($"'{path}' has no image of {missing}.");
        return dataset;
    }
}
