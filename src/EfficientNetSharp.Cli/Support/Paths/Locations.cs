using EfficientNetSharp.Files;

namespace EfficientNetSharp.Cli.Support.Paths;

/// <summary>
/// Whether paths lead to the same place, whatever they are called: relative or not, through <c>..</c>, by symbolic and hard links, in
/// other case where the file system does not tell it apart. What is there is known by the system's number of it; what is not yet there by
/// the nearest folder that is, and the names below.
/// </summary>
internal static class Locations
{
    // Deeper than any system lets folders be nested by name.
    private const int MaxDepth = 4096;

    private static readonly StringComparison Names =
        OperatingSystem.IsLinux() ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;

    /// <summary>Where a path leads: equal for all paths of one file or folder.</summary>
    /// <param name="Identity">
    /// What is there, or the nearest folder above that is; <see langword="null"/> where the system does not tell.
    /// </param>
    /// <param name="At">Its path, where it has no identity.</param>
    /// <param name="Below">The names below it that are not there yet.</param>
    public readonly record struct Place(FileIdentity? Identity, string At, string Below);

    /// <summary>Where a path leads.</summary>
    public static Place Of(string path)
    {
        var (at, below) = Anchor(path);
        var identity = FileEntry.At(at).Identity;
        return new Place(identity, identity is null ? Plain(at) : "", Plain(below));

        static string Plain(string name) => Names == StringComparison.Ordinal ? name : name.ToUpperInvariant();
    }

    /// <summary>Whether a path lies in a folder, however deep.</summary>
    public static bool IsWithin(string path, string folder)
    {
        var entry = FileEntry.At(folder);
        if (entry.Kind != FileKind.Folder) return false;
        var (at, below) = Anchor(path);
        // The path itself does not lie in itself.
        if (below.Length == 0)
        {
            if (Path.GetDirectoryName(at) is not { } above) return false;
            at = above;
        }

        if (entry.Identity is not { } identity)
        {
            string whole = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
            return string.Equals(at, whole, Names) || at.StartsWith(whole + Path.DirectorySeparatorChar, Names);
        }

        // The system's own '..' leads up where the files lie, and not where a link to them does.
        var here = FileEntry.At(at).Identity;
        for (int depth = 0; depth < MaxDepth && here is not null; depth++)
        {
            if (here == identity) return true;
            at = Path.Join(at, "..");
            var above = FileEntry.At(at).Identity;
            if (above == here) return false;
            here = above;
        }

        return false;
    }

    // The part of a path that is there, and the names below it that are not. What is there is found by the system, which follows a link
    // before the '..' behind it; what is to be made is made where .NET's full path says.
    private static (string At, string Below) Anchor(string path)
    {
        string there = Path.TrimEndingDirectorySeparator(Path.Combine(Environment.CurrentDirectory, path));
        if (FileEntry.At(there).Kind != FileKind.Missing) return (there, "");
        string at = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)), below = "";
        while (FileEntry.At(at).Kind == FileKind.Missing && Path.GetDirectoryName(at) is { } above)
        {
            below = Path.Join(Path.GetFileName(at), below);
            at = above;
        }

        return (at, below);
    }
}
