using System.Collections.Immutable;
using System.Text.RegularExpressions;
using EfficientNetSharp.Data.Folders;
using EfficientNetSharp.Data.Formats.Mat;
using EfficientNetSharp.Imaging.Codecs;

namespace EfficientNetSharp.Data.Formats;

/// <summary>
/// ImageNet (ILSVRC 2012) as its archives unpack: <c>train/n01440764/*.JPEG</c>, and <c>val/</c> either with the same folders or flat
/// (<c>ILSVRC2012_val_00000001.JPEG</c>), whose labels are then in <c>LOC_val_solution.csv</c> (Kaggle) or in the devkit
/// (<c>ILSVRC2012_validation_ground_truth.txt</c> by numbers that <c>meta.mat</c> gives names to). Classes are WordNet ids, sorted: the
/// order of all published weights.
/// </summary>
internal sealed partial class ImageNet : IDatasetFormat
{
    public DatasetParts? TryOpen(string path)
    {
        foreach (string folder in (ReadOnlySpan<string>)["", "ILSVRC/Data/CLS-LOC", "Data/CLS-LOC"])
        {
            string root = Path.Combine(path, folder);
            string train = Path.Combine(root, "train"), validation = Path.Combine(root, "val");
            bool hasTrain = HoldsClasses(train),
                hasValidation = Directory.Exists(validation)
                && (HoldsClasses(validation) || (IsFlat(validation) && FindDevkit(path) is not null));
            if (!hasTrain && !hasValidation) continue;
            var parts = new DatasetParts("ImageNet (ILSVRC 2012)", root) { Published = PublishedDatasets.ImageNet };
            if (hasTrain) parts.Train = Take(parts, ClassFolderDataset.Open(train), "train");
            if (hasValidation) parts.Validation = OpenValidation(parts, validation, path);
            return parts.CheckSizes();
        }

        return null;
    }

    private static IImageDataset OpenValidation(DatasetParts parts, string folder, string path)
    {
        if (!IsFlat(folder))
        {
            return Take(
                parts, parts.Train is null ? ClassFolderDataset.Open(folder) : ClassFolderDataset.Open(folder, parts.Train.Classes), "val");
        }

        var labels = FindDevkit(path) ?? throw new InvalidInputException(
            $"Expected the labels of the images in '{folder}': LOC_val_solution.csv or ILSVRC2012_devkit_t12/data in '{path}', found " +
            "neither. Put one of them there.");
        var wordNetIds = labels.Read();
        var classes = parts.Train?.Classes ?? [.. (ReadMapping(path) ?? wordNetIds.Values.Distinct()).Order(StringComparer.Ordinal)];
        var positions = ClassLabels.Positions(classes, labels.Source);
        foreach (var (image, id) in wordNetIds.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (!positions.ContainsKey(id)) parts.LeftOutItems.Add(LeftOutReason.OtherClass, $"{image} ({id})");
        }

        string name = Path.GetFileName(folder);
        var images = wordNetIds.Where(pair => positions.ContainsKey(pair.Value)).OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => new ListedImage($"{name}/{pair.Key}.JPEG", positions[pair.Value]));
        return ListedDataset.Open(parts, labels.Source, classes, images);
    }

    private static ClassFolderDataset Take(DatasetParts parts, ClassFolderDataset images, string folder)
    {
        parts.LeftOutItems.Add(images.LeftOut, folder);
        return images;
    }

    // LOC_synset_mapping.txt: "n01440764 tench, Tinca tinca", one class per line.
    private static IEnumerable<string>? ReadMapping(string path) =>
        DatasetFiles.Find(path, ["ILSVRC"], "LOC_synset_mapping.txt") is { } folder
            ? DatasetFiles.ReadLines(Path.Combine(folder, "LOC_synset_mapping.txt")).Select(line => line.Split(' ', 2)[0])
            : null;

    private static bool HoldsClasses(string folder)
    {
        if (!Directory.Exists(folder)) return false;
        var names = FolderListing.Visible(folder, FolderListing.OfFileSystem).Where(entry => entry.IsFolder).Select(entry => entry.Name)
            .ToList();
        return names.Count > 0 && names.TrueForAll(name => WordNetId().IsMatch(name));
    }

    private static bool IsFlat(string folder)
    {
        var entries = FolderListing.OfFileSystem(folder).Take(1000).ToList();
        return entries.Exists(entry => ImageFiles.IsImage(entry.Name))
            && !entries.Exists(entry => entry is { IsFolder: true, IsHidden: false });
    }

    private static ValidationLabels? FindDevkit(string path)
    {
        if (DatasetFiles.Find(path, ["ILSVRC"], "LOC_val_solution.csv") is { } kaggle)
            return new ValidationLabels(Path.Combine(kaggle, "LOC_val_solution.csv"), null);
        return DatasetFiles.Find(
            path, ["data", "ILSVRC2012_devkit_t12/data", "devkit/data"], "ILSVRC2012_validation_ground_truth.txt", "meta.mat") is { } devkit
            ? new ValidationLabels(Path.Combine(devkit, "ILSVRC2012_validation_ground_truth.txt"), Path.Combine(devkit, "meta.mat"))
            : null;
    }

    [GeneratedRegex(@"^n[0-9]{8}$")]
    private static partial Regex WordNetId();

    /// <summary>Where the validation images' classes are written.</summary>
    private sealed record ValidationLabels(string Source, string? Meta)
    {
        /// <summary>WordNet ids by the images' names without ending.</summary>
        public Dictionary<string, string> Read() => Meta is null ? ReadSolution() : ReadGroundTruth();

        // ImageId,PredictionString: "ILSVRC2012_val_00048981,n03995372 85 1 499 272 ", class and boxes.
        private Dictionary<string, string> ReadSolution()
        {
            var ids = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (string line in DatasetFiles.ReadLines(Source).Skip(1))
            {
                string[] cells = line.Split(',', 2);
                string id = cells.Length == 2 ? cells[1].Split(' ', 2)[0] : "";
                if (!WordNetId().IsMatch(id))
                    throw DatasetErrors.Damaged(Source, $"its line '{Files.OneLine.Clean(line)}' names no WordNet id");
                if (!ids.TryAdd(cells[0], id) && ids[cells[0]] != id)
                {
                    throw DatasetErrors.Damaged(
                        Source, $"it gives the image {Files.OneLine.Quote(cells[0])} two classes, {ids[cells[0]]} and {id}");
                }
            }

            return ids;
        }

        // A number per line, for the images 1, 2, 3 …
        private Dictionary<string, string> ReadGroundTruth()
        {
            var byNumber = ReadSynsets();
            var ids = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (string line in DatasetFiles.ReadLines(Source))
            {
                string id = NumberText.TryParseDigits(line.Trim(), out int number)
                    && byNumber.TryGetValue(number, out string? found)
                    ? found
                    : throw DatasetErrors.Damaged(Source, $"its line '{Files.OneLine.Clean(line)}' is no number of meta.mat");
                ids.Add(FormattableString.Invariant($"ILSVRC2012_val_{ids.Count + 1:00000000}"), id);
            }

            return ids;
        }

        private Dictionary<int, string> ReadSynsets()
        {
            if (!MatFile.Read(Meta!).TryGetValue("synsets", out var value) || value is not MatStructs synsets)
                throw DatasetErrors.Damaged(Meta!, "it has no synsets");
            int number = synsets.Fields.IndexOf("ILSVRC2012_ID"), id = synsets.Fields.IndexOf("WNID");
            if (number < 0 || id < 0) throw DatasetErrors.Damaged(Meta!, "its synsets have no ILSVRC2012_ID and WNID");
            var byNumber = new Dictionary<int, string>();
            foreach (var synset in synsets.Items)
            {
                if (synset[number] is not MatNumbers { Values: [var n] } || synset[id] is not MatText text)
                    throw DatasetErrors.Damaged(Meta!, "a synset of it has no number and name");
                byNumber[(int)n] = text.Text;
            }

            return byNumber;
        }
    }
}
