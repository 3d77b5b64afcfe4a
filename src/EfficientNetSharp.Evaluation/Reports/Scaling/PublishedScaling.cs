using System.Collections.Immutable;

namespace EfficientNetSharp.Evaluation.Reports.Scaling;

/// <summary>One scaled network of the paper's Table 3 or 7.</summary>
/// <param name="Name">What it is called in tables, such as <c>ResNet-50</c>.</param>
/// <param name="Baseline">Its baseline's name in the registry.</param>
/// <param name="Label">How it is scaled, such as <c>w = 2</c>.</param>
/// <param name="Depth">Multiplier of depth.</param>
/// <param name="Width">Multiplier of width.</param>
/// <param name="Resolution">Multiplier of resolution.</param>
/// <param name="PaperFlops">Multiply-adds that the paper prints, to its one or two digits.</param>
/// <param name="Top1">Top-1 accuracy on ImageNet that it prints, in per cent.</param>
/// <param name="Note">Where the paper's own numbers do not fit each other.</param>
public sealed record PublishedScalingRow(
    string Name, string Baseline, string Label, double Depth, double Width, double Resolution, double PaperFlops, double Top1,
    string? Note = null);

/// <summary>
/// Accuracies and sizes printed in the EfficientNet paper (Tan and Le 2019, arXiv 1905.11946 v5) and in those it compares with.
/// </summary>
public static class PublishedScaling
{
    private const string Unstated = "the paper does not say its coefficients; counted with those of MobileNetV1, d = 1.4, w = 1.2, r = 1.3";

    private const string Interchanged = "the paper's FLOPs of d = 4 and w = 2 look interchanged: each equals our count of the other";

    private const string SingleAxis =
        "the paper's FLOPs do not follow from the published B0, whose fourfold networks come out about 1.2 times cheaper";

    /// <summary>Table 3: MobileNets and ResNet-50 scaled along one axis and along all.</summary>
    public static ImmutableArray<PublishedScalingRow> Table3 { get; } =
    [
        V1("baseline", 1, 1, 1, 0.6, 70.6), V1("w = 2", 1, 2, 1, 2.2, 74.2), V1("r = 2", 1, 1, 2, 2.2, 72.7),
        V1("compound d = 1.4, w = 1.2, r = 1.3", 1.4, 1.2, 1.3, 2.3, 75.6),
        V2("baseline", 1, 1, 1, 0.3, 72.0), V2("d = 4", 4, 1, 1, 1.2, 76.8), V2("w = 2", 1, 2, 1, 1.1, 76.4),
        V2("r = 2", 1, 1, 2, 1.2, 74.8),
        V2("compound", 1.4, 1.2, 1.3, 1.3, 77.4, Unstated),
        R50("baseline", 1, 1, 1, 4.1, 76.0), R50("d = 4", 4, 1, 1, 16.2, 78.1, Interchanged),
        R50("w = 2", 1, 2, 1, 14.7, 77.7, Interchanged),
        R50("r = 2", 1, 1, 2, 16.4, 77.5), R50("compound", 1.4, 1.2, 1.3, 16.7, 78.8, Unstated),
    ];

    /// <summary>Table 7: EfficientNet-B0 scaled along one axis and along all.</summary>
    public static ImmutableArray<PublishedScalingRow> Table7 { get; } =
    [
        B0("baseline", 1, 1, 1, 0.4, 77.3), B0("d = 4", 4, 1, 1, 1.8, 79.0, SingleAxis), B0("w = 2", 1, 2, 1, 1.8, 78.9, SingleAxis),
        B0("r = 2", 1, 1, 2, 1.9, 79.1, SingleAxis), B0("compound d = 1.4, w = 1.2, r = 1.3", 1.4, 1.2, 1.3, 1.8, 81.1),
    ];

    /// <summary>
    /// The published B0–B7: multipliers and resolution as tensorflow/tpu ships them, the compound coefficient that they are closest
    /// to, and top-1 of the paper's Table 2.
    /// </summary>
    public static ImmutableArray<(string Variant, double Phi, double Depth, double Width, int Resolution, double Top1)> Family { get; } =
    [
        ("b0", 0, 1.0, 1.0, 224, 77.1), ("b1", 0.5, 1.1, 1.0, 240, 79.1), ("b2", 1, 1.2, 1.1, 260, 80.1), ("b3", 2, 1.4, 1.2, 300, 81.6),
        ("b4", 3.5, 1.8, 1.4, 380, 82.9), ("b5", 5, 2.2, 1.6, 456, 83.6), ("b6", 6, 2.6, 1.8, 528, 84.0), ("b7", 7, 3.1, 2.0, 600, 84.3),
    ];

    /// <summary>Others to compare with. Top-1 of the paper's Tables 3 and 4; MnasNet-A1's of Tan et al. 2019.</summary>
    public static ImmutableArray<(string Name, string Architecture, double Top1)> Others { get; } =
    [
        ("MobileNetV1", "mobilenetv1_100", 70.6), ("MobileNetV2", "mobilenet_v2", 72.0), ("MnasNet-A1", "semnasnet_100", 75.2),
        ("ResNet-50", "resnet50", 76.0), ("ResNet-152", "resnet152", 77.8),
    ];

    private static PublishedScalingRow V1(string label, double d, double w, double r, double flops, double top1) =>
        new("MobileNetV1", "mobilenetv1_100", label, d, w, r, flops * 1e9, top1);

    private static PublishedScalingRow V2(string label, double d, double w, double r, double flops, double top1, string? note = null) =>
        new("MobileNetV2", "mobilenet_v2", label, d, w, r, flops * 1e9, top1, note);

    private static PublishedScalingRow R50(string label, double d, double w, double r, double flops, double top1, string? note = null) =>
        new("ResNet-50", "resnet50", label, d, w, r, flops * 1e9, top1, note);

    private static PublishedScalingRow B0(string label, double d, double w, double r, double flops, double top1, string? note = null) =>
        new("EfficientNet-B0", "efficientnet_b0", label, d, w, r, flops * 1e9, top1, note);
}
