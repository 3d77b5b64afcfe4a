using System.Collections.Immutable;
using EfficientNetSharp.Data.Folders;

namespace EfficientNetSharp.Data.Formats;

/// <summary>
/// Oxford-IIIT Pet: <c>annotations/trainval.txt</c> and <c>test.txt</c> with lines <c>Abyssinian_100 1 1 1</c> (name, class 1–37,
/// species, breed), images in <c>images/</c>. Class names are those of torchvision: the name before the last underscore, in words.
/// </summary>
internal sealed class OxfordPets : IDatasetFormat
{
    private const int Classes = 37;

    public DatasetParts? TryOpen(string path)
    {
        string? root = DatasetFiles.Find(path, ["oxford-iiit-pet"], "images", "annotations/trainval.txt", "annotations/test.txt");
        if (root is null) return null;
        var parts = new DatasetParts("Oxford-IIIT Pet", root) { Published = PublishedDatasets.Pets };
        string trainList = Path.Combine(root, "annotations/trainval.txt"), testList = Path.Combine(root, "annotations/test.txt");
        var train = Read(trainList);
        var test = Read(testList);
        string[] names = [.. Enumerable.Range(1, Classes).Select(number => $"{number}")];
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (name, label) in train.Concat(test))
        {
            names[label] = ClassName(name);
            if (!numbers.TryAdd(names[label], label) && numbers[names[label]] != label)
            {
                throw DatasetErrors.Damaged(
                    trainList,
                    $"images of {Files.OneLine.Quote(names[label])} have the classes {numbers[names[label]] + 1} and {label + 1}");
            }
        }

        ImmutableArray<string> classes = [.. names];
        parts.Train = ListedDataset.Open(parts, trainList, classes, Images(train));
        parts.Test = ListedDataset.Open(parts, testList, classes, Images(test));
        return parts.CheckSizes();
    }

    private static List<(string Name, int Label)> Read(string list)
    {
        var rows = new List<(string Name, int Label)>();
        foreach (string line in DatasetFiles.ReadLines(list))
        {
            if (line[0] == '#') continue;
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2 || !NumberText.TryParse(words[1], out long number))
                throw DatasetErrors.Damaged(list, $"its line '{Files.OneLine.Clean(line)}' has no name and class");
            rows.Add((words[0], DatasetFiles.Label(list, number, Classes)));
        }

        return rows;
    }

    private static IEnumerable<ListedImage> Images(IEnumerable<(string Name, int Label)> rows) =>
        rows.Select(row => new ListedImage($"images/{row.Name}.jpg", row.Label));

    private static string ClassName(string image)
    {
        int cut = image.LastIndexOf('_');
        var words = (cut < 0 ? image : image[..cut]).Split('_', StringSplitOptions.RemoveEmptyEntries);
        return string.Join(' ', words.Select(word => char.ToUpperInvariant(word[0]) + word[1..].ToLowerInvariant()));
    }
}
