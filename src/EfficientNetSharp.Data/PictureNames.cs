namespace EfficientNetSharp.Data;

/// <summary>Which files of a folder are taken for pictures. The one place that knows.</summary>
internal static class PictureNames
{
    /// <summary>The endings as messages show them.</summary>
    public const string Endings = ".jpg .jpeg .jpe .png .webp .bmp .gif";

    private static readonly string[] List = Endings.Split(' ');

    /// <summary>Whether the name ends as a picture's does, in upper or lower case.</summary>
    public static bool IsPicture(string path)
    {
        var ending = Path.GetExtension(path.AsSpan());
        foreach (string known in List)
        {
            if (ending.Equals(known, StringComparison.OrdinalIgnoreCase)) return true;
        }
        return false;
    }
}
