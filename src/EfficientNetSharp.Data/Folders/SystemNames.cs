namespace EfficientNetSharp.Data.Folders;

/// <summary>Names of files and folders that nobody put into a dataset: hidden ones, and what systems and programs leave behind.</summary>
internal static class SystemNames
{
    // macOS' archiver, Synology's and QNAP's thumbnails and bins, Windows' bins, indexes and thumbnails, ext's rescued files, Python's
    // cache. Jupyter's .ipynb_checkpoints, macOS' ._ files and .DS_Store, and Linux' .Trash start with a dot.
    private static readonly HashSet<string> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        "__MACOSX", "@eaDir", "@Recycle", "#recycle", "#snapshot", "$RECYCLE.BIN", "RECYCLER", "System Volume Information", "Thumbs.db",
        "ehthumbs.db", "desktop.ini", "Icon\r", "lost+found", "__pycache__",
    };

    public static bool Contains(ReadOnlySpan<char> name) =>
        name is ['.', ..] || Known.GetAlternateLookup<ReadOnlySpan<char>>().Contains(name);
}
