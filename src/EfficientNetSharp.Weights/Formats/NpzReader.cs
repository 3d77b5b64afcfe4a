using EfficientNetSharp.Arrays;
using EfficientNetSharp.Files;
using EfficientNetSharp.Formats.Zip;

namespace EfficientNetSharp.Weights.Formats;

/// <summary>Weights out of a NumPy archive: a zip of .npy files, stored (numpy.savez) or deflated (numpy.savez_compressed).</summary>
internal static class NpzReader
{
    private const string Extension = ".npy";

    public static bool IsNpz(ZipDirectory archive) => archive.Entries.Any(IsArray);

    public static WeightContents Read(ZipDirectory archive) => new(
        WeightFormat.NumPy,
        [.. archive.Entries.Where(IsArray).Select(entry => Describe(archive, entry))],
        archive.File,
        archive.File.Length);

    private static bool IsArray(ZipEntry entry) => entry.Name.EndsWith(Extension, StringComparison.Ordinal);

    private static SourceTensor Describe(ZipDirectory archive, ZipEntry entry)
    {
        string name = $"{archive.File.Path}:{OneLine.Clean(entry.Name)}";
        using var start = archive.Open(entry);
        var shape = NpyFile.ReadShape(start, entry.Length, name);
        return new SourceTensor(entry.Name[..^Extension.Length], shape, () => ReadValues(archive, entry, name));
    }

    private static float[] ReadValues(ZipDirectory archive, ZipEntry entry, string name)
    {
        using var stream = archive.Open(entry);
        float[] values = NpyFile.Read(stream, entry.Length, name).Values;
        stream.CheckEnd();
        return values;
    }
}
