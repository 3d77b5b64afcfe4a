namespace EfficientNetSharp.Imaging.Codecs;

/// <summary>Which files are taken for images when a folder is listed: the one list of extensions.</summary>
public static class ImageFiles
{
    private static readonly string[] Known = [".bmp", ".gif", ".jfif", ".jpe", ".jpeg", ".jpg", ".png", ".webp"];

    /// <summary>The extensions with their dot, in lower case, sorted.</summary>
    public static IReadOnlyList<string> Extensions { get; } = Array.AsReadOnly(Known);

    /// <summary>The extensions on one line, for messages.</summary>
    public static string ExtensionList { get; } = string.Join(' ', Known);

    /// <summary>Whether the name ends as an image's does; case does not matter, the content is not looked at.</summary>
    /// <param name="path">A path or a file name.</param>
    public static bool IsImage(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var extension = Path.GetExtension(path.AsSpan());
        foreach (string known in Known)
        {
            if (extension.Equals(known, StringComparison.OrdinalIgnoreCase)) return true;
        }

        return false;
    }
}
