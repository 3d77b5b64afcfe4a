using System.Collections.Immutable;
using EfficientNetSharp.Data.Folders;

namespace EfficientNetSharp.Data.Formats;

/// <summary>
/// FGVC-Aircraft (2013b): <c>data/images_variant_train.txt</c>, <c>…_val.txt</c> and <c>…_test.txt</c> with lines
/// <c>0787226 Abbott 707-320</c>, classes in <c>data/variants.txt</c>, images <c>data/images/0787226.jpg</c>. Their lowest 20 rows
/// hold a copyright notice (README of the set), which is not cut off.
/// </summary>
internal sealed class FgvcAircraft : IDatasetFormat
{
    public DatasetParts? TryOpen(string path)
    {
        string? root = DatasetFiles.Find(
            path, ["data", "fgvc-aircraft-2013b/data"], "images", "variants.txt", "images_variant_train.txt", "images_variant_test.txt");
        if (root is null) return null;
        var parts = new DatasetParts("FGVC-Aircraft", root) { Published = PublishedDatasets.Aircraft };
        ImmutableArray<string> classes = [.. DatasetFiles.ReadLines(Path.Combine(root, "variants.txt"))];
        parts.Train = Open(parts, classes, "images_variant_train.txt");
        if (File.Exists(Path.Combine(root, "images_variant_val.txt"))) parts.Validation = Open(parts, classes, "images_variant_val.txt");
        parts.Test = Open(parts, classes, "images_variant_test.txt");
        return parts.CheckSizes();
    }

    private static ListedDataset Open(DatasetParts parts, ImmutableArray<string> classes, string name)
    {
        string list = Path.Combine(parts.Root, name);
        var labels = ClassLabels.Positions(classes, Path.Combine(parts.Root, "variants.txt"));
        return ListedDataset.Open(parts, list, classes, DatasetFiles.ReadLines(list).Select(line =>
        {
            // A variant's name may hold spaces, and slashes as in F/A-18.
            string[] words = line.Split(' ', 2);
            return words.Length == 2 && labels.TryGetValue(words[1].Trim(), out int label)
                ? new ListedImage($"images/{words[0]}.jpg", label)
                : throw DatasetErrors.Damaged(list, $"its line '{Files.OneLine.Clean(line)}' names no variant of variants.txt");
        }));
    }
}
