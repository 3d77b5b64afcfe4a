using EfficientNetSharp.Files;

namespace EfficientNetSharp.Recognition.Embedded;

/// <summary>Making and finding the folder of an embedded gallery.</summary>
internal static class GalleryFolder
{
    public const string DatabaseName = "gallery.db";

    public static string DatabaseOf(string folder) => Path.Combine(folder, DatabaseName);

    public static bool IsGallery(string folder) => File.Exists(DatabaseOf(folder));

    /// <summary>
    /// Makes a gallery without embeddings. It is made under another name, brought to disk and renamed, so that a folder of the name is a
    /// whole gallery.
    /// </summary>
    /// <exception cref="InvalidInputException">Something is there already, or no folder can be made there.</exception>
    /// <exception cref="WriteFailedException">Making it failed.</exception>
    /// <param name="folder">Its folder.</param>
    /// <param name="description">What it is made for.</param>
    /// <param name="key">Tells it apart from all other galleries, and from a copy of the same name; nothing depends on which it is.</param>
    public static void Create(string folder, GalleryDescription description, Guid key)
    {
        description.Check();
        OutputFolder.EnsureWritable(folder);
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)), above = Path.GetDirectoryName(full)
            ?? throw new InvalidInputException($"A gallery is expected to be a folder of its own, found '{folder}'; name another.");
        if (IsGallery(full))
            throw new InvalidInputException($"There is a gallery in '{folder}' already; enroll into it, or name another folder.");
        if (Directory.Exists(full) && Directory.EnumerateFileSystemEntries(full).Any())
            throw new InvalidInputException(
                $"A new folder is expected for a gallery, found other files in '{folder}'; name another folder.");
        string temporary = Path.Combine(above, $".{Path.GetFileName(full)}.{Path.GetRandomFileName()}.tmp");
        try
        {
            Directory.CreateDirectory(temporary);
            var layout = new BlockLayout(description.Fingerprint.Length, description.Precision);
            VectorFile.Create(Path.Combine(temporary, VectorFile.NameOf(1)), layout, key, 1);
            GalleryConnection.Create(DatabaseOf(temporary), description, key, 1);
            FolderFlush.Run(temporary);
            if (Directory.Exists(full)) Directory.Delete(full);
            Directory.Move(temporary, full);
            FolderFlush.Run(above);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or Microsoft.Data.Sqlite.SqliteException)
        {
            if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
            if (IsGallery(full)) throw new InvalidInputException(
                $"There is a gallery in '{folder}' already; enroll into it, or name another folder.", e);
            throw new WriteFailedException(folder, e);
        }
    }

    /// <summary>Makes sure that a folder is a gallery.</summary>
    /// <exception cref="InvalidInputException">It is not; the message says what is there and what to do.</exception>
    public static void EnsureGallery(string folder)
    {
        if (string.IsNullOrWhiteSpace(folder) || folder.Contains('\0'))
            throw new InvalidInputException("A gallery is expected to be named by its folder, found nothing; name it.");
        if (IsGallery(folder)) return;
        string found = Directory.Exists(folder) ? "a folder that is none"
            : File.Exists(folder) ? "a file"
            : "nothing of that name";
        throw new InvalidInputException(
            $"A gallery is expected at '{folder}', found {found}; make one with 'effnet gallery create', or check the name.");
    }
}
