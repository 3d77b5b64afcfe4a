using System.Collections.Immutable;
using EfficientNetSharp.Imaging.Codecs;

namespace EfficientNetSharp.Data.Folders;

/// <summary>
/// What a folder of class folders holds. The order is torchvision's <c>ImageFolder</c>'s: classes by name, within a class by
/// folder and then by file name, all by code point.
/// </summary>
internal sealed class FolderScan
{
    private readonly FolderLister _lister;
    private readonly List<(string Folder, string File)> _ofFolder = [];

    private FolderScan(FolderLister lister) => _lister = lister;

    /// <summary>The class folders found.</summary>
    public List<string> Folders { get; } = [];

    /// <summary>Class folders without an image in them.</summary>
    public List<string> Empty { get; } = [];

    /// <summary>Images directly in the root.</summary>
    public List<string> Loose { get; } = [];

    /// <summary>Relative paths of the images.</summary>
    public List<string> Names { get; } = [];

    /// <summary>For each image the position of its folder in <see cref="Folders"/>.</summary>
    public List<int> FolderOf { get; } = [];

    /// <summary>What is no image of a class, in the root and below it, by paths relative to the root.</summary>
    public LeftOutCollector LeftOut { get; } = new();

    /// <summary>Looks at the root and everything below it.</summary>
    public static FolderScan Of(string root, FolderLister lister)
    {
        var scan = new FolderScan(lister);
        // A link back to the root or above it would make a class of the whole dataset.
        var above = Ancestors(FolderListing.RealPath(root));
        foreach (var entry in FolderListing.Sorted(root, lister))
        {
            if (entry.IsHidden) scan.LeaveOut("", entry);
            else if (entry.IsFolder) scan.ReadClass(root, entry.Name, above);
            else if (ImageFiles.IsImage(entry.Name)) scan.Loose.Add(entry.Name);
            else scan.LeaveOut("", entry);
        }

        return scan;
    }

    /// <summary>The images in a folder and below it, whatever its folders mean: by folder and then by file name.</summary>
    /// <param name="root">A folder.</param>
    /// <param name="leftOut">Receives what is no image, by its path.</param>
    /// <exception cref="InvalidInputException">There is no such folder, or no image in it.</exception>
    public static IReadOnlyList<string> FindImages(string root, LeftOutCollector leftOut)
    {
        if (!Directory.Exists(root))
            throw new InvalidInputException($"Expected an image or a folder of images at '{root}', found nothing.");
        var scan = new FolderScan(FolderListing.OfFileSystem);
        scan.Collect(root, "", []);
        var others = scan.LeftOut.ToImmutable();
        if (scan._ofFolder.Count == 0)
        {
            string found = others.IsEmpty ? "none" : $"none. {string.Join(' ', others)}";
            throw new InvalidInputException($"Expected images ({ImageFiles.ExtensionList}) in the folder '{root}', found {found}");
        }

        leftOut.Add(others, Path.TrimEndingDirectorySeparator(root));
        return [.. scan._ofFolder.Select(image => Path.Join(root, image.Folder, image.File))];
    }

    /// <summary>The images in a folder and below it, as folders relative to it and file names.</summary>
    public static IReadOnlyList<(string Folder, string File)> ListImages(string root, FolderLister lister)
    {
        var scan = new FolderScan(lister);
        scan.Collect(root, "", []);
        return scan._ofFolder;
    }

    /// <summary>Whether there is an image in a folder or below it; looks no further than the first.</summary>
    public static bool HoldsImage(string folder, FolderLister lister) => HoldsImage(folder, lister, []);

    private static bool HoldsImage(string folder, FolderLister lister, HashSet<string> visited)
    {
        if (!visited.Add(FolderListing.RealPath(folder))) return false;
        var entries = FolderListing.Visible(folder, lister);
        return entries.Any(entry => !entry.IsFolder && ImageFiles.IsImage(entry.Name))
            || entries.Any(entry => entry.IsFolder && HoldsImage(Path.Combine(folder, entry.Name), lister, visited));
    }

    private void ReadClass(string root, string name, IEnumerable<string> above)
    {
        // Each real folder counts once per class, however many links lead to it: loops end, and images are not doubled.
        if (!Collect(Path.Combine(root, name), name, [.. above])) return;
        foreach (var (folder, file) in _ofFolder)
        {
            Names.Add($"{folder}/{file}");
            FolderOf.Add(Folders.Count);
        }

        if (_ofFolder.Count == 0) Empty.Add(name);
        Folders.Add(name);
    }

    /// <summary>Collects the images in and below a folder in their order; false where the folder was visited before.</summary>
    private bool Collect(string path, string relative, HashSet<string> visited)
    {
        _ofFolder.Clear();
        if (!Walk(path, relative, visited)) return false;
        _ofFolder.Sort((a, b) =>
        {
            int byFolder = CodePointOrder.Instance.Compare(a.Folder, b.Folder);
            return byFolder != 0 ? byFolder : CodePointOrder.Instance.Compare(a.File, b.File);
        });
        return true;
    }

    private bool Walk(string path, string relative, HashSet<string> visited)
    {
        if (!visited.Add(FolderListing.RealPath(path))) return false;
        foreach (var entry in FolderListing.Sorted(path, _lister))
        {
            if (entry.IsHidden) LeaveOut(relative, entry);
            else if (entry.IsFolder)
                Walk(Path.Combine(path, entry.Name), relative.Length == 0 ? entry.Name : $"{relative}/{entry.Name}", visited);
            else if (ImageFiles.IsImage(entry.Name)) _ofFolder.Add((relative, entry.Name));
            else LeaveOut(relative, entry);
        }

        return true;
    }

    /// <summary>Why a file that belongs to no class, or a hidden folder, is left out.</summary>
    public static LeftOutReason ReasonFor(FolderEntry entry) =>
        entry.IsHidden ? LeftOutReason.Hidden
        : ImageFiles.IsImage(entry.Name) ? LeftOutReason.Unlabelled
        : ImageFiles.IsOtherImage(entry.Name) ? LeftOutReason.OtherFormat
        : LeftOutReason.NotImage;

    private void LeaveOut(string folder, FolderEntry entry) =>
        LeftOut.Add(ReasonFor(entry), $"{(folder.Length == 0 ? "" : $"{folder}/")}{entry.Name}{(entry.IsFolder ? "/" : "")}");

    private static ImmutableArray<string> Ancestors(string path)
    {
        var list = ImmutableArray.CreateBuilder<string>();
        for (string? at = path; at is not null; at = Path.GetDirectoryName(at)) list.Add(at);
        return list.ToImmutable();
    }
}
