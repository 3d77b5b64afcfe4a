using System.Collections.Immutable;
using EfficientNetSharp.Data.Folders;
using EfficientNetSharp.Data.Formats.Mat;

namespace EfficientNetSharp.Data.Formats;

/// <summary>
/// Stanford Cars in both forms that it was published in: <c>cars_annos.mat</c> (records with <c>relative_im_path</c>, <c>class</c> and
/// <c>test</c>, and <c>class_names</c>) with <c>car_ims/</c>; or <c>devkit/cars_train_annos.mat</c> and <c>cars_meta.mat</c> with
/// <c>cars_train/</c>, <c>cars_test/</c> and <c>cars_test_annos_withlabels.mat</c>, in which images are numbered anew.
/// </summary>
internal sealed class StanfordCars : IDatasetFormat
{
    private static readonly string[] TestFiles = ["cars_test_annos_withlabels.mat", "devkit/cars_test_annos_withlabels.mat"];

    public DatasetParts? TryOpen(string path)
    {
        if (DatasetFiles.Find(path, ["stanford_cars"], "cars_annos.mat") is { } whole) return OpenWhole(whole);
        return DatasetFiles.Find(path, ["stanford_cars"], "devkit/cars_train_annos.mat", "devkit/cars_meta.mat", "cars_train") is { } parted
            ? OpenParted(parted)
            : null;
    }

    private static DatasetParts OpenWhole(string root)
    {
        var parts = new DatasetParts("Stanford Cars", root) { Published = PublishedDatasets.Cars };
        string file = Path.Combine(root, "cars_annos.mat");
        var values = MatFile.Read(file);
        var classes = ClassNames(file, values);
        var rows = Records(file, values, "relative_im_path", "class", "test")
            .Select(row => (
                Image: new ListedImage(Text(file, row[0]), DatasetFiles.Label(file, Number(file, row[1]), classes.Length)),
                IsTest: Number(file, row[2]) != 0))
            .ToList();
        parts.Train = ListedDataset.Open(parts, file, classes, rows.Where(row => !row.IsTest).Select(row => row.Image));
        parts.Test = ListedDataset.Open(parts, file, classes, rows.Where(row => row.IsTest).Select(row => row.Image));
        return parts.CheckSizes();
    }

    private static DatasetParts OpenParted(string root)
    {
        var parts = new DatasetParts("Stanford Cars, with devkit", root) { Published = PublishedDatasets.Cars };
        string meta = Path.Combine(root, "devkit/cars_meta.mat");
        var classes = ClassNames(meta, MatFile.Read(meta));
        parts.Train = Open("devkit/cars_train_annos.mat", "cars_train");
        string? test = TestFiles.FirstOrDefault(name => File.Exists(Path.Combine(root, name)));
        if (test is not null && Directory.Exists(Path.Combine(root, "cars_test")))
        {
            parts.Test = Open(test, "cars_test");
        }
        else
        {
            parts.Warn(
                $"Left out the test part of '{root}': cars_test_annos_withlabels.mat or cars_test is not there, and the devkit's own " +
                "test list has no labels.");
        }

        return parts.CheckSizes();

        ListedDataset Open(string name, string folder)
        {
            string file = Path.Combine(root, name);
            return ListedDataset.Open(parts, file, classes, Records(file, MatFile.Read(file), "fname", "class")
                .Select(row => new ListedImage(
                    $"{folder}/{Text(file, row[0])}", DatasetFiles.Label(file, Number(file, row[1]), classes.Length))));
        }
    }

    private static ImmutableArray<string> ClassNames(string path, IReadOnlyDictionary<string, MatValue> values) =>
        values.TryGetValue("class_names", out var value) && value is MatCells cells
            ? [.. cells.Items.Select(item => Text(path, item))]
            : throw DatasetErrors.Damaged(path, "it has no class_names");

    private static IEnumerable<MatValue[]> Records(string path, IReadOnlyDictionary<string, MatValue> values, params string[] fields)
    {
        if (!values.TryGetValue("annotations", out var value) || value is not MatStructs records)
            throw DatasetErrors.Damaged(path, "it has no annotations");
        int[] places = [.. fields.Select(field => records.Fields.IndexOf(field))];
        if (places.Contains(-1)) throw DatasetErrors.Damaged(path, $"its annotations lack one of the fields {string.Join(", ", fields)}");
        return records.Items.Select(record => places.Select(place => record[place]).ToArray());
    }

    private static string Text(string path, MatValue value) =>
        value is MatText text ? text.Text : throw DatasetErrors.Damaged(path, "a name in it is no text");

    private static long Number(string path, MatValue value) =>
        value is MatNumbers { Values: [var number] } ? (long)number : throw DatasetErrors.Damaged(path, "a class in it is no number");
}
