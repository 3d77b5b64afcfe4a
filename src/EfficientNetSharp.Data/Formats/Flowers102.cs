using System.Collections.Immutable;
using EfficientNetSharp.Data.Folders;
using EfficientNetSharp.Data.Formats.Mat;

namespace EfficientNetSharp.Data.Formats;

/// <summary>
/// Oxford Flowers-102: <c>imagelabels.mat</c> (<c>labels</c>, 1–102, in the order of the images), <c>setid.mat</c> (<c>trnid</c>,
/// <c>valid</c>, <c>tstid</c>), images <c>jpg/image_00001.jpg</c> …. The set comes without names of its classes: they are called by
/// their numbers.
/// </summary>
internal sealed class Flowers102 : IDatasetFormat
{
    private const int Classes = 102;

    public DatasetParts? TryOpen(string path)
    {
        string? root = DatasetFiles.Find(path, ["flowers-102", "102flowers"], "jpg", "imagelabels.mat", "setid.mat");
        if (root is null) return null;
        var parts = new DatasetParts("Oxford Flowers-102", root) { Published = PublishedDatasets.Flowers };
        string labelFile = Path.Combine(root, "imagelabels.mat"), setFile = Path.Combine(root, "setid.mat");
        int[] labels =
            [.. Numbers(labelFile, MatFile.Read(labelFile), "labels").Select(number => DatasetFiles.Label(labelFile, number, Classes))];
        var sets = MatFile.Read(setFile);
        ImmutableArray<string> classes = [.. Enumerable.Range(1, Classes).Select(number => $"{number}")];
        parts.Train = Open("trnid");
        parts.Validation = Open("valid");
        parts.Test = Open("tstid");
        return parts.CheckSizes();

        ListedDataset Open(string set) => ListedDataset.Open(
            parts, $"{setFile}, {set}", classes, Numbers(setFile, sets, set).Select(number => number >= 1 && number <= labels.Length
                ? new ListedImage(FormattableString.Invariant($"jpg/image_{number:00000}.jpg"), labels[number - 1])
                : throw DatasetErrors.Damaged(setFile, $"it names the image {number}, and imagelabels.mat has labels of {labels.Length}")));
    }

    private static IEnumerable<long> Numbers(string path, IReadOnlyDictionary<string, MatValue> values, string name) =>
        values.TryGetValue(name, out var value) && value is MatNumbers numbers
            ? numbers.Values.Select(number => (long)number)
            : throw DatasetErrors.Damaged(path, $"it has no numbers '{name}'");
}
