using System.Collections.Immutable;

namespace EfficientNetSharp.Fuzzing;

/// <summary>A file of an input.</summary>
/// <param name="Path">Its place below the input's folder.</param>
/// <param name="Bytes">Its contents.</param>
public sealed record SpecimenFile(string Path, byte[] Bytes);

/// <summary>A valid input that mutants are made of: one file, or a folder of files.</summary>
/// <param name="Name">What it is called in reports.</param>
/// <param name="Files">Its files.</param>
/// <param name="Entry">What the reader is given, below the folder; empty for the folder itself.</param>
/// <param name="Targets">The files that are changed, by their places among <paramref name="Files"/>.</param>
public sealed record Specimen(string Name, ImmutableArray<SpecimenFile> Files, string Entry, ImmutableArray<int> Targets)
{
    /// <summary>Images in folders are decoded as images elsewhere; lists, shards and headers are what a dataset's reader reads.</summary>
    private static readonly string[] ImageEndings = [".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp"];

    /// <summary>Stands between a folder's name and its entry in the corpus.</summary>
    public const char EntryMark = '@';

    /// <summary>One file.</summary>
    public static Specimen OfFile(string path) => Of(Path.GetFileName(path), File.ReadAllBytes(path));

    /// <summary>One file from memory.</summary>
    public static Specimen Of(string name, byte[] bytes) => new(name, [new(name, bytes)], name, [0]);

    /// <summary>A folder with all below it.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="entry">What the reader is given; the folder where empty.</param>
    public static Specimen OfFolder(string folder, string entry = "")
    {
        ImmutableArray<SpecimenFile> files = [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal).Select(file => new SpecimenFile(Path.GetRelativePath(folder, file), File.ReadAllBytes(file)))];
        ImmutableArray<int> texts = [.. Enumerable.Range(0, files.Length)
            .Where(i => !ImageEndings.Contains(Path.GetExtension(files[i].Path).ToLowerInvariant()))];
        return new(Path.GetFileName(folder), files, entry, texts.IsEmpty ? [.. Enumerable.Range(0, files.Length)] : texts);
    }

    /// <summary>An input of the corpus, as <see cref="Campaign.Save"/> writes it.</summary>
    public static Specimen OfCorpus(string path)
    {
        if (!Directory.Exists(path)) return OfFile(path);
        string entry = Path.GetFileName(path) is var name && name.LastIndexOf(EntryMark) is >= 0 and var mark ? name[(mark + 1)..] : "";
        return OfFolder(path, File.Exists(Path.Combine(path, entry)) ? entry : "");
    }

    /// <summary>Bytes of all files.</summary>
    public long Length => Files.Sum(file => (long)file.Bytes.Length);
}
