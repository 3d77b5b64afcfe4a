using System.Security.Cryptography;
using System.Text.Json;
using EfficientNetSharp.Imaging.Codecs;

namespace EfficientNetSharp.Data.Tests.Formats;

/// <summary>Tiny datasets in the true formats, and what Python wrote into them (Goldens/make_goldens.py).</summary>
internal static class GoldenSet
{
    public static string Root { get; } = Path.Combine(AppContext.BaseDirectory, "Goldens");

    private static readonly JsonElement Expected = JsonDocument.Parse(File.ReadAllText(Path.Combine(Root, "expected.json"))).RootElement;

    public static IEnumerable<string> Names => Expected.EnumerateObject().Select(set => set.Name);

    public static string PathOf(string name) => Path.Combine(Root, name);

    /// <summary>Holds every part, class, name, label and image against what was written.</summary>
    public static void AssertEqual(string name, DatasetParts parts)
    {
        var expected = Expected.GetProperty(name);
        var wanted = expected.GetProperty("parts").EnumerateObject().ToDictionary(part => part.Name, part => part.Value);
        Assert.Equal(wanted.Keys.Order(), parts.All.Select(part => part.Name).Order());
        string[] classes = [.. expected.GetProperty("classes").EnumerateArray().Select(text => text.GetString()!)];
        var buffer = new EncodedBuffer();
        foreach (var (part, images) in parts.All)
        {
            Assert.Equal(classes, images.Classes);
            var rows = wanted[part].EnumerateArray().ToList();
            Assert.Equal(rows.Select(row => row.GetProperty("name").GetString()), Enumerable.Range(0, images.Count).Select(images.NameOf));
            Assert.Equal(rows.Select(row => row.GetProperty("label").GetInt32()), Enumerable.Range(0, images.Count).Select(images.LabelOf));
            for (int i = 0; i < images.Count; i++)
            {
                images.ReadEncoded(i, buffer);
                Assert.Equal(
                    rows[i].GetProperty("sha256").GetString(),
                    Hash(buffer.Bytes, isPixels: name.StartsWith("cifar", StringComparison.Ordinal)));
            }
        }
    }

    // CIFAR's images have no file of their own: their pixels are compared.
    private static string Hash(ReadOnlySpan<byte> encoded, bool isPixels)
    {
        if (!isPixels) return Convert.ToHexStringLower(SHA256.HashData(encoded));
        using var image = ImageDecoder.Decode(encoded, "an image");
        return Convert.ToHexStringLower(SHA256.HashData(image.ToRgb()));
    }

    /// <summary>A copy of a set that a test may damage.</summary>
    public static TemporaryFolder Copy(string name)
    {
        var folder = new TemporaryFolder();
        foreach (string file in Directory.EnumerateFiles(PathOf(name), "*", SearchOption.AllDirectories))
        {
            string target = folder[Path.GetRelativePath(PathOf(name), file)];
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        return folder;
    }
}
