using System.Collections.Immutable;
using EfficientNetSharp.Imaging;

namespace EfficientNetSharp.Data;

/// <summary>
/// Opens a dataset folder in either of the two usual layouts: <c>train/</c> and <c>val/</c> (or <c>validation/</c>,
/// <c>valid/</c>) with an optional <c>test/</c>, each with one folder per class; or one folder per class directly.
/// </summary>
public static class DatasetFolder
{
    private static readonly string[] TrainNames = ["train"];
    private static readonly string[] ValidationNames = ["val", "validation", "valid"];
    private static readonly string[] TestNames = ["test"];

    /// <summary>Opens the folder and splits it when it has no validation part of its own.</summary>
    /// <param name="path">The dataset's folder.</param>
    /// <param name="validationFraction">The share of each class to set aside, above 0 and below 1; not used when there is a validation folder.</param>
    /// <param name="seed">Names the split; see <see cref="StratifiedSplit"/>.</param>
    /// <exception cref="InvalidInputException">The layout is neither of the two, or the parts' classes contradict each other.</exception>
    public static DatasetSplits Open(string path, double validationFraction, ulong seed) =>
        Open(path, validationFraction, seed, FolderListing.OfFileSystem);

    /// <summary>Whether a folder has parts of its own, <c>train/</c> and others, each with class folders.</summary>
    internal static bool HasParts(string path)
    {
        var lister = (FolderLister)FolderListing.OfFileSystem;
        string[] folders = [.. FolderListing.Sorted(path, lister).Where(entry => entry.IsFolder).Select(entry => entry.Name)];
        string? train = Find(path, folders, TrainNames);
        return IsSplitLayout(path, train, [.. folders.Where(name => name != train && !ValidationNames.Concat(TestNames).Contains(name, StringComparer.OrdinalIgnoreCase))], lister);
    }

    internal static DatasetSplits Open(string path, double validationFraction, ulong seed, FolderLister lister)
    {
        FolderListing.Require(path);
        StratifiedSplit.RequireFraction(validationFraction);
        string[] folders = [.. FolderListing.Sorted(path, lister).Where(entry => entry.IsFolder).Select(entry => entry.Name)];
        string? train = Find(path, folders, TrainNames), validation = Find(path, folders, ValidationNames), test = Find(path, folders, TestNames);
        string[] others = [.. folders.Where(name => name != train && name != validation && name != test)];
        var warnings = ImmutableArray.CreateBuilder<string>();

        if (!IsSplitLayout(path, train, others, lister))
        {
            RefusePartsWithoutTrain(path, folders, others);
            return Split(Read(path, default, warnings, lister), null, validationFraction, seed, warnings);
        }
        if (others.Length > 0) warnings.Add($"Left out {FolderListing.Some(others)}: beside '{train}', only validation and test folders are read.");
        var training = Read(Path.Combine(path, train!), default, warnings, lister);
        var testing = test is null ? null : ReadTest(Path.Combine(path, test), training.Classes, warnings, lister);
        if (validation is null) return Split(training, testing, validationFraction, seed, warnings);
        var validating = ReadPart(Path.Combine(path, validation), training.Classes, warnings, lister);
        return new DatasetSplits(training, validating, testing, warnings.ToImmutable());
    }

    /// <summary>
    /// A folder called <c>train</c> is a part when it holds class folders or when nothing beside it could be a class; images
    /// of trains beside images of cars are a class.
    /// </summary>
    private static bool IsSplitLayout(string path, string? train, string[] others, FolderLister lister) =>
        train is not null
        && (others.Length == 0 || FolderListing.Sorted(Path.Combine(path, train), lister).Any(entry => entry.IsFolder));

    private static void RefusePartsWithoutTrain(string path, string[] folders, string[] others)
    {
        // With others beside it, "valid" may well be a class, as in valid and invalid.
        if (folders.Length == 0 || others.Length > 0) return;
        throw new InvalidInputException(
            $"Expected a folder 'train' in '{path}' beside {FolderListing.Some(folders)}, " +
            "found none. Add it, or give the folder that holds the class folders.");
    }

    private static string? Find(string path, string[] folders, string[] names)
    {
        string[] found = [.. folders.Where(folder => names.Contains(folder, StringComparer.OrdinalIgnoreCase))];
        if (found.Length > 1)
            throw new InvalidInputException(
                $"Expected one of {FolderListing.Some(names)} in '{path}', " +
                $"found {FolderListing.Some(found)}. Keep one of them.");
        return found.FirstOrDefault();
    }

    private static FolderDataset Read(string path, ImmutableArray<string> classes, ImmutableArray<string>.Builder warnings, FolderLister lister)
    {
        var dataset = FolderDataset.Open(path, classes, lister);
        if (dataset.IgnoredFiles > 0) warnings.Add($"Left out {dataset.IgnoredFiles} files in '{path}' that are not images ({ImageFiles.ExtensionList}).");
        return dataset;
    }

    private static FolderDataset ReadPart(string path, ImmutableArray<string> classes, ImmutableArray<string>.Builder warnings, FolderLister lister)
    {
        var dataset = Read(path, classes, warnings, lister);
        WarnOfMissingClasses(dataset, $"'{path}'", warnings);
        return dataset;
    }

    private static FolderDataset? ReadTest(string path, ImmutableArray<string> classes, ImmutableArray<string>.Builder warnings, FolderLister lister)
    {
        // Published competitions ship test images without labels; that must not keep anybody from training.
        if (FolderListing.Sorted(path, lister).Any(entry => entry.IsFolder)) return ReadPart(path, classes, warnings, lister);
        warnings.Add($"Left out '{path}': it has no class folders, so its images have no labels.");
        return null;
    }

    private static DatasetSplits Split(
        FolderDataset all, IImageDataset? test, double fraction, ulong seed, ImmutableArray<string>.Builder warnings)
    {
        var (train, validation) = StratifiedSplit.Of(all, fraction, seed);
        if (validation.Count == 0)
            throw new InvalidInputException(
                $"Expected a class with two images or more in '{all.Root}' to set one aside for validation, " +
                $"found {all.Count} images in {all.Classes.Length} classes. Add images or a validation folder.");
        WarnOfMissingClasses(validation, "The validation part", warnings);
        return new DatasetSplits(train, validation, test, warnings.ToImmutable());
    }

    private static void WarnOfMissingClasses(IImageDataset dataset, string what, ImmutableArray<string>.Builder warnings)
    {
        var present = Enumerable.Range(0, dataset.Count).Select(dataset.LabelOf).ToHashSet();
        string[] missing = [.. dataset.Classes.Where((_, label) => !present.Contains(label))];
        if (missing.Length > 0) warnings.Add($"{what} has no image of {FolderListing.Some(missing)}.");
    }
}
