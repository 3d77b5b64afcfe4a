using System.Collections.Immutable;
using EfficientNetSharp.Data.Folders;

namespace EfficientNetSharp.Data.Formats;

/// <summary>
/// Food-101: <c>meta/train.txt</c> and <c>test.txt</c> with lines <c>apple_pie/1005649</c>, classes in <c>meta/classes.txt</c>,
/// images <c>images/apple_pie/1005649.jpg</c>.
/// </summary>
internal sealed class Food101 : IDatasetFormat
{
    public DatasetParts? TryOpen(string path)
    {
        string? root = DatasetFiles.Find(path, ["food-101"], "images", "meta/train.txt", "meta/test.txt", "meta/classes.txt");
        if (root is null) return null;
        var parts = new DatasetParts("Food-101", root) { Published = PublishedDatasets.Food };
        ImmutableArray<string> classes = [.. DatasetFiles.ReadLines(Path.Combine(root, "meta/classes.txt"))];
        parts.Train = Open(parts, classes, "meta/train.txt");
        parts.Test = Open(parts, classes, "meta/test.txt");
        return parts.CheckSizes();
    }

    private static ListedDataset Open(DatasetParts parts, ImmutableArray<string> classes, string name)
    {
        string list = Path.Combine(parts.Root, name);
        var labels = ClassLabels.Positions(classes, Path.Combine(parts.Root, "meta/classes.txt"));
        return ListedDataset.Open(parts, list, classes, DatasetFiles.ReadLines(list).Select(line => new ListedImage(
            $"images/{line}.jpg",
            labels.TryGetValue(line.Split('/')[0], out int label)
                ? label
                : throw DatasetErrors.Damaged(list, $"its line '{Files.OneLine.Clean(line)}' names no class of meta/classes.txt"))));
    }
}
