using System.Collections.Immutable;
using EfficientNetSharp.Data.Formats;
using EfficientNetSharp.Data.Formats.Shards;

namespace EfficientNetSharp.Data;

/// <summary>
/// The one front door to datasets on disk: published sets as their archives unpack, shards (TFRecord, tar, Parquet), CSV lists, and
/// plain folders of images. What a path holds is told by what lies there.
/// </summary>
public static class Datasets
{
    private static readonly ImmutableArray<IDatasetFormat> Published =
        [new ImageNet(), new Cifar(), new Flowers102(), new OxfordPets(), new Food101(), new StanfordCars(), new FgvcAircraft(), new Birdsnap()];

    private static readonly ImmutableArray<IDatasetFormat> General = [new TfRecords(), new WebDataset(), new ParquetFiles(), new CsvList()];

    /// <summary>Opens what is to be trained on.</summary>
    /// <param name="path">A folder, or a file of a list or shard.</param>
    /// <param name="options">How a validation part is set aside; <see langword="null"/> for the defaults.</param>
    /// <exception cref="InvalidInputException">Nothing is there, it is no dataset, or it is incomplete; the message says which.</exception>
    public static DatasetSplits Open(string path, DatasetOptions? options = null)
    {
        options ??= new DatasetOptions();
        StratifiedSplit.RequireFraction(options.ValidationFraction);
        if (Recognize(path, options) is { } parts) return parts.Split(options);
        return DatasetFolder.Open(path, options.ValidationFraction, options.Seed);
    }

    /// <summary>
    /// Lists the parts of a dataset as they lie on disk; <see langword="null"/> for plain folders of images, which
    /// <see cref="DatasetFolder"/> and <see cref="EvaluationFolder"/> read.
    /// </summary>
    /// <param name="path">A folder, or a file of a list or shard.</param>
    /// <param name="options">How parts are made; <see langword="null"/> for the defaults.</param>
    /// <exception cref="InvalidInputException">Nothing is there, or a recognised dataset is incomplete or damaged.</exception>
    public static DatasetParts? Recognize(string path, DatasetOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        options ??= new DatasetOptions();
        if (!File.Exists(path)) FolderListing.Require(path);
        // A list or an archive beside class folders is what is left of their making.
        var formats = HasClassFolders(path) ? Published : Published.AddRange(General);
        foreach (var format in formats)
        {
            if (format.TryOpen(path, options) is { } parts) return parts;
        }

        if (File.Exists(path))
            throw new InvalidInputException($"Expected a dataset folder, or a .csv, .tsv, .parquet, .tar or .tfrecord file at '{path}', found another file. Give the folder that holds the dataset.");
        return null;
    }

    private static bool HasClassFolders(string path) =>
        Directory.Exists(Path.Combine(path, "train")) && FolderListing.OfFileSystem(Path.Combine(path, "train")).Any(entry => entry.IsFolder);
}
