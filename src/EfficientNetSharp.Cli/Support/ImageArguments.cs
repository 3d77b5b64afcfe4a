using EfficientNetSharp.Imaging;

namespace EfficientNetSharp.Cli.Support;

/// <summary>Images as words name them: files, or folders that stand for all images in them.</summary>
internal static class ImageArguments
{
    public static List<string> Expand(IEnumerable<string> given) => [.. given.SelectMany(Expand)];

    private static IEnumerable<string> Expand(string path)
    {
        if (!Directory.Exists(path)) return File.Exists(path) ? [path] : throw new InvalidInputException($"There is no image or folder '{path}'.");
        var images = Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Where(ImageFiles.IsImage).Order(StringComparer.Ordinal).ToList();
        return images.Count > 0 ? images : throw new InvalidInputException($"The folder '{path}' holds no images ({ImageFiles.ExtensionList}).");
    }
}
