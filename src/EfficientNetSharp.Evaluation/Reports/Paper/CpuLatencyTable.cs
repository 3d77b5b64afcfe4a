using System.Collections.Immutable;
using EfficientNetSharp.Evaluation.Reports.Scaling;
using EfficientNetSharp.Evaluation.Reports.Writing;

namespace EfficientNetSharp.Evaluation.Reports.Paper;

/// <summary>A pair of the paper's Table 4, as printed: a network, and the EfficientNet of about its accuracy.</summary>
/// <param name="Baseline">The network, as the paper calls it.</param>
/// <param name="BaselineArchitecture">Its name in the registry; <see langword="null"/> for one that is not there.</param>
/// <param name="BaselineTop1">Its top-1 accuracy in per cent.</param>
/// <param name="BaselineSeconds">Its latency in seconds.</param>
/// <param name="Network">The EfficientNet, as the paper calls it.</param>
/// <param name="Architecture">Its name in the registry.</param>
/// <param name="Top1">Its top-1 accuracy in per cent.</param>
/// <param name="Seconds">Its latency in seconds.</param>
/// <param name="Speedup">How many times as fast it is, as printed.</param>
public sealed record PaperLatency(
    string Baseline, string? BaselineArchitecture, double BaselineTop1, double BaselineSeconds,
    string Network, string Architecture, double Top1, double Seconds, double Speedup)
{
    /// <summary>Table 4 (Tan and Le 2019, arXiv 1905.11946 v5): batch 1 on one core of a Xeon E5-2690, means of 20 runs.</summary>
    public static ImmutableArray<PaperLatency> Table4 { get; } =
    [
        new("ResNet-152", "resnet152", 77.8, 0.554, "EfficientNet-B1", "efficientnet_b1", 78.8, 0.098, 5.7),
        new("GPipe", null, 84.3, 19.0, "EfficientNet-B7", "efficientnet_b7", 84.4, 3.1, 6.1),
    ];
}

/// <summary>A pair of Table 4 beside what was measured.</summary>
/// <param name="Paper">What the paper prints.</param>
/// <param name="Baseline">The baseline, measured; <see langword="null"/> for one that is not registered.</param>
/// <param name="Network">The EfficientNet, measured.</param>
public sealed record CpuLatencyRow(PaperLatency Paper, Latency.LatencyPoint? Baseline, Latency.LatencyPoint Network)
{
    /// <summary>How many times as fast the EfficientNet is on the engine; <see langword="null"/> without a measured baseline.</summary>
    public double? Speedup => Baseline?.EngineMs / Network.EngineMs;

    /// <summary>The same on ONNX Runtime.</summary>
    public double? OnnxRuntimeSpeedup => Baseline?.OnnxRuntimeMs / Network.OnnxRuntimeMs;
}

/// <summary>The EfficientNet paper's Table 4, latency on a processor, measured on the machine at hand.</summary>
/// <param name="Rows">The pairs.</param>
/// <param name="Machine">What it was measured on, in one line.</param>
public sealed record CpuLatencyTable(ImmutableArray<CpuLatencyRow> Rows, string Machine)
{
    /// <summary>The page.</summary>
    public PaperReport ToReport() => new("table4", "The paper's Table 4: latency on a processor",
        $"Here: {Machine} The paper: one image, one core of a Xeon E5-2690, means of 20 runs. "
        + "A speed-up is how many times as long the network above takes. GPipe is AmoebaNet-B with 557 million parameters; "
        + "it is not registered and stands with the paper's figures alone.",
        [
            new ScalingTable("Latency of an image", "",
                ["network", "top-1 paper", "paper ms", "speed-up paper", "engine ms", "speed-up", "ONNX Runtime ms", "speed-up there"],
                [.. Rows.SelectMany(Cells)], 1),
        ]);

    private static IEnumerable<ImmutableArray<string>> Cells(CpuLatencyRow row)
    {
        var paper = row.Paper;
        yield return Cells(paper.Baseline, paper.BaselineTop1, paper.BaselineSeconds, null, row.Baseline, null, null);
        yield return Cells(paper.Network, paper.Top1, paper.Seconds, paper.Speedup, row.Network, row.Speedup, row.OnnxRuntimeSpeedup);
    }

    private static ImmutableArray<string> Cells(string name, double top1, double seconds, double? printed, Latency.LatencyPoint? measured,
        double? speedup, double? otherSpeedup) =>
    [
        name, PaperReport.PerCent(top1), Numbers.Fixed(seconds * 1e3, 0), PaperReport.Times(printed), Ms(measured?.EngineMs),
        PaperReport.Times(speedup), Ms(measured?.OnnxRuntimeMs), PaperReport.Times(otherSpeedup),
    ];

    private static string Ms(double? milliseconds) => milliseconds is { } known ? Numbers.Fixed(known, 1) : PaperReport.None;
}
