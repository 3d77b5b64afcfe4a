using EfficientNetSharp.Files;
using EfficientNetSharp.Imaging.Codecs;

namespace EfficientNetSharp.Data.Folders;

/// <summary>
/// Finds the files that a list names, as lists come: by paths relative to the list's folder; by paths of the machine that it was written
/// on, or by addresses, of which the last parts name a file here; by names without ending; by names of files that lie in a folder below
/// that the list does not name.
/// </summary>
/// <param name="root">The folder that paths are relative to.</param>
/// <param name="list">The list's name in messages.</param>
/// <param name="searches">Whether folders below that the list does not name are looked into.</param>
/// <param name="part">The part that the list is of, where it is of one: of two files of one name, the one in this part's folder is
/// meant.</param>
internal sealed class ListedFiles(string root, string list, bool searches, string? part = null)
{
    // Linux's longest path, and folders deeper than people nest them: each end of a foreign path is looked for, which would cost the square
    // of its length.
    private const int MaxPath = 4096, MaxDepth = 32;

    private readonly Dictionary<string, (HashSet<string> Names, ILookup<string, string> ByStem)> _folders = new(StringComparer.Ordinal);
    private ILookup<string, string>? _byStem;

    /// <summary>The folder that paths are relative to, as a full path.</summary>
    public string Root { get; } = Path.GetFullPath(root);

    /// <summary>The path of a listed file, relative to the root, or absolute as listed; <see langword="null"/> where there is
    /// none.</summary>
    /// <param name="listed">The path in the list.</param>
    /// <exception cref="InvalidInputException">It leads out of the root, or several files are called so.</exception>
    public string? Find(string listed)
    {
        var (path, _) = Read(listed);
        if (LeadsOut(path))
        {
            throw new InvalidInputException(
                $"Expected paths below '{Root}' in '{list}', found {OneLine.Quote(listed)}, which leads out of it. Name the folder that " +
                "holds the images.");
        }

        var found = Candidates(listed);
        return found.Length < 2 ? found.FirstOrDefault() : throw new InvalidInputException(
            $"Expected one image {OneLine.Quote(path)} below '{Root}', which '{list}' names, found {NameList.Of(found)}. Write the whole " +
            "path into the list, or move the others away.");
    }

    /// <summary>Whether a cell of the list names a file, or several.</summary>
    public bool Contains(string cell) => !string.IsNullOrWhiteSpace(cell) && !LeadsOut(Read(cell).Path) && Candidates(cell).Length > 0;

    private string[] Candidates(string listed)
    {
        if (listed.Length > MaxPath) return [];
        var (path, isForeign) = Read(listed);
        if (!isForeign) return Present(path) is { Length: > 0 } direct ? direct : Below(path);
        if (Path.IsPathRooted(listed) && Present(listed) is { Length: > 0 } here) return here;
        // The longest end of a foreign path that is here: what stands before it is another machine's.
        int skipped = path.AsSpan().Count('/') - MaxDepth;
        for (int cut = 0; cut >= 0; cut = path.IndexOf('/', cut) is >= 0 and var next ? next + 1 : -1)
        {
            if (skipped-- > 0) continue;
            if (Present(path[cut..]) is { Length: > 0 } found) return found;
        }

        return Below(path[(path.LastIndexOf('/') + 1)..]);
    }

    private static bool LeadsOut(string path) => path.Split('/').Contains("..");

    /// <summary>Why a path may not have been found, to follow it in a message.</summary>
    public static string Hint(string listed) =>
        listed.Contains("://", StringComparison.Ordinal) ? " (an address; nothing is fetched: download the images)" : "";

    // Windows' separators, a leading ./, and what comes before the path of an address or of another machine.
    private static (string Path, bool IsForeign) Read(string listed)
    {
        int scheme = listed.IndexOf("://", StringComparison.Ordinal);
        if (scheme > 0)
        {
            string address = listed[(scheme + 3)..];
            int end = address.AsSpan().IndexOfAny('?', '#');
            address = Uri.UnescapeDataString(end < 0 ? address : address[..end]);
            return (address.TrimStart('/'), true);
        }

        string path = listed.Replace('\\', '/');
        bool hasDrive = path is [_, ':', '/', ..] && char.IsAsciiLetter(path[0]);
        bool isForeign = hasDrive || path.StartsWith('/');
        if (hasDrive) path = path[3..];
        path = path.TrimStart('/');
        while (path.StartsWith("./", StringComparison.Ordinal)) path = path[2..];
        return (path, isForeign);
    }

    // The file at a path below the root, or those that are called so before their endings.
    private string[] Present(string path)
    {
        int cut = path.LastIndexOf('/');
        string folder = cut < 0 ? "" : path[..(cut + 1)], name = path[(cut + 1)..];
        if (name.Length == 0) return [];
        if (!_folders.TryGetValue(folder, out var files))
        {
            string full = Path.Combine(Root, folder);
            string[] present = Directory.Exists(full)
                ? [.. Directory.EnumerateFiles(full).Select(file => Path.GetFileName(file)).Where(file => !SystemNames.Contains(file))]
                : [];
            files = (present.ToHashSet(StringComparer.Ordinal),
                present.Where(ImageFiles.IsImage).ToLookup(file => Path.GetFileNameWithoutExtension(file), StringComparer.Ordinal));
            _folders.Add(folder, files);
        }

        if (files.Names.Contains(name)) return [folder + name];
        return [.. files.ByStem[name].Order(StringComparer.Ordinal).Select(file => folder + file)];
    }

    // In some folder below the root, whose name the list does not give.
    private string[] Below(string path)
    {
        if (!searches) return [];
        _byStem ??= FolderScan.ListImages(Root, FolderListing.OfFileSystem).Where(image => image.Folder.Length > 0)
            .ToLookup(
                image => Path.GetFileNameWithoutExtension(image.File), image => $"{image.Folder}/{image.File}", StringComparer.Ordinal);
        string name = path[(path.LastIndexOf('/') + 1)..];
        string[] found =
        [
            .. _byStem[Path.GetFileNameWithoutExtension(name)].Where(file => file.EndsWith($"/{path}", StringComparison.Ordinal)),
        ];
        if (found.Length == 0)
            found = [.. _byStem[name].Where(file => Path.ChangeExtension(file, null).EndsWith($"/{path}", StringComparison.Ordinal))];
        string[] ofPart = part is null ? [] : [.. found.Where(file => PartNames.Read(file.Split('/')[0]).Part == part)];
        return found.Length > 1 && ofPart.Length == 1 ? ofPart : found;
    }
}
