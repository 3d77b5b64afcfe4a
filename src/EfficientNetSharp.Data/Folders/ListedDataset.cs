using System.Collections.Immutable;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Data.Folders;

/// <summary>An image that a list names.</summary>
/// <param name="Path">Relative to the list's folder, with <c>/</c> between its parts; or absolute.</param>
/// <param name="Label">Its class.</param>
internal readonly record struct ListedImage(string Path, int Label);

/// <summary>Images in files of their own, with labels out of a list, in the list's order.</summary>
internal sealed class ListedDataset : IImageDataset
{
    private readonly string _root;
    private readonly ListedImage[] _images;

    private ListedDataset(string root, ImmutableArray<string> classes, ListedImage[] images)
    {
        _root = root;
        _images = images;
        Classes = classes;
    }

    public int Count => _images.Length;

    public ImmutableArray<string> Classes { get; }

    /// <summary>
    /// Takes those of the listed images whose files are there, and keeps account of the others: copies of published sets often lack
    /// some. An image that is named again with the same label counts once.
    /// </summary>
    /// <param name="parts">The dataset, for its root and what is left out.</param>
    /// <param name="list">The list's name in messages.</param>
    /// <param name="classes">The classes that the labels stand for.</param>
    /// <param name="images">What the list names, labels already checked.</param>
    /// <param name="files">Finds the files; those of the dataset's root by their paths in the list if not given.</param>
    /// <exception cref="InvalidInputException">
    /// None of the files is there, the list names none, or it gives an image two labels.
    /// </exception>
    public static ListedDataset Open(
        DatasetParts parts, string list, ImmutableArray<string> classes, IEnumerable<ListedImage> images, ListedFiles? files = null)
    {
        files ??= new ListedFiles(parts.Root, list, searches: false);
        ListedImage[] named = [.. images];
        var found = new List<ListedImage>();
        var labels = new Dictionary<string, int>(StringComparer.Ordinal);
        var missing = new List<string>();
        foreach (var image in named)
        {
            if (files.Find(image.Path) is not { } path)
            {
                missing.Add(image.Path);
            }
            else if (labels.TryAdd(path, image.Label))
            {
                found.Add(image with { Path = path });
            }
            else if (labels[path] == image.Label)
            {
                parts.LeftOutItems.Add(LeftOutReason.Duplicate, path);
            }
            else
            {
                throw new InvalidInputException(
                    $"Expected one class for each image in '{list}', found {OneLine.Quote(path)} as " +
                    $"{OneLine.Quote(classes[labels[path]])} and as {OneLine.Quote(classes[image.Label])}. Keep the one that is right.");
            }
        }

        if (found.Count == 0)
        {
            string first = named.Length == 0
                ? "it names none"
                : $"none of its {named.Length} is there, the first is {OneLine.Quote(named[0].Path, 200)}{ListedFiles.Hint(named[0].Path)}";
            throw new InvalidInputException(
                $"Expected the images that '{list}' names in '{files.Root}', but {first}. Restore the images or give the folder that " +
                "holds them.");
        }

        if (missing.Count > 0)
        {
            parts.LeftOutOfLists.Add(new LeftOut(LeftOutReason.Missing, [.. missing])
            {
                What = $"of {named.Length} images that '{list}' names and that are not in '{files.Root}'",
            });
        }

        return new ListedDataset(files.Root, classes, [.. found]);
    }

    /// <summary>The images in a folder and below it as one class.</summary>
    /// <param name="root">The folder.</param>
    /// <param name="leftOut">Receives what is no image.</param>
    /// <exception cref="InvalidInputException">There is no image.</exception>
    public static ListedDataset OfFolder(string root, LeftOutCollector leftOut)
    {
        var found = FolderScan.FindImages(root, leftOut);
        return new ListedDataset(
            root, ["images"], [.. found.Select(path => new ListedImage(System.IO.Path.GetRelativePath(root, path).Replace('\\', '/'), 0))]);
    }

    public int LabelOf(int index) => At(index).Label;

    public string NameOf(int index) => At(index).Path;

    public long SizeOf(int index) => ImageFileReader.SizeOf(PathOf(index));

    public void ReadEncoded(int index, EncodedBuffer buffer) => ImageFileReader.Read(PathOf(index), buffer);

    private string PathOf(int index) => System.IO.Path.Combine(_root, At(index).Path);

    private ListedImage At(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        return _images[index];
    }
}
