using System.Collections.Immutable;
using EfficientNetSharp.Models;
using static EfficientNetSharp.Weights.Downloads.PreprocessingRows;

namespace EfficientNetSharp.Weights.Downloads;

/// <summary>
/// timm's weights. Addresses and preprocessing come from <c>default_cfgs</c> in timm/models/efficientnet.py and mobilenetv3.py (with the
/// test size and crop where they have one), accuracies from results/results-imagenet.csv. The digits before <c>.pth</c> start the file's
/// SHA-256; files that exist only on the Hugging Face hub have the SHA-256 that the hub states with each answer. timm names the releases
/// partly by the repository's former owner, rwightman, from which GitHub leads on to the same files.
/// </summary>
internal static class TimmWeights
{
    private const string V1 = "v0.1-weights", V2 = "v0.1-effv2-weights", Tresnet = "v0.1-tresnet";
    private const Interpolation Bilinear = Interpolation.Bilinear;

    // Sizes and crop fractions of the TensorFlow B0 to B8.
    private static readonly (int Size, double Crop)[] Tf =
    [
        (224, 0.875), (240, 0.882), (260, 0.890), (300, 0.904), (380, 0.922), (456, 0.934), (528, 0.942), (600, 0.949), (672, 0.954),
    ];

    // The sets of a model stand with the most usual first.
    internal static ImmutableArray<PublishedWeights> All { get; } =
    [
        Row("efficientnet_b0.ra_in1k", V1, "efficientnet_b0_ra-3dd342df", Timm(224, 0.875), 77.698, 93.538),
        Hub("efficientnet_b0.ra4_e3600_r224_in1k", Timm(256, 1).InHalves(), 79.364),
        Row("efficientnet_b1.ft_in1k", V1, "efficientnet_b1-533bc792", Timm(256, 1), 78.806),
        Hub("efficientnet_b1.ra4_e3600_r240_in1k", Timm(288, 1).InHalves(), 81.444),
        Row("efficientnet_b2.ra_in1k", V1, "efficientnet_b2_ra-bcdf34b7", Timm(288, 1), 80.612),
        Row("efficientnet_b3.ra2_in1k", V1, "efficientnet_b3_ra2-cf984f9c", Timm(320, 1), 82.296),
        Row("efficientnet_b4.ra2_in1k", V1, "efficientnet_b4_ra2_320-7eb33cd5", Timm(384, 1), 83.468),
        Hub("efficientnet_b5.sw_in12k_ft_in1k", Timm(448, 1).StretchResized(), 85.894),
        .. B("aa_in1k", ["b0_aa-827b6e33", "b1_aa-ea7a6ee0", "b2_aa-60c94f97", "b3_aa-84b4657e", "b4_aa-818f208c", "b5_aa-99018a74",
        "b6_aa-80ba17e4", "b7_aa-076e3472"],
            [76.882, 78.840, 80.074, 81.648, 83.040, 83.696, 84.124, 84.424]),
        .. B("in1k", ["b0-0af12548", "b1-5c1377c4", "b2-e393ef04", "b3-e3bd6955", "b4-74ee3bed", "b5-c6949ce9"],
            [76.542, 78.546, 79.612, 80.878, 82.598, 83.170]),
        OneB(5, "ra_in1k", "b5_ra-9a3e5369", 83.834),
        OneB(7, "ra_in1k", "b7_ra-6c08e654", 84.926),
        OneB(8, "ra_in1k", "b8_ra-572d5dd9", 85.344),
        .. B("ap_in1k",
                ["b0_ap-f262efe1", "b1_ap-44ef0a3d", "b2_ap-2f8e7636", "b3_ap-aad25bdd", "b4_ap-dedb23e6", "b5_ap-9e82fae8",
                "b6_ap-4ffb161f", "b7_ap-ddb28fec", "b8_ap-00e169fa"],
                [77.100, 79.288, 80.300, 81.842, 83.246, 84.258, 84.794, 85.132, 85.358])
            .Select(row => row with { Preprocessing = row.Preprocessing.InHalves() }),
        .. B("ns_jft_in1k", ["b0_ns-c0e6a31c", "b1_ns-99dd0c41", "b2_ns-00306e48", "b3_ns-9d44bf68", "b4_ns-d6313a46", "b5_ns-6f26d0cf",
        "b6_ns-51548356", "b7_ns-1dbc32de"],
            [78.680, 81.388, 82.412, 84.054, 85.156, 86.096, 86.476, 86.850]),
        Row("tf_efficientnet_l2.ns_jft_in1k", V1, "tf_efficientnet_l2_ns-df73bb44", Timm(800, 0.96), 88.360),
        Row("tf_efficientnet_l2.ns_jft_in1k_475", V1, "tf_efficientnet_l2_ns_475-bebbd00a", Timm(475, 0.936), 88.246),

        Row("efficientnet_lite0.ra_in1k", V1, "efficientnet_lite0_ra-37913777", Timm(224, 0.875), 75.488),
        Row("tf_efficientnet_lite0.in1k", V1, "tf_efficientnet_lite0-0aa007d2", Timm(224, 0.875).InHalves(), 74.846),
        Row("tf_efficientnet_lite1.in1k", V1, "tf_efficientnet_lite1-bde8b488", Timm(240, 0.882).InHalves(), 76.674),
        Row("tf_efficientnet_lite2.in1k", V1, "tf_efficientnet_lite2-dcccb7df", Timm(260, 0.890).InHalves(), 77.470),
        Row("tf_efficientnet_lite3.in1k", V1, "tf_efficientnet_lite3-b733e338", Timm(300, 0.904, Bilinear).InHalves(), 79.808),
        Row("tf_efficientnet_lite4.in1k", V1, "tf_efficientnet_lite4-741542c3", Timm(380, 0.920, Bilinear).InHalves(), 81.540),
        Row("efficientnet_es.ra_in1k", V1, "efficientnet_es_ra-f111e99c", Timm(224, 0.875), 78.054, 93.924),
        Row("efficientnet_em.ra2_in1k", V1, "efficientnet_em_ra2-66250f76", Timm(240, 0.882), 79.240, 94.794),
        Row("efficientnet_el.ra_in1k", V1, "efficientnet_el-3b455510", Timm(300, 0.904)),
        Row("tf_efficientnet_es.in1k", V1, "tf_efficientnet_es-ca1afbfe", Timm(224, 0.875).InHalves(), 76.608),
        Row("tf_efficientnet_em.in1k", V1, "tf_efficientnet_em-e78cfe58", Timm(240, 0.882).InHalves(), 78.128),
        Row("tf_efficientnet_el.in1k", V1, "tf_efficientnet_el-5143854e", Timm(300, 0.904).InHalves(), 80.246),
        Row("tf_efficientnet_cc_b0_4e.in1k", V1, "tf_efficientnet_cc_b0_4e-4362b6b2", Timm(224, 0.875).InHalves(), 77.324),
        Row("tf_efficientnet_cc_b0_8e.in1k", V1, "tf_efficientnet_cc_b0_8e-66184a25", Timm(224, 0.875).InHalves(), 77.956),
        Row("tf_efficientnet_cc_b1_8e.in1k", V1, "tf_efficientnet_cc_b1_8e-f7c79ae1", Timm(240, 0.882).InHalves(), 79.318),

        Row("tf_efficientnetv2_s.in1k", V2, "tf_efficientnetv2_s-eb54923e", Timm(384, 1).InHalves(), 83.900),
        Row("tf_efficientnetv2_m.in1k", V2, "tf_efficientnetv2_m-cc09e0cd", Timm(480, 1).InHalves().StretchResized(), 85.208),
        Row("tf_efficientnetv2_l.in1k", V2, "tf_efficientnetv2_l-d664b728", Timm(480, 1).InHalves().StretchResized(), 85.660),
        Row("tf_efficientnetv2_s.in21k_ft_in1k", V2, "tf_efficientnetv2_s_21ft1k-d7dafa41", Timm(384, 1).InHalves(), 84.332),
        Row("tf_efficientnetv2_m.in21k_ft_in1k", V2, "tf_efficientnetv2_m_21ft1k-bf41664a", Timm(480, 1).InHalves().StretchResized(),
        86.014),
        Row("tf_efficientnetv2_l.in21k_ft_in1k", V2, "tf_efficientnetv2_l_21ft1k-60127a9d", Timm(480, 1).InHalves().StretchResized(),
        86.802),
        Row("tf_efficientnetv2_xl.in21k_ft_in1k", V2, "tf_efficientnetv2_xl_in21ft1k-06c35c48", Timm(512, 1).InHalves().StretchResized(),
        86.754),
        In21k("tf_efficientnetv2_s.in21k", "tf_efficientnetv2_s_21k-6337ad01", Timm(384, 1)),
        In21k("tf_efficientnetv2_m.in21k", "tf_efficientnetv2_m_21k-361418a2", Timm(480, 1).StretchResized()),
        In21k("tf_efficientnetv2_l.in21k", "tf_efficientnetv2_l_21k-91a19ec9", Timm(480, 1).StretchResized()),
        In21k("tf_efficientnetv2_xl.in21k", "tf_efficientnetv2_xl_in21k-fd7e8abf", Timm(512, 1).StretchResized()),
        Row("tf_efficientnetv2_b0.in1k", V2, "tf_efficientnetv2_b0-c7cc451f", Timm(224, 0.875), 78.386),
        Row("tf_efficientnetv2_b1.in1k", V2, "tf_efficientnetv2_b1-be6e41b0", Timm(240, 0.882), 79.518),
        Row("tf_efficientnetv2_b2.in1k", V2, "tf_efficientnetv2_b2-847de54e", Timm(260, 0.890), 80.226),
        Row("tf_efficientnetv2_b3.in1k", V2, "tf_efficientnetv2_b3-57773f13", Timm(300, 0.904), 81.960),

        Row("mnasnet_100.rmsp_in1k", V1, "mnasnet_b1-74cb7081", Timm(224, 0.875), 74.672),
        Row("semnasnet_100.rmsp_in1k", V1, "mnasnet_a1-d9418771", Timm(224, 0.875), 75.452),
        // The accuracy is that at 224, not at its test size of 256.
        Hub("mobilenetv1_100.ra4_e3600_r224_in1k", Timm(224, 0.875).InHalves(), 75.388),
        Row("mobilenetv2_100.ra_in1k", V1, "mobilenetv2_100_ra-b33bc2c4", Timm(224, 0.875), 72.976, 91.010),
        Row("mobilenetv3_large_100.ra_in1k", V1, "mobilenetv3_large_100_ra-f55367f5", Timm(224, 0.875), 75.766, 92.538),
        Row("mobilenetv3_large_100.miil_in21k_ft_in1k", Tresnet, "mobilenetv3_large_100_1k_miil_78_0-66471c13",
        Timm(224, 0.875, Bilinear) with
        {
            // Values of 0 to 1 as they are.
            Mean = [0, 0, 0], StandardDeviation = [1, 1, 1],
        }, 77.918, 92.914),
        Row("mobilenetv3_small_100.lamb_in1k", V1, "mobilenetv3_small_100_lamb-266a294c", Timm(224, 0.875), 67.656, 87.636),
        Row("tf_mobilenetv3_large_100.in1k", V1, "tf_mobilenetv3_large_100-427764d5", Timm(224, 0.875, Bilinear).InHalves(), 75.516,
        92.594),
        Row("tf_mobilenetv3_small_100.in1k", V1, "tf_mobilenetv3_small_100-37f49e2b", Timm(224, 0.875, Bilinear).InHalves(), 67.918,
        87.674),
    ];

    private static IEnumerable<PublishedWeights> B(string tag, string[] files, double[] top1) =>
        files.Select((file, i) => OneB(i, tag, file, top1[i]));

    private static PublishedWeights OneB(int i, string tag, string file, double top1) =>
        Row($"tf_efficientnet_b{i}.{tag}", V1, $"tf_efficientnet_{file}", Timm(Tf[i].Size, Tf[i].Crop), top1);

    private static PublishedWeights In21k(string name, string file, Preprocessing preprocessing) =>
        Row(name, V2, file, preprocessing.InHalves()) with { Classes = 21_843 };

    private static PublishedWeights Row(string name, string release, string file, Preprocessing preprocessing, double? top1 = null,
        double? top5 = null) => new()
    {
        Name = $"{PublishedSources.Timm}/{name}",
        Architecture = name.Split('.')[0],
        Source = PublishedSources.Timm,
        Url = new Uri($"https://github.com/huggingface/pytorch-image-models/releases/download/{release}/{file}.pth"),
        Sha256 = file[(file.LastIndexOf('-') + 1)..],
        Licence = "Apache-2.0",
        Preprocessing = preprocessing,
        Top1 = top1,
        Top5 = top5,
    };

    // hf_hub_id = 'timm/': the repository has the name of the weights, the file is model.safetensors.
    private static PublishedWeights Hub(string name, Preprocessing preprocessing, double top1) =>
        Row(name, "", name, preprocessing, top1) with
    {
        Url = new Uri($"https://huggingface.co/timm/{name}/resolve/main/model.safetensors"),
        Sha256 = null,
    };
}
