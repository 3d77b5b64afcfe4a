using System.Collections.Immutable;

namespace EfficientNetSharp.Evaluation.Reports.Paper;

/// <summary>A row of the EfficientNet paper's Table 2, as printed.</summary>
/// <param name="Name">The network, as the paper calls it.</param>
/// <param name="Architecture">Its name in the registry; <see langword="null"/> for one that is not there.</param>
/// <param name="Top1">Top-1 accuracy on ImageNet in per cent.</param>
/// <param name="Top5">Top-5 accuracy in per cent.</param>
/// <param name="Parameters">Parameters, to two or three digits.</param>
/// <param name="ParameterRatio">How many times as many as the group's EfficientNet has.</param>
/// <param name="Flops">Multiply-adds, to two digits; <see langword="null"/> where none are printed.</param>
/// <param name="FlopsRatio">How many times as many as the group's EfficientNet has; <see langword="null"/> where none are printed.</param>
public sealed record PaperNetwork(
    string Name, string? Architecture, double Top1, double Top5, double Parameters, double ParameterRatio,
    double? Flops, double? FlopsRatio)
{
    /// <summary>Table 2 (Tan and Le 2019, arXiv 1905.11946 v5): groups of similar accuracy, in each an EfficientNet first.</summary>
    public static ImmutableArray<ImmutableArray<PaperNetwork>> Table2 { get; } =
    [
        [
            Own("B0", 77.1, 93.3, 5.3, 0.39), Row("ResNet-50", "resnet50", 76.0, 93.0, 26, 4.9, 4.1, 11),
            Row("DenseNet-169", null, 76.2, 93.2, 14, 2.6, 3.5, 8.9),
        ],
        [
            Own("B1", 79.1, 94.4, 7.8, 0.70), Row("ResNet-152", "resnet152", 77.8, 93.8, 60, 7.6, 11, 16),
            Row("DenseNet-264", null, 77.9, 93.9, 34, 4.3, 6.0, 8.6), Row("Inception-v3", null, 78.8, 94.4, 24, 3.0, 5.7, 8.1),
            Row("Xception", null, 79.0, 94.5, 23, 3.0, 8.4, 12),
        ],
        [
            Own("B2", 80.1, 94.9, 9.2, 1.0), Row("Inception-v4", null, 80.0, 95.0, 48, 5.2, 13, 13),
            Row("Inception-ResNet-v2", null, 80.1, 95.1, 56, 6.1, 13, 13),
        ],
        [
            Own("B3", 81.6, 95.7, 12, 1.8), Row("ResNeXt-101", null, 80.9, 95.6, 84, 7.0, 32, 18),
            Row("PolyNet", null, 81.3, 95.8, 92, 7.7, 35, 19),
        ],
        [
            Own("B4", 82.9, 96.4, 19, 4.2), Row("SENet", null, 82.7, 96.2, 146, 7.7, 42, 10),
            Row("NASNet-A", "nasnetalarge", 82.7, 96.2, 89, 4.7, 24, 5.7), Row("AmoebaNet-A", null, 82.8, 96.1, 87, 4.6, 23, 5.5),
            Row("PNASNet", null, 82.9, 96.2, 86, 4.5, 23, 6.0),
        ],
        [Own("B5", 83.6, 96.7, 30, 9.9), Row("AmoebaNet-C", null, 83.5, 96.5, 155, 5.2, 41, 4.1)],
        [Own("B6", 84.0, 96.8, 43, 19)],
        [Own("B7", 84.3, 97.0, 66, 37), new PaperNetwork("GPipe", null, 84.3, 97.0, 557e6, 8.4, null, null)],
    ];

    private static PaperNetwork Own(string variant, double top1, double top5, double millions, double billions) =>
        Row($"EfficientNet-{variant}", $"efficientnet_{variant.ToLowerInvariant()}", top1, top5, millions, 1, billions, 1);

    private static PaperNetwork Row(string name, string? architecture, double top1, double top5, double millions, double parameterRatio,
        double billions, double flopsRatio) =>
        new(name, architecture, top1, top5, Math.Round(millions * 1e6), parameterRatio, Math.Round(billions * 1e9), flopsRatio);
}
