using System.Collections.Immutable;
using EfficientNetSharp.Models;
using static EfficientNetSharp.Weights.Downloads.PreprocessingRows;

namespace EfficientNetSharp.Weights.Downloads;

/// <summary>
/// The authors' TensorFlow checkpoints, as tar archives. Addresses and top-1 come from the README files of tensorflow/tpu
/// (models/official/efficientnet and its lite, edgetpu and condconv folders) and google/automl (efficientnetv2), resolutions and
/// statistics from the builders there. No hashes are published; the storage server states an MD5 with each answer.
/// </summary>
internal static class TpuWeights
{
    private const string Storage = "https://storage.googleapis.com/cloud-tpu-checkpoints/efficientnet";

    // Native resolutions of B0 to B8 (efficientnet_builder.py).
    private static readonly int[] Sizes = [224, 240, 260, 300, 380, 456, 528, 600, 672];

    internal static ImmutableArray<PublishedWeights> All { get; } =
    [
        .. Set("aa", "ckptsaug/efficientnet-b{0}", [77.1, 79.1, 80.1, 81.6, 82.9, 83.6, 84.0, 84.3]),
        .. Set("base", "ckpts/efficientnet-b{0}", [76.7, 78.7, 79.8, 81.1, 82.5, 83.1]),
        B(5, "ra", "randaug/efficientnet-b5-randaug", 83.7),
        B(7, "ra", "randaug/efficientnet-b7-randaug", 84.7),
        .. Set("advprop", "advprop/efficientnet-b{0}", [77.6, 79.6, 80.5, 81.9, 83.3, 84.3, 84.8, 85.2, 85.5])
            .Select(row => row with { Preprocessing = row.Preprocessing.InHalves() }),
        .. Set("noisystudent", "noisystudent/noisy_student_efficientnet-b{0}", [78.8, 81.5, 82.4, 84.1, 85.3, 86.1, 86.4, 86.9]),
        Row("efficientnet-l2.noisystudent", "tf_efficientnet_l2", "noisystudent/noisy_student_efficientnet-l2", Tpu(800), 88.4),
        Row("efficientnet-l2_475.noisystudent", "tf_efficientnet_l2", "noisystudent/noisy_student_efficientnet-l2_475", Tpu(475), 88.2),

        // The lite networks are trained with TensorFlow's bilinear resizing, which has no antialiasing: up to 260 pixels Pillow's
        // bicubic comes nearer to it than its bilinear, as timm found.
        Row("efficientnet-lite0", "tf_efficientnet_lite0", "lite/efficientnet-lite0", Tpu(224).Minus127(), 75.1),
        Row("efficientnet-lite1", "tf_efficientnet_lite1", "lite/efficientnet-lite1", Tpu(240).Minus127(), 76.7),
        Row("efficientnet-lite2", "tf_efficientnet_lite2", "lite/efficientnet-lite2", Tpu(260).Minus127(), 77.6),
        Row("efficientnet-lite3", "tf_efficientnet_lite3", "lite/efficientnet-lite3",
        Tpu(280).Minus127() with { Interpolation = Interpolation.Bilinear }, 79.8),
        Row("efficientnet-lite4", "tf_efficientnet_lite4", "lite/efficientnet-lite4",
        Tpu(300).Minus127() with { Interpolation = Interpolation.Bilinear }, 81.5),

        // Label 0 is the background.
        Row("efficientnet-edgetpu-S", "tf_efficientnet_es", "efficientnet-edgetpu-S", Tpu(224).Minus127(), 77.23) with { Classes = 1001 },
        Row("efficientnet-edgetpu-M", "tf_efficientnet_em", "efficientnet-edgetpu-M", Tpu(240).Minus127(), 78.69) with { Classes = 1001 },
        Row("efficientnet-edgetpu-L", "tf_efficientnet_el", "efficientnet-edgetpu-L", Tpu(300).Minus127(), 80.62) with { Classes = 1001 },

        Row("efficientnet-condconv-b0-4e", "tf_efficientnet_cc_b0_4e", "condconv/efficientnet-condconv-b0-4e", Tpu(224).Minus127(), 77.8),
        Row("efficientnet-condconv-b0-8e", "tf_efficientnet_cc_b0_8e", "condconv/efficientnet-condconv-b0-8e", Tpu(224).Minus127(), 78.3),
        // timm calls the depth of 1.1 b1.
        Row("efficientnet-condconv-b0-8e-depth", "tf_efficientnet_cc_b1_8e", "condconv/efficientnet-condconv-b0-8e-depth",
            Tpu(224).Minus127(), 79.5),

        V2("s", "", 384, 83.9), V2("m", "", 480, 85.2), V2("l", "", 480, 85.7),
        V2("s", "-21k-ft1k", 384, 84.9), V2("m", "-21k-ft1k", 480, 86.2), V2("l", "-21k-ft1k", 480, 86.9), V2("xl", "-21k-ft1k", 512, 87.2),
        V2("s", "-21k", 384, null), V2("m", "-21k", 480, null), V2("l", "-21k", 480, null), V2("xl", "-21k", 512, null),
        SmallV2("b0", 224, 78.7), SmallV2("b1", 240, 79.8), SmallV2("b2", 260, 80.5), SmallV2("b3", 300, 82.1),
    ];

    private static IEnumerable<PublishedWeights> Set(string tag, string file, double[] top1) =>
        top1.Select((accuracy, i) => B(i, tag, string.Format(null, System.Text.CompositeFormat.Parse(file), i), accuracy));

    private static PublishedWeights B(int i, string tag, string file, double top1) =>
        Row($"efficientnet-b{i}.{tag}", $"tf_efficientnet_b{i}", file, Tpu(Sizes[i]), top1);

    private static PublishedWeights Row(string model, string architecture, string file, Preprocessing preprocessing, double top1) => new()
    {
        Name = $"{PublishedSources.Tpu}/{model}",
        Architecture = architecture,
        Source = PublishedSources.Tpu,
        Url = new Uri($"{Storage}/{file}.tar.gz"),
        Licence = "Apache-2.0",
        Preprocessing = preprocessing,
        Top1 = top1,
    };

    // preprocessing.py of efficientnetv2: from 320 pixels on the whole image, TensorFlow's bilinear, (value − 128)/128.
    private static PublishedWeights V2(string size, string set, int resolution, double? top1) => new()
    {
        Name = $"{PublishedSources.AutoMl}/efficientnetv2-{size}.{(set.Length == 0 ? "1k" : set[1..])}",
        Architecture = $"tf_efficientnetv2_{size}",
        Source = PublishedSources.AutoMl,
        Url = new Uri($"{Storage}/v2/efficientnetv2-{size}{set}.tgz"),
        Licence = "Apache-2.0",
        Preprocessing = Torchvision(resolution, resolution, Interpolation.Bilinear).StretchResized().Minus128(),
        Top1 = top1,
        Classes = set == "-21k" ? 21_843 : 1000,
    };

    // The README: "the same scaling and preprocessing as V1".
    private static PublishedWeights SmallV2(string size, int resolution, double top1) => V2(size, "", resolution, top1) with
    {
        Preprocessing = Tpu(resolution),
    };
}
