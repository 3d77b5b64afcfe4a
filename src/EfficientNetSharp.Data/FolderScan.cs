using System.Collections.Immutable;
using EfficientNetSharp.Imaging;

namespace EfficientNetSharp.Data;

/// <summary>
/// What a folder of class folders holds. The order is torchvision's <c>ImageFolder</c>'s: classes by name, within a class by
/// folder and then by file name, all by code point.
/// </summary>
internal sealed class FolderScan
{
    private readonly FolderLister _lister;
    private readonly List<(string Folder, string File)> _ofClass = [];

    public FolderScan(FolderLister lister) => _lister = lister;

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
    public void Read(string root)
    {
        // A link back to the root or above it would make a class of the whole dataset.
        var above = Ancestors(FolderListing.RealPath(root));
        foreach (var entry in FolderListing.Sorted(root, _lister))
        {
            if (entry.IsFolder) ReadClass(root, entry.Name, above);
            else if (ImageFiles.IsImage(entry.Name)) Loose.Add(entry.Name);
            else Ignored++;
        }
    }

    private void ReadClass(string root, string name, IEnumerable<string> above)
    {
        _ofClass.Clear();
        // Each real folder counts once in a class, however many links lead to it: loops end, and images are not doubled.
        if (!Walk(Path.Combine(root, name), name, [.. above])) return;
        _ofClass.Sort((a, b) =>
        {
            int byFolder = CodePointOrder.Instance.Compare(a.Folder, b.Folder);
            return byFolder != 0 ? byFolder : CodePointOrder.Instance.Compare(a.File, b.File);
        });
        foreach (var (folder, file) in _ofClass)
        {
            Names.Add($"{folder}/{file}");
            FolderOf.Add(Folders.Count);
        }
        if (_ofClass.Count == 0) Empty.Add(name);
        Folders.Add(name);
    }

    private bool Walk(string path, string relative, HashSet<string> visited)
    {
        if (!visited.Add(FolderListing.RealPath(path))) return false;
        foreach (var entry in FolderListing.Sorted(path, _lister))
        {
            if (entry.IsFolder) Walk(Path.Combine(path, entry.Name), $"{relative}/{entry.Name}", visited);
            else if (ImageFiles.IsImage(entry.Name)) _ofClass.Add((relative, entry.Name));
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
