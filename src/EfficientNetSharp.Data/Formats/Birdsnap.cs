using System.Collections.Immutable;
using EfficientNetSharp.Data.Folders;

namespace EfficientNetSharp.Data.Formats;

/// <summary>
/// Birdsnap: <c>images.txt</c> with a header and columns <c>url, md5, path, species_id, …</c>, <c>species.txt</c> (<c>id, common,
/// scientific, dir, webpage</c>), <c>test_images.txt</c> with the paths of the test part; all separated by tabs. The images were never
/// packed: each is fetched from where it lay on the web, so a copy lacks those that are gone, and they are left out.
/// </summary>
internal sealed class Birdsnap : IDatasetFormat
{
    public DatasetParts? TryOpen(string path)
    {
        string? root = DatasetFiles.Find(path, ["birdsnap"], "images.txt", "test_images.txt", "species.txt");
        if (root is null) return null;
        var parts = new DatasetParts("Birdsnap", root) { Published = PublishedDatasets.Birdsnap };
        string folder = Directory.Exists(Path.Combine(root, "images")) ? "images" : "download/images";
        var species = ReadTable(Path.Combine(root, "species.txt"), "id", "common");
        ImmutableArray<string> classes = [.. species.Select(row => row[1])];
        var labels = ClassLabels.Positions([.. species.Select(row => row[0])], Path.Combine(root, "species.txt"));
        var test = ReadTable(Path.Combine(root, "test_images.txt"), "path").Select(row => row[0]).ToHashSet(StringComparer.Ordinal);
        string list = Path.Combine(root, "images.txt");
        var images = ReadTable(list, "path", "species_id").Select(row => (Path: row[0], Label: LabelOf(row[1]))).ToList();
        parts.Train = ListedDataset.Open(
            parts, list, classes,
            images.Where(image => !test.Contains(image.Path)).Select(image => new ListedImage($"{folder}/{image.Path}", image.Label)));
        parts.Test = ListedDataset.Open(
            parts, Path.Combine(root, "test_images.txt"), classes,
            images.Where(image => test.Contains(image.Path)).Select(image => new ListedImage($"{folder}/{image.Path}", image.Label)));
        return parts.CheckSizes();

        int LabelOf(string id) => labels.TryGetValue(id, out int label)
            ? label
            : throw DatasetErrors.Damaged(list, $"it names the species {Files.OneLine.Quote(id)}, which species.txt does not have");
    }

    // The columns asked for, of every row; the header says where they are.
    private static List<string[]> ReadTable(string path, params string[] columns)
    {
        var rows = new List<string[]>();
        int[]? places = null;
        foreach (string line in DatasetFiles.ReadLines(path))
        {
            string[] cells = line.Split('\t');
            if (places is null)
            {
                places = [.. columns.Select(column => Array.IndexOf(cells, column))];
                if (places.Contains(-1))
                    throw DatasetErrors.Damaged(path, $"its header lacks one of the columns {string.Join(", ", columns)}");
                continue;
            }

            if (places.Any(place => place >= cells.Length))
                throw DatasetErrors.Damaged(path, $"its line '{Files.OneLine.Clean(line)}' has too few columns");
            rows.Add([.. places.Select(place => cells[place].Trim())]);
        }

        return rows;
    }
}
