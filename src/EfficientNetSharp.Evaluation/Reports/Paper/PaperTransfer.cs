using System.Collections.Immutable;

namespace EfficientNetSharp.Evaluation.Reports.Paper;

/// <summary>A result of the paper's Table 5, as printed.</summary>
/// <param name="Network">The network or method.</param>
/// <param name="Top1">Top-1 accuracy on the test part, in per cent.</param>
/// <param name="Parameters">Parameters without the classifier, as printed; <see langword="null"/> where none are.</param>
public sealed record TransferResult(string Network, double Top1, double? Parameters);

/// <summary>A row of the EfficientNet paper's Table 5, as printed, with the set's sizes from its Table 6.</summary>
/// <param name="Dataset">The set, as the paper calls it.</param>
/// <param name="Key">What its folders and files are usually called, letters and digits alone.</param>
/// <param name="Classes">Number of classes.</param>
/// <param name="TrainImages">Images of the training part.</param>
/// <param name="TestImages">Images of the test part.</param>
/// <param name="Public">The best of models that were publicly available.</param>
/// <param name="EfficientNet">The EfficientNet beside it.</param>
/// <param name="Ratio">How many times as many parameters the public model has, as printed.</param>
/// <param name="Best">The best reported result.</param>
/// <param name="BestEfficientNet">The EfficientNet beside that.</param>
/// <param name="BestRatio">How many times as many parameters the best has, as printed; <see langword="null"/> where none is.</param>
public sealed record PaperTransfer(
    string Dataset, string Key, int Classes, int TrainImages, int TestImages,
    TransferResult Public, TransferResult EfficientNet, double Ratio,
    TransferResult Best, TransferResult BestEfficientNet, double? BestRatio)
{
    private const double GPipe = 556e6;

    /// <summary>Geometric means of the ratios, as printed: to public models, and to the best reported results.</summary>
    public static (double Public, double Best) MeanRatios => (4.7, 9.6);

    /// <summary>Tables 5 and 6 (Tan and Le 2019, arXiv 1905.11946 v5).</summary>
    public static ImmutableArray<PaperTransfer> Table5 { get; } =
    [
        new("CIFAR-10", "cifar10", 10, 50_000, 10_000,
            new("NASNet-A", 98.0, 85e6), Own(0, 98.1), 21, new("GPipe", 99.0, GPipe), Own(7, 98.9), 8.7),
        new("CIFAR-100", "cifar100", 100, 50_000, 10_000,
            new("NASNet-A", 87.5, 85e6), Own(0, 88.1), 21, new("GPipe", 91.3, GPipe), Own(7, 91.7), 8.7),
        new("Birdsnap", "birdsnap", 500, 47_386, 2_443,
            new("Inception-v4", 81.8, 41e6), Own(5, 82.0), 1.5, new("GPipe", 83.6, GPipe), Own(7, 84.3), 8.7),
        new("Stanford Cars", "cars", 196, 8_144, 8_041,
            new("Inception-v4", 93.4, 41e6), Own(3, 93.6), 4.1, new("DAT", 94.8, null), Own(7, 94.7), null),
        new("Flowers", "flowers", 102, 2_040, 6_149,
            new("Inception-v4", 98.5, 41e6), Own(5, 98.5), 1.5, new("DAT", 97.7, null), Own(7, 98.8), null),
        new("FGVC Aircraft", "aircraft", 100, 6_667, 3_333,
            new("Inception-v4", 90.9, 41e6), Own(3, 90.7), 4.1, new("DAT", 92.9, null), Own(7, 92.9), null),
        new("Oxford-IIIT Pets", "pet", 37, 3_680, 3_369,
            new("ResNet-152", 94.5, 58e6), Own(4, 94.8), 5.6, new("GPipe", 95.9, GPipe), Own(6, 95.4), 14),
        new("Food-101", "food", 101, 75_750, 25_250,
            new("Inception-v4", 90.8, 41e6), Own(4, 91.5), 2.4, new("GPipe", 93.0, GPipe), Own(7, 93.0), 8.7),
    ];

    /// <summary>
    /// The set of the table that a folder's or a file's name and a number of classes are of; <see langword="null"/> for none.
    /// </summary>
    /// <param name="name">The path or name of a dataset.</param>
    /// <param name="classes">How many classes it has.</param>
    public static PaperTransfer? Find(string name, int classes)
    {
        ArgumentNullException.ThrowIfNull(name);
        // A set lies in a folder of its name, or in a part's folder within that; what it was put into says nothing.
        string[] parts =
        [
            .. name.Split('/', '\\').TakeLast(2)
                .Select(part => string.Concat(part.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant()),
        ];
        return Table5.FirstOrDefault(row => row.Classes == classes && parts.Any(part => part.Contains(row.Key, StringComparison.Ordinal)));
    }

    // Millions of parameters without the classifier as the table prints them.
    private static TransferResult Own(int variant, double top1) => new($"EfficientNet-B{variant}", top1, variant switch
    {
        0 => 4e6, 3 => 10e6, 4 => 17e6, 5 => 28e6, 6 => 41e6, _ => 64e6,
    });
}
