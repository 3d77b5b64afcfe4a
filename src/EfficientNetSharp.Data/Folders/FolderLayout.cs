using System.Collections.Immutable;

namespace EfficientNetSharp.Data.Folders;

/// <summary>
/// What the folders in a folder are: parts of a dataset (<c>train/</c>, <c>val/</c>, <c>test/</c>, each with class folders), or classes.
/// </summary>
/// <remarks>
/// They are parts if one of them is called as a training part is and has folders in it, or if all of them are called as parts are. So
/// <c>valid</c> beside <c>invalid</c> is a class, and images of trains beside images of cars are one; <c>train/</c> with images beside
/// <c>val/</c> is a part, and wrong.
/// </remarks>
internal sealed class FolderLayout
{
    private readonly string _path;
    private readonly ILookup<string, string> _folders;

    private FolderLayout(string path, ILookup<string, string> folders, bool hasTrainingClasses)
    {
        _path = path;
        _folders = folders;
        HasTrainingClasses = hasTrainingClasses;
        Others = [.. folders[""]];
    }

    /// <summary>Whether the training folder has class folders.</summary>
    public bool HasTrainingClasses { get; }

    /// <summary>Whether the folders are parts; else they are classes.</summary>
    public bool IsDivided => HasTrainingClasses || (_folders.Count > 0 && Others.IsEmpty);

    /// <summary>The folders that are not called as parts are.</summary>
    public ImmutableArray<string> Others { get; }

    /// <summary>Looks at a folder and at what its training folder has in it.</summary>
    /// <exception cref="InvalidInputException">It cannot be listed.</exception>
    public static FolderLayout Of(string path, FolderLister lister)
    {
        var folders = FolderListing.Sorted(path, lister).Where(entry => entry.IsFolder).Select(entry => entry.Name)
            .ToLookup(name => PartNames.OfWord(name) ?? "");
        bool holdsClasses = folders[PartNames.Train].Any(name => FolderListing.HoldsFolders(Path.Combine(path, name), lister));
        return new FolderLayout(path, folders, holdsClasses);
    }

    /// <summary>The folder of a part; <see langword="null"/> where there is none.</summary>
    /// <param name="part">One of <see cref="PartNames"/>.</param>
    /// <exception cref="InvalidInputException">There are several.</exception>
    public string? FolderOf(string part)
    {
        string[] found = [.. _folders[part]];
        if (found.Length < 2) return found.Length == 0 ? null : Path.Combine(_path, found[0]);
        throw new InvalidInputException(
            $"Expected one of {NameList.Of(PartNames.WordsOf(part))} in '{_path}', found {NameList.Of(found)}. Keep one of them.");
    }
}
