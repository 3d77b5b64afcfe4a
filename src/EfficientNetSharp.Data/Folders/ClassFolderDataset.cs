using System.Collections.Immutable;
using EfficientNetSharp.Files;
using EfficientNetSharp.Imaging.Codecs;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Data.Folders;

/// <summary>
/// Images in one folder per class: <c>root/daisy/1.jpg</c>. Classes and images come in the order of torchvision's
/// <c>ImageFolder</c> (by code point of their names). Folders below a class folder belong to that class; links are followed,
/// each folder once per class; hidden entries and files that are not images are left out and kept account of.
/// </summary>
internal sealed class ClassFolderDataset : IImageDataset
{
    private const string Layout = "one folder per class with images in it";

    private readonly string[] _names;
    private readonly int[] _labels;

    private ClassFolderDataset(string root, ImmutableArray<string> classes, string[] names, int[] labels)
    {
        Root = root;
        Classes = classes;
        _names = names;
        _labels = labels;
    }

    /// <summary>The folder that holds the class folders, as a full path.</summary>
    public string Root { get; }

    /// <summary>What lies there and is no image of a class, by paths relative to <see cref="Root"/>.</summary>
    public ImmutableArray<LeftOut> LeftOut { get; private init; } = [];

    /// <summary>Folders that were taken for classes of another spelling, one line each.</summary>
    public ImmutableArray<string> Remarks { get; private init; } = [];

    /// <inheritdoc />
    public int Count => _names.Length;

    /// <inheritdoc />
    public ImmutableArray<string> Classes { get; }

    /// <summary>Reads the layout of a dataset; the images themselves are read when they are asked for.</summary>
    /// <param name="root">The folder that holds one folder per class.</param>
    /// <exception cref="InvalidInputException">
    /// There are no class folders, one has no image, or images lie in the root beside them.
    /// </exception>
    public static ClassFolderDataset Open(string root) => Open(root, null, FolderListing.OfFileSystem);

    /// <summary>Reads a dataset whose labels are to follow a class list that exists already, such as a trained model's.</summary>
    /// <param name="root">The folder that holds the class folders. Classes may be missing or empty, but not all.</param>
    /// <param name="classes">The class list; labels are positions in it.</param>
    /// <exception cref="InvalidInputException">
    /// A folder is not a class of the list, there is no image at all, or images lie in the root beside the class folders.
    /// </exception>
    public static ClassFolderDataset Open(string root, ImmutableArray<string> classes)
    {
        if (classes.IsDefault) throw new ArgumentException("The class list is not initialised.", nameof(classes));
        return Open(root, new ClassList(classes), FolderListing.OfFileSystem);
    }

    /// <summary>The same over any lister; <paramref name="known"/> is null when the folders make the class list.</summary>
    public static ClassFolderDataset Open(string root, ClassList? known, FolderLister lister)
    {
        FolderListing.Require(root);
        root = Path.GetFullPath(root);
        var scan = FolderScan.Of(root, lister);
        RefuseWrongLayout(root, scan);
        if (known is null)
        {
            RefuseEmptyClasses(root, scan);
            RefuseOneClassInTwoFolders(root, scan);
            return new ClassFolderDataset(root, [.. scan.Folders], [.. scan.Names], [.. scan.FolderOf])
            {
                LeftOut = scan.LeftOut.ToImmutable(),
            };
        }
        var remarks = new List<string>();
        int[] labelOfFolder = LabelsIn(known, root, scan, remarks);
        return new ClassFolderDataset(
            root, known.Names, [.. scan.Names], [.. scan.FolderOf.Select(folder => labelOfFolder[folder])])
        {
            LeftOut = scan.LeftOut.ToImmutable(), Remarks = [.. remarks],
        };
    }

    /// <inheritdoc />
    public int LabelOf(int index) => _labels[Checked(index)];

    /// <inheritdoc />
    public string NameOf(int index) => _names[Checked(index)];

    /// <summary>Where an image's file is.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The index is not in 0 … <see cref="Count"/> − 1.</exception>
    public string PathOf(int index) => Path.Combine(Root, _names[Checked(index)]);

    /// <inheritdoc />
    public long SizeOf(int index) => ImageFileReader.SizeOf(PathOf(index));

    /// <inheritdoc />
    public void ReadEncoded(int index, EncodedBuffer buffer) => ImageFileReader.Read(PathOf(index), buffer);

    private static void RefuseWrongLayout(string root, FolderScan scan)
    {
        if (scan.Loose.Count > 0)
        {
            string beside = scan.Folders.Count == 0 ? "and no folder" : $"beside {scan.Folders.Count} folders";
            throw new InvalidInputException(
                $"Expected {Layout} in '{root}', found {NumberText.Counted(scan.Loose.Count, "image")} outside any class folder ({NameList.Of(scan.Loose)}) " +
                $"{beside}. Move them into a folder named after their class.");
        }
        if (scan.Folders.Count == 0)
        {
            throw new InvalidInputException(
                $"Expected {Layout} in '{root}', found no folder and {Others(scan)}. Make a folder for each class and put " +
                "its images there.");
        }
    }

    private static void RefuseEmptyClasses(string root, FolderScan scan)
    {
        if (scan.Empty.Count == 0) return;
        var others = scan.LeftOut.ToImmutable().Where(one => one.Reason == LeftOutReason.OtherFormat).ToList();
        throw new InvalidInputException(
            $"Expected {Layout} in '{root}', found no image ({ImageFiles.ExtensionList}) in {NameList.Of(scan.Empty)}. Add images or " +
            $"remove the folder.{(others.Count == 0 ? "" : $" {others[0]}")}");
    }

    // 'cat' and 'cat ' look the same to people, and so do they in a list of classes.
    private static void RefuseOneClassInTwoFolders(string root, FolderScan scan)
    {
        foreach (var same in scan.Folders.GroupBy(folder => folder.Trim(), StringComparer.Ordinal).Where(group => group.Count() > 1))
        {
            throw new InvalidInputException(
                $"Expected a folder for each class in '{root}', found {NameList.Of([.. same])}, whose names differ only in blanks. Put " +
                "their images into one folder, or give them names that differ.");
        }
    }

    private static string Others(FolderScan scan)
    {
        int count = scan.LeftOut.ToImmutable().Where(one => one.Reason != LeftOutReason.Hidden).Sum(one => one.Count);
        return count == 1 ? "1 other file" : $"{count} other files";
    }

    private static int[] LabelsIn(ClassList known, string root, FolderScan scan, List<string> remarks)
    {
        var places = new ClassPlaces(known);
        int?[] labels = [.. scan.Folders.Select(places.Find)];
        string[] unknown = [.. scan.Folders.Where((_, i) => labels[i] is null)];
        if (unknown.Length > 0)
        {
            throw new InvalidInputException(
                $"Expected folders named after the {known.Names.Length} known classes in '{root}', found {NameList.Of(unknown)}, not among " +
                "them. Rename or remove what is wrong, or train with those classes too.");
        }

        foreach (var same in scan.Folders.Zip(labels).GroupBy(pair => pair.Second!.Value).Where(group => group.Count() > 1))
        {
            throw new InvalidInputException(
                $"Expected one folder for the class {OneLine.Quote(known.Names[same.Key])} in '{root}', found " +
                $"{NameList.Of([.. same.Select(pair => pair.First)])}. Put their images into one, or rename what is another class.");
        }

        foreach (var (folder, label) in scan.Folders.Zip(labels))
        {
            if (!places.IsExact(folder, label!.Value))
                remarks.Add($"The folder {OneLine.Quote(folder)} is taken for the class {OneLine.Quote(known.Names[label.Value])}.");
        }

        if (scan.Names.Count == 0)
        {
            throw new InvalidInputException(
                $"Expected {Layout} in '{root}', found {scan.Folders.Count} folders without any image ({ImageFiles.ExtensionList}). Add " +
                "images.");
        }
        return [.. labels.Select(label => label!.Value)];
    }

    private int Checked(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        return index;
    }
}
