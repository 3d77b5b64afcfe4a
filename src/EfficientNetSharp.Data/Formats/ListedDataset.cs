using System.Collections.Immutable;

namespace EfficientNetSharp.Data.Formats;

/// <summary>A picture that a list names.</summary>
/// <param name="Path">Relative to the list's folder, with <c>/</c> between its parts; or absolute.</param>
/// <param name="Label">Its class.</param>
internal readonly record struct ListedPicture(string Path, int Label);

/// <summary>Pictures in files of their own, with labels out of a list, in the list's order.</summary>
internal sealed class ListedDataset : IPictureDataset
{
    private readonly string _root;
    private readonly ListedPicture[] _pictures;

    private ListedDataset(string root, ImmutableArray<string> classes, ListedPicture[] pictures)
    {
        _root = root;
        _pictures = pictures;
        Classes = classes;
    }

    public int Count => _pictures.Length;

    public ImmutableArray<string> Classes { get; }

    /// <summary>
    /// Takes those of the listed pictures whose files are there, and warns of the others: copies of published sets often lack
    /// some.
    /// </summary>
    /// <param name="parts">The dataset, for its root and warnings.</param>
    /// <param name="list">The list's name in messages.</param>
    /// <param name="classes">The classes that the labels stand for.</param>
    /// <param name="pictures">What the list names, labels already checked.</param>
    /// <param name="root">The folder that paths are relative to; the dataset's root if not said.</param>
    /// <exception cref="InvalidInputException">None of the files is there, or the list names none.</exception>
    public static ListedDataset Open(DatasetParts parts, string list, ImmutableArray<string> classes, IEnumerable<ListedPicture> pictures, string? root = null)
    {
        root = System.IO.Path.GetFullPath(root ?? parts.Root);
        ListedPicture[] named = [.. pictures];
        if (named.FirstOrDefault(picture => picture.Path.Split('/').Contains("..")) is { Path: { } outside })
            throw new InvalidInputException($"Expected paths below '{root}' in '{list}', found '{Files.OneLine.Clean(outside)}', which leads out of it. Name the folder that holds the pictures.");
        var present = new PresentFiles(root);
        ListedPicture[] found = [.. named.Where(picture => present.Contains(picture.Path))];
        if (found.Length == 0)
        {
            string first = named.Length == 0 ? "it names none" : $"none of its {named.Length} is there, the first is '{named[0].Path}'";
            throw new InvalidInputException($"Expected the pictures that '{list}' names in '{root}', but {first}. Restore the pictures or give the folder that holds them.");
        }

        if (found.Length < named.Length)
        {
            string missing = named.First(picture => !present.Contains(picture.Path)).Path;
            parts.Warn($"Left out {named.Length - found.Length} of {named.Length} pictures that '{list}' names and that are not in '{root}' (the first: '{missing}').");
        }

        return new ListedDataset(root, classes, found);
    }

    public int LabelOf(int index) => At(index).Label;

    public string NameOf(int index) => At(index).Path;

    public long SizeOf(int index) => PictureFileReader.SizeOf(PathOf(index));

    public void ReadEncoded(int index, EncodedBuffer buffer) => PictureFileReader.Read(PathOf(index), buffer);

    private string PathOf(int index) => System.IO.Path.Combine(_root, At(index).Path);

    private ListedPicture At(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        return _pictures[index];
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
                files = new HashSet<string>(Directory.Exists(full) ? Directory.EnumerateFiles(full).Select(file => System.IO.Path.GetFileName(file)) : [], StringComparer.Ordinal);
                _folders.Add(folder, files);
            }

            return files.Contains(path[(cut + 1)..]);
        }
    }
}
