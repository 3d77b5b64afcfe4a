using System.Collections.Immutable;

namespace EfficientNetSharp.Evaluation.Reports.Scaling;

/// <summary>
/// MnasNet-A1 trained on ImageNet at five widths and five resolutions: accuracies and multiply-adds as the authors publish them
/// (tensorflow/tpu, <c>models/official/mnasnet/README.md</c>).
/// </summary>
public static class MnasNetGrid
{
    /// <summary>Side of the baseline's input in pixels.</summary>
    public const int Baseline = 224;

    private static readonly double[] Widths = [1.4, 1.0, 0.75, 0.5, 0.35];

    // By resolution: top-1 and millions of multiply-adds for each width.
    private static readonly (int Resolution, double[] Top1, double[] Macs)[] Rows =
    [
        (224, [77.2, 75.2, 73.3, 68.9, 64.1], [591.5, 315.2, 226.7, 105.2, 63.2]),
        (192, [76.1, 74.0, 72.1, 67.2, 62.4], [435.1, 232.0, 166.9, 77.6, 46.8]),
        (160, [74.8, 72.0, 70.1, 64.9, 59.3], [302.8, 161.6, 116.4, 54.4, 32.9]),
        (128, [72.5, 69.3, 67.0, 60.8, 54.8], [194.5, 104.1, 75.0, 35.3, 21.6]),
        (96, [68.6, 64.4, 62.1, 54.7, 49.3], [110.3, 59.3, 42.9, 20.5, 12.7]),
    ];

    /// <summary>The 25 networks.</summary>
    public static ImmutableArray<ScaledPoint> Points { get; } =
    [
        .. Rows.SelectMany(row => Widths.Select((width, i) => new ScaledPoint(width, row.Resolution, row.Top1[i], row.Macs[i] * 1e6))),
    ];
}
