using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace EfficientNetSharp.Data;

/// <summary>
/// A short name for what a dataset holds, to be kept with the model that was trained on it. It covers class names and each
/// image's name, size and label, not the pixels: one look at the file table, not a read of every file.
/// </summary>
public static class DatasetFingerprint
{
    /// <summary>
    /// SHA-256 in lower-case hexadecimal over the class names and the images sorted by name; the order of the dataset does not
    /// matter. Strings go in as UTF-8 with their length before them, numbers as little-endian 64-bit integers.
    /// </summary>
    public static string Of(IImageDataset dataset)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, dataset.Classes.Length);
        foreach (string name in dataset.Classes) Add(hash, name);
        var images = new (string Name, int Label, long Size)[dataset.Count];
        for (int i = 0; i < images.Length; i++) images[i] = (dataset.NameOf(i), dataset.LabelOf(i), dataset.SizeOf(i));
        Array.Sort(images, Compare);
        foreach (var (name, label, size) in images)
        {
            Add(hash, name);
            Add(hash, size);
            Add(hash, label);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static int Compare((string Name, int Label, long Size) a, (string Name, int Label, long Size) b)
    {
        int byName = CodePointOrder.Instance.Compare(a.Name, b.Name);
        return byName != 0 ? byName : (a.Label, a.Size).CompareTo((b.Label, b.Size));
    }

    private static void Add(IncrementalHash hash, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Add(hash, bytes.Length);
        hash.AppendData(bytes);
    }

    private static void Add(IncrementalHash hash, long number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        hash.AppendData(bytes);
    }
}
