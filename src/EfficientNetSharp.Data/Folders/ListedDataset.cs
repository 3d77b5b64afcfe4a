using System.Collections.Immutable;

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
    /// Takes those of the listed images whose files are there, and warns of the others: copies of published sets often lack
    /// some.
    /// </summary>
    /// <param name="parts">The dataset, for its root and warnings.</param>
    /// <param name="list">The list's name in messages.</param>
    /// <param name="classes">The classes that the labels stand for.</param>
    /// <param name="images">What the list names, labels already checked.</param>
    /// <param name="root">The folder that paths are relative to; the dataset's root if not given.</param>
    /// <exception cref="InvalidInputException">None of the files is there, or the list names none.</exception>
    public static ListedDataset Open(
        DatasetParts parts, string list, ImmutableArray<string> classes, IEnumerable<ListedImage> images, string? root = null)
    {
        root = System.IO.Path.GetFullPath(root ?? parts.Root);
        ListedImage[] named = [.. images];
        if (named.FirstOrDefault(image => image.Path.Split('/').Contains("..")) is { Path: { } outside })
        {
            throw new InvalidInputException(
                $"Expected paths below '{root}' in '{list}', found '{Files.OneLine.Clean(outside)}', which leads out of it. Name the " +
                "folder that holds the images.");
        }
        var present = new PresentFiles(root);
        ListedImage[] found = [.. named.Where(image => present.Contains(image.Path))];
        if (found.Length == 0)
        {
            string first = named.Length == 0 ? "it names none" : $"none of its {named.Length} is there, the first is '{named[0].Path}'";
            throw new InvalidInputException(
                $"Expected the images that '{list}' names in '{root}', but {first}. Restore the images or give the folder that holds " +
                "them.");
        }

        if (found.Length < named.Length)
        {
            string missing = named.First(image => !present.Contains(image.Path)).Path;
            parts.Warn(
                $"Left out {named.Length - found.Length} of {named.Length} images that '{list}' names and that are not in '{root}' (the " +
                $"first: '{missing}').");
        }

        return new ListedDataset(root, classes, found);
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

    /// <summary>Which files are there, by one look at each folder instead of one at each file.</summary>
    private sealed class PresentFiles(string root)
    {
        private readonly Dictionary<string, HashSet<string>> _folders = new(StringComparer.Ordinal);

        public bool Contains(string path)
        {
            int cut = path.LastIndexOf('/');
            string folder = cut < 0 ? "" : path[..(cut + 1)];
            if (!_folders.TryGetValue(folder, out var files))
            {
                string full = System.IO.Path.Combine(root, folder);
                files = new HashSet<string>(
                    Directory.Exists(full) ? Directory.EnumerateFiles(full).Select(file => System.IO.Path.GetFileName(file)) : [],
                    StringComparer.Ordinal);
                _folders.Add(folder, files);
            }

            return files.Contains(path[(cut + 1)..]);
        }
    }
}
