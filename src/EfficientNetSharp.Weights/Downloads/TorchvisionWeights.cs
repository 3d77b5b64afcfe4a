using System.Collections.Immutable;
using EfficientNetSharp.Models;
using static EfficientNetSharp.Weights.Downloads.PreprocessingRows;

namespace EfficientNetSharp.Weights.Downloads;

/// <summary>
/// torchvision's weights. Addresses, preprocessing and accuracies are those of the <c>…_Weights</c> enumerations in
/// torchvision/models; the digits before <c>.pth</c> start the file's SHA-256. B0 to B7 have the addresses given since pytorch/vision
/// issue 7744: the older ones carry the digits of the files they were converted from, which do not fit.
/// </summary>
internal static class TorchvisionWeights
{
    private const Interpolation Bilinear = Interpolation.Bilinear, Bicubic = Interpolation.Bicubic;

    // Of the networks that are registered here. Where a model has two sets, torchvision's own default comes first.
    internal static ImmutableArray<PublishedWeights> All { get; } =
    [
        Row("efficientnet_b0", "V1", "efficientnet_b0_rwightman-7f5810bc", Torchvision(224, 256, Bicubic), 77.692, 93.532, 20.450974),
        Row("efficientnet_b1", "V2", "efficientnet_b1-c27df63c", Torchvision(240, 255, Bilinear), 79.838, 94.934, 30.136422),
        Row("efficientnet_b1", "V1", "efficientnet_b1_rwightman-bac287d4", Torchvision(240, 256, Bicubic), 78.642, 94.186, 30.133798),
        Row("efficientnet_b2", "V1", "efficientnet_b2_rwightman-c35c1473", Torchvision(288, 288, Bicubic), 80.608, 95.310, 35.173593),
        Row("efficientnet_b3", "V1", "efficientnet_b3_rwightman-b3899882", Torchvision(300, 320, Bicubic), 82.008, 96.054, 47.183904),
        Row("efficientnet_b4", "V1", "efficientnet_b4_rwightman-23ab8bcd", Torchvision(380, 384, Bicubic), 83.384, 96.594, 74.489011),
        Row("efficientnet_b5", "V1", "efficientnet_b5_lukemelas-1a07897c", Torchvision(456, 456, Bicubic), 83.444, 96.628, 116.863912),
        Row("efficientnet_b6", "V1", "efficientnet_b6_lukemelas-24a108a5", Torchvision(528, 528, Bicubic), 84.008, 96.916, 165.361524),
        Row("efficientnet_b7", "V1", "efficientnet_b7_lukemelas-c5b4e57e", Torchvision(600, 600, Bicubic), 84.122, 96.908, 254.675393),
        Row("efficientnet_v2_s", "V1", "efficientnet_v2_s-dd5fe13b", Torchvision(384, 384, Bilinear), 84.228, 96.878, 82.703832),
        Row("efficientnet_v2_m", "V1", "efficientnet_v2_m-dc08266a", Torchvision(480, 480, Bilinear), 85.112, 97.156, 208.010186),
        Row("efficientnet_v2_l", "V1", "efficientnet_v2_l-59c71312", Torchvision(480, 480, Bicubic).InHalves(), 85.808, 97.788, 454.573071),
        Row("mobilenet_v2", "V2", "mobilenet_v2-7ebf99e0", Torchvision(224, 232, Bilinear), 72.154, 90.822),
        Row("mobilenet_v2", "V1", "mobilenet_v2-b0353104", Torchvision(224, 256, Bilinear), 71.878, 90.286),
        Row("mobilenet_v3_large", "V2", "mobilenet_v3_large-5c1a4163", Torchvision(224, 232, Bilinear), 75.274, 92.566),
        Row("mobilenet_v3_large", "V1", "mobilenet_v3_large-8738ca79", Torchvision(224, 256, Bilinear), 74.042, 91.340),
        Row("mobilenet_v3_small", "V1", "mobilenet_v3_small-047dcff4", Torchvision(224, 256, Bilinear), 67.668, 87.402),
        Row("mnasnet1_0", "V1", "mnasnet1.0_top1_73.512-f206786ef8", Torchvision(224, 256, Bilinear), 73.456, 91.510),
        Row("resnet18", "V1", "resnet18-f37072fd", Torchvision(224, 256, Bilinear), 69.758, 89.078),
        Row("resnet34", "V1", "resnet34-b627a593", Torchvision(224, 256, Bilinear), 73.314, 91.420),
        Row("resnet50", "V2", "resnet50-11ad3fa6", Torchvision(224, 232, Bilinear), 80.858, 95.434),
        Row("resnet50", "V1", "resnet50-0676ba61", Torchvision(224, 256, Bilinear), 76.130, 92.862),
        Row("resnet101", "V2", "resnet101-cd907fc2", Torchvision(224, 232, Bilinear), 81.886, 95.780),
        Row("resnet101", "V1", "resnet101-63fe2227", Torchvision(224, 256, Bilinear), 77.374, 93.546),
        Row("resnet152", "V2", "resnet152-f82ba261", Torchvision(224, 232, Bilinear), 82.284, 96.002),
        Row("resnet152", "V1", "resnet152-394f9c45", Torchvision(224, 256, Bilinear), 78.312, 94.046),
        Row("squeezenet1_0", "V1", "squeezenet1_0-b66bff10", Torchvision(224, 256, Bilinear), 58.092, 80.420),
        Row("squeezenet1_1", "V1", "squeezenet1_1-b8a52dc0", Torchvision(224, 256, Bilinear), 58.178, 80.624),
        Row("shufflenet_v2_x0_5", "V1", "shufflenetv2_x0.5-f707e7126e", Torchvision(224, 256, Bilinear), 60.552, 81.746),
        Row("shufflenet_v2_x1_0", "V1", "shufflenetv2_x1-5666bf0f80", Torchvision(224, 256, Bilinear), 69.362, 88.316),
        Row("shufflenet_v2_x1_5", "V1", "shufflenetv2_x1_5-3c479a10", Torchvision(224, 232, Bilinear), 72.996, 91.086),
        Row("shufflenet_v2_x2_0", "V1", "shufflenetv2_x2_0-8be3c8ee", Torchvision(224, 232, Bilinear), 76.230, 93.006),
    ];

    private static PublishedWeights Row(
        string model, string version, string file, Preprocessing preprocessing, double top1, double top5, double? mebibytes = null) => new()
    {
        Name = $"{PublishedSources.Torchvision}/{model}.IMAGENET1K_{version}",
        Architecture = model,
        Source = PublishedSources.Torchvision,
        Url = new Uri($"https://download.pytorch.org/models/{file}.pth"),
        Sha256 = file[(file.LastIndexOf('-') + 1)..],
        // _weight_size is in units of 2^20 bytes.
        ApproximateBytes = mebibytes is { } size ? (long)(size * (1 << 20)) : null,
        Licence = "BSD-3-Clause",
        Preprocessing = preprocessing,
        Top1 = top1,
        Top5 = top5,
    };
}
