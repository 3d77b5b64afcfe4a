using EfficientNetSharp.Files;

namespace EfficientNetSharp.Recognition.Embedded;

/// <summary>
/// Files that stay open after somebody deleted or replaced them go on taking what is written, and nobody ever finds it again.
/// </summary>
internal static class InPlace
{
    /// <summary>Makes sure that a file is still where it was opened.</summary>
    /// <param name="path">The file.</param>
    /// <param name="identity">Which file it was; <see langword="null"/> where the system does not tell.</param>
    /// <exception cref="GalleryUnavailableException">It is gone, or another is in its place.</exception>
    public static void Ensure(string path, FileIdentity? identity)
    {
        var now = FileEntry.At(path);
        if (now.Kind == FileKind.File && (identity is null || now.Identity == identity)) return;
        throw new GalleryUnavailableException(
            Path.GetDirectoryName(path)!,
                $"its {Path.GetFileName(path)} was {(now.Kind == FileKind.Missing ? "removed" : "replaced")} while it was open; put it back and try again");
    }

    /// <summary>Makes sure that a database is the gallery's that was opened.</summary>
    /// <exception cref="GalleryUnavailableException">It is another's.</exception>
    public static void EnsureKey(string folder, Guid key, GalleryState state)
    {
        if (state.Key != key) throw new GalleryUnavailableException(folder, "another gallery has taken its place; open it again");
    }
}
