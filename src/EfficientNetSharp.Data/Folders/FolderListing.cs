using System.IO.Enumeration;

namespace EfficientNetSharp.Data.Folders;

/// <summary>One thing in a folder: a file, or a folder or a link to one.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsFolder">Whether it is a folder.</param>
/// <param name="IsHidden">Whether it is no part of a dataset: hidden, or made by a system for itself (<see cref="SystemNames"/>).</param>
internal readonly record struct FolderEntry(string Name, bool IsFolder, bool IsHidden = false);

/// <summary>Lists a folder's entries, hidden ones too, in whatever order the file system has them.</summary>
internal delegate IEnumerable<FolderEntry> FolderLister(string folder);

/// <summary>Looks at folders of the file system; turns its failures into messages for people.</summary>
internal static class FolderListing
{
    /// <summary>The lister of the real file system.</summary>
    public static IEnumerable<FolderEntry> OfFileSystem(string folder) =>
        new FileSystemEnumerable<FolderEntry>(
            folder,
            (ref entry) => new FolderEntry(
                entry.FileName.ToString(), entry.IsDirectory, SystemNames.Contains(entry.FileName) || entry.IsHidden),
            new EnumerationOptions { AttributesToSkip = 0, IgnoreInaccessible = false });

    /// <summary>The entries of a folder that are not hidden, by name.</summary>
    /// <exception cref="InvalidInputException">The folder cannot be listed.</exception>
    public static FolderEntry[] Visible(string folder, FolderLister lister) =>
        [.. Sorted(folder, lister).Where(entry => !entry.IsHidden)];

    /// <summary>All entries of a folder by name.</summary>
    /// <exception cref="InvalidInputException">The folder cannot be listed.</exception>
    public static FolderEntry[] Sorted(string folder, FolderLister lister)
    {
        FolderEntry[] entries = Guard(folder, () => lister(folder).ToArray());
        Array.Sort(entries, (a, b) => CodePointOrder.Instance.Compare(a.Name, b.Name));
        return entries;
    }

    /// <summary>Whether a folder has folders in it; looks no further than the first.</summary>
    /// <exception cref="InvalidInputException">The folder cannot be listed.</exception>
    public static bool HoldsFolders(string folder, FolderLister lister) =>
        Guard(folder, () => lister(folder).Any(entry => entry is { IsFolder: true, IsHidden: false }));

    /// <summary>Requires a folder at a path that a person gave.</summary>
    /// <exception cref="InvalidInputException">There is a file or nothing.</exception>
    public static void Require(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        if (Directory.Exists(path)) return;
        string found = File.Exists(path) ? "a file" : "nothing";
        throw new InvalidInputException(
            $"Expected a dataset folder at '{path}', " +
            $"found {found}. Give the folder that holds one folder per class.");
    }

    /// <summary>
    /// The path of an existing folder with every link in it resolved, so that two ways to one folder compare equal.
    /// </summary>
    public static string RealPath(string folder)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        string? parent = Path.GetDirectoryName(full);
        if (parent is null) return full;
        string path = Path.Combine(RealPath(parent), Path.GetFileName(full));
        // The recursion ends because the system has followed the same links to find that the folder exists.
        return Directory.ResolveLinkTarget(path, returnFinalTarget: true) is { } target ? RealPath(target.FullName) : path;
    }

    private static T Guard<T>(string folder, Func<T> list)
    {
        try
        {
            return list();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException(
                $"Expected a readable folder at '{folder}', " +
                $"but it cannot be listed ({failure.Message.TrimEnd('.')}). Check the path and its permissions.", failure);
        }
    }
}
