using EfficientNetSharp.Imaging;

namespace EfficientNetSharp.Cli.Support;

/// <summary>Pictures as words name them: files, or folders that stand for all pictures in them.</summary>
internal static class PictureArguments
{
    public static List<string> Expand(IEnumerable<string> given) => [.. given.SelectMany(Expand)];

    private static IEnumerable<string> Expand(string path)
    {
        if (!Directory.Exists(path)) return File.Exists(path) ? [path] : throw new InvalidInputException($"There is no picture or folder '{path}'.");
        var pictures = Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Where(PictureFiles.IsPicture).Order(StringComparer.Ordinal).ToList();
        return pictures.Count > 0 ? pictures : throw new InvalidInputException($"The folder '{path}' holds no pictures ({PictureFiles.ExtensionList}).");
    }
}
