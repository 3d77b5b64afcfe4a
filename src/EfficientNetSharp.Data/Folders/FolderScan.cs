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

    /// <summary>Files that are not images, in the root and below it.</summary>
    public int Ignored { get; private set; }

    /// <summary>Looks at the root and everything below it.</summary>
    public static FolderScan Of(string root, FolderLister lister)
    {
        var scan = new FolderScan(lister);
        // A link back to the root or above it would make a class of the whole dataset.
        var above = Ancestors(FolderListing.RealPath(root));
        foreach (var entry in FolderListing.Sorted(root, lister))
        {
            if (entry.IsFolder) scan.ReadClass(root, entry.Name, above);
            else if (ImageFiles.IsImage(entry.Name)) scan.Loose.Add(entry.Name);
            else scan.Ignored++;
        }

        return scan;
    }

    /// <summary>The images in a folder and below it, whatever its folders mean: by folder and then by file name.</summary>
    /// <exception cref="InvalidInputException">There is no such folder, or no image in it.</exception>
    public static IReadOnlyList<string> FindImages(string root)
    {
        if (!Directory.Exists(root))
            throw new InvalidInputException($"Expected an image or a folder of images at '{root}', found nothing.");
        var scan = new FolderScan(FolderListing.OfFileSystem);
        scan.Collect(root, "", []);
        return scan._ofFolder.Count > 0
            ? [.. scan._ofFolder.Select(image => Path.Join(root, image.Folder, image.File))]
            : throw new InvalidInputException($"Expected images ({ImageFiles.ExtensionList}) in the folder '{root}', found none.");
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
            if (entry.IsFolder)
                Walk(Path.Combine(path, entry.Name), relative.Length == 0 ? entry.Name : $"{relative}/{entry.Name}", visited);
            else if (ImageFiles.IsImage(entry.Name)) _ofFolder.Add((relative, entry.Name));
            else Ignored++;
        }

        return true;
    }

    private static ImmutableArray<string> Ancestors(string path)
    {
        var list = ImmutableArray.CreateBuilder<string>();
        for (string? at = path; at is not null; at = Path.GetDirectoryName(at)) list.Add(at);
        return list.ToImmutable();
    }
}
