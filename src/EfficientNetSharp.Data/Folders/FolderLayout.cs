using System.Collections.Immutable;
using System.Text.RegularExpressions;
using EfficientNetSharp.Imaging.Codecs;

namespace EfficientNetSharp.Data.Folders;

/// <summary>
/// What the folders in a folder are: parts of a dataset (<c>train/</c>, <c>val/</c>, <c>test/</c>, each with class folders), or classes.
/// </summary>
/// <remarks>
/// Parts are told by their names and by what lies in them. They are parts if all of them are called as parts are, or if the training part
/// and another have class folders. Where images lie directly in a folder called so, as in those beside it, it is a class: <c>valid</c>
/// beside <c>invalid</c>, images of trains beside images of cars. What could be either is refused.
/// </remarks>
internal sealed partial class FolderLayout
{
    private const int MaxWrapping = 4;

    // Folders that people and archives put around the class folders of a part.
    private static readonly string[] Wrappers = ["images", "image", "imgs", "img", "data", "dataset", "classes", "archive"];

    private readonly string _path;
    private readonly ILookup<string, string> _folders;

    private FolderLayout(string path, ILookup<string, string> folders) => (_path, _folders) = (path, folders);

    /// <summary>Whether the folders are parts; else they are classes.</summary>
    public bool IsDivided { get; private init; }

    /// <summary>Beside parts, the folders that are none.</summary>
    public ImmutableArray<string> Others { get; private init; } = [];

    /// <summary>Classes that are called as parts are.</summary>
    public ImmutableArray<string> ClassesLikeParts { get; private init; } = [];

    /// <summary>Looks at a folder and, where names mean parts, at what their folders have in them.</summary>
    /// <exception cref="InvalidInputException">It cannot be listed, or its folders could be parts as well as classes.</exception>
    public static FolderLayout Of(string path, FolderLister lister)
    {
        string[] names = [.. FolderListing.Visible(path, lister).Where(entry => entry.IsFolder).Select(entry => entry.Name)];
        var partOf = PartsOf(names);
        var folders = names.ToLookup(name => partOf.GetValueOrDefault(name, ""));
        if (partOf.Count == 0) return new FolderLayout(path, folders);
        // A part has class folders in it, a class has images.
        var divided = partOf.Keys.Where(name => HoldsClassFolders(Path.Combine(path, name), lister)).ToHashSet();
        string[] others = [.. folders[""]];
        string[] rivals = [.. others.Where(name => FolderScan.HoldsImage(Path.Combine(path, name), lister))];
        bool isDivided = rivals.Length == 0 || (divided.Count > 0 && partOf.Values.Distinct().Count() > 1);
        if (!isDivided && divided.Count > 0)
        {
            throw new InvalidInputException(
                $"Expected parts or classes in '{path}', found {NameList.Of([.. divided])} with folders in it, as a part has, and " +
                $"{NameList.Of(rivals)} beside it. If it is a part, move the others out of '{path}'; if it is a class, give its folder a " +
                "name that is no part's.");
        }

        return new FolderLayout(path, folders)
        {
            IsDivided = isDivided,
            Others = isDivided ? [.. others] : [],
            ClassesLikeParts = isDivided ? [] : [.. partOf.Keys.Order(CodePointOrder.Instance)],
        };
    }

    /// <summary>Whether there is a folder of the training part that has class folders in it, whatever lies beside it.</summary>
    /// <exception cref="InvalidInputException">The folder cannot be listed.</exception>
    public static bool HasTrainingFolder(string path, FolderLister lister) =>
        FolderListing.Visible(path, lister).Any(entry => entry.IsFolder && PartNames.Read(entry.Name).Part == PartNames.Train
            && HoldsClassFolders(Path.Combine(path, entry.Name), lister));

    /// <summary>Whether a name is one that people give to the folder of all images, and not to a class.</summary>
    public static bool IsWrapper(string name) => Wrappers.Contains(name, StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Whether folders are pieces of one set that was cut by size, as <c>images_part_1</c> and <c>images_part_2</c>: they are called alike
    /// but for a number, and by words that say nothing of what is in them. They are no classes.
    /// </summary>
    public static bool ArePieces(IReadOnlyCollection<string> names) =>
        names.Count > 1 && names.All(name => name.Any(char.IsAsciiDigit) && PieceWord().IsMatch(name))
        && names.Select(name => string.Concat(name.Where(c => !char.IsAsciiDigit(c)))).Distinct(StringComparer.Ordinal).Count() == 1;

    [GeneratedRegex("(?<![a-z])(parts?|pieces?|folds?|batch|chunks?|images?|imgs?|folder|dataset)(?![a-z])", RegexOptions.IgnoreCase)]
    private static partial Regex PieceWord();

    /// <summary>The folder of a part; <see langword="null"/> where there is none.</summary>
    /// <param name="part">One of <see cref="PartNames"/>.</param>
    /// <param name="lister">Lists folders.</param>
    /// <exception cref="InvalidInputException">There are several.</exception>
    public string? FolderOf(string part, FolderLister lister)
    {
        string[] found = [.. _folders[part]];
        if (found.Length < 2) return found.Length == 0 ? null : UnwrapPart(Path.Combine(_path, found[0]), lister);
        throw new InvalidInputException(
            $"Expected one folder of the part '{part}' (such as {NameList.Of(PartNames.WordsOf(part))}) in '{_path}', found " +
            $"{NameList.Of(found)}. Keep one of them.");
    }

    /// <summary>
    /// The folder and, from the outside in, those that only wrap another: an archive unpacks to one folder, which may have another in it. A
    /// part's folder is no wrapping.
    /// </summary>
    public static IEnumerable<string> Unwrap(string path, FolderLister lister)
    {
        yield return path;
        for (int depth = 0; depth < MaxWrapping && OnlyFolder(path, lister) is { } name && PartNames.OfName(name) is null; depth++)
        {
            path = Path.Combine(path, name);
            yield return path;
        }
    }

    // seg_train/seg_train/, train/images/: the class folders lie in the inner one.
    private static string UnwrapPart(string path, FolderLister lister)
    {
        for (int depth = 0; depth < MaxWrapping && OnlyFolder(path, lister) is { } name; depth++)
        {
            string inside = Path.Combine(path, name);
            if (!Wraps(path, name) || !FolderListing.HoldsFolders(inside, lister)) break;
            path = inside;
        }

        return path;
    }

    /// <summary>Whether a part has class folders in it; a single folder of all its images is none.</summary>
    /// <exception cref="InvalidInputException">It cannot be listed.</exception>
    public static bool HoldsClassFolders(string part, FolderLister lister)
    {
        part = UnwrapPart(part, lister);
        return FolderListing.HoldsFolders(part, lister) && (OnlyFolder(part, lister) is not { } only || !Wraps(part, only));
    }

    // A folder in a part that is called as the part is, or as folders of all images are.
    private static bool Wraps(string part, string name) => name == Path.GetFileName(part) || IsWrapper(name)
        || (PartNames.Read(name).Part is { } inner && inner == PartNames.Read(Path.GetFileName(part)).Part);

    // The folder that has everything, where no image lies beside it.
    private static string? OnlyFolder(string path, FolderLister lister)
    {
        var entries = FolderListing.Visible(path, lister);
        if (entries.Any(entry => !entry.IsFolder && ImageFiles.IsImage(entry.Name))) return null;
        string[] folders = [.. entries.Where(entry => entry.IsFolder).Select(entry => entry.Name)];
        return folders.Length == 1 ? folders[0] : null;
    }

    // Names that mean a part by themselves, and those that mean one together: seg_train and seg_test.
    private static Dictionary<string, string> PartsOf(string[] names)
    {
        var parts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var group in names.Select(name => (Name: name, Words: PartNames.Read(name))).Where(one => one.Words.Part is not null)
            .GroupBy(one => one.Words.Others, StringComparer.Ordinal))
        {
            if (group.Key.Length > 0 && group.Select(one => one.Words.Part).Distinct().Count() < 2) continue;
            foreach (var (name, words) in group) parts.Add(name, words.Part!);
        }

        return parts;
    }
}
