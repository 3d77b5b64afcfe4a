using System.Text;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Data.Folders;

/// <summary>Finds and reads the text files that published datasets come with.</summary>
internal static class DatasetFiles
{
    // Lists of published sets have some megabytes; Food-101's longest is 2 MB, Birdsnap's 10 MB.
    private const int MaxTextBytes = 1 << 30;

    // Attributes of an image take some hundred characters, one-hot columns of many classes some ten thousand.
    private const int MaxLine = 1 << 20;

    /// <summary>
    /// The folder that holds all the things named: the path itself, or one of the folders in it that the set's archive unpacks to.
    /// </summary>
    /// <param name="path">What a person gave.</param>
    /// <param name="folders">Names of folders to look into as well.</param>
    /// <param name="needed">Relative paths of files and folders.</param>
    public static string? Find(string path, ReadOnlySpan<string> folders, params ReadOnlySpan<string> needed)
    {
        if (HasAll(path, needed)) return path;
        foreach (string folder in folders)
        {
            string candidate = Path.Combine(path, folder);
            if (HasAll(candidate, needed)) return candidate;
        }

        return null;
    }

    /// <summary>The lines of a text file, without those that are empty.</summary>
    /// <exception cref="InvalidInputException">It cannot be read.</exception>
    public static IEnumerable<string> ReadLines(string path)
    {
        using var file = InputFile.Open(path);
        if (file.Length > MaxTextBytes)
            throw DatasetErrors.Unusable(path, $"it has {file.Length} bytes", "lists of images have less; check what it is");
        using var reader = new StreamReader(file.OpenStream());
        while (ReadLine(reader, path) is { } line)
        {
            if (!string.IsNullOrWhiteSpace(line)) yield return line.TrimEnd();
        }
    }

    // As the reader's own, but that has no limit: a file without line breaks would be one text.
    private static string? ReadLine(StreamReader reader, string path)
    {
        int next = reader.Read();
        if (next < 0) return null;
        var line = new StringBuilder();
        for (; next >= 0 && next != '\n'; next = reader.Read())
        {
            if (next == '\r')
            {
                if (reader.Peek() == '\n') reader.Read();
                break;
            }

            if (line.Length == MaxLine) throw DatasetErrors.Unusable(path, $"a line of it has over {MaxLine} characters", "check what it is");
            line.Append((char)next);
        }

        return line.ToString();
    }

    /// <summary>The position of a class from its number in a file.</summary>
    /// <exception cref="InvalidInputException">It is not in first … first + count − 1.</exception>
    public static int Label(string path, long number, int count, int first = 1) =>
        number >= first && number < (long)first + count
            ? (int)(number - first)
            : throw DatasetErrors.Damaged(path, $"it names the class {number}, expected {first} to {first + count - 1}");

    private static bool HasAll(string folder, ReadOnlySpan<string> needed)
    {
        foreach (string name in needed)
        {
            if (!Path.Exists(Path.Combine(folder, name))) return false;
        }

        return true;
    }
}
