namespace EfficientNetSharp.Imaging.Codecs;

/// <summary>Which files are taken for images when a folder is listed: the one list of extensions.</summary>
public static class ImageFiles
{
    private static readonly string[] Known = [".bmp", ".gif", ".jfif", ".jpe", ".jpeg", ".jpg", ".png", ".webp"];

    // Formats of cameras, telephones, scanners and image editors that people have in their folders and that are not decoded here.
    private static readonly string[] Others =
    [
        ".ai", ".apng", ".arw", ".avif", ".bpg", ".cr2", ".cr3", ".cur", ".dcm", ".dds", ".dib", ".dng", ".emf", ".eps", ".exr", ".hdr",
        ".heic", ".heif", ".hif", ".ico", ".j2k", ".jp2", ".jpf", ".jpx", ".jxl", ".jxr", ".mpo", ".nef", ".orf", ".pbm", ".pcx", ".pgm",
        ".pnm", ".ppm", ".psd", ".raf", ".raw", ".rw2", ".sgi", ".svg", ".tga", ".tif", ".tiff", ".wmf", ".xbm", ".xcf",
    ];

    /// <summary>The extensions with their dot, in lower case, sorted.</summary>
    public static IReadOnlyList<string> Extensions { get; } = Array.AsReadOnly(Known);

    /// <summary>The extensions on one line, for messages.</summary>
    public static string ExtensionList { get; } = string.Join(' ', Known);

    /// <summary>Whether the name ends as an image's does; case does not matter, the content is not looked at.</summary>
    /// <param name="path">A path or a file name.</param>
    public static bool IsImage(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return EndsWithOneOf(path, Known);
    }

    /// <summary>Whether the name ends as that of an image of another format does, which a person would expect to be read.</summary>
    /// <param name="path">A path or a file name.</param>
    public static bool IsOtherImage(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return EndsWithOneOf(path, Others);
    }

    private static bool EndsWithOneOf(string path, string[] extensions)
    {
        var extension = Path.GetExtension(path.AsSpan());
        foreach (string known in extensions)
        {
            if (extension.Equals(known, StringComparison.OrdinalIgnoreCase)) return true;
        }

        return false;
    }
}
