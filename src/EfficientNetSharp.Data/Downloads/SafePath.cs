using EfficientNetSharp.Files;

namespace EfficientNetSharp.Data.Downloads;

/// <summary>Where a member of an archive may be written: below the folder that it is unpacked into, and nowhere else.</summary>
internal static class SafePath
{
    /// <summary>The file to write for a member's name.</summary>
    /// <param name="folder">The folder, as a full path.</param>
    /// <param name="name">The member's name, with <c>/</c> or <c>\</c> between its parts.</param>
    /// <param name="archive">The archive, in messages.</param>
    /// <exception cref="InvalidInputException">The name leads out of the folder or is none.</exception>
    public static string Of(string folder, string name, string archive)
    {
        string[] parts = [.. name.Split('/', '\\').Where(part => part is not ("" or "."))];
        bool isRooted = name is ['/' or '\\', ..] || (name.Length > 1 && name[1] == ':');
        if (isRooted || parts.Length == 0
            || parts.Any(
                part => part == ".." || part.Contains('\0', StringComparison.Ordinal) || part.Contains(':', StringComparison.Ordinal)))
            throw DatasetErrors.Unusable(
                archive, $"it would write {OneLine.Quote(name)}, outside of where it is unpacked",
                "do not unpack it, and fetch it from its makers");
        string target = folder;
        foreach (string part in parts)
        {
            target = Path.Combine(target, part);
            // A link in the way would lead the rest of the path elsewhere.
            if (new FileInfo(target).LinkTarget is not null)
            {
                throw DatasetErrors.Unusable(
                    archive, $"it would write {OneLine.Quote(name)} through the link '{target}'", "remove the link");
            }
        }

        return target;
    }
}
