using System.Collections.Immutable;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Weights.NameMaps;

/// <summary>
/// What each source does to an image before its published weights, by its own files: torchvision's <c>models/*.py</c> transforms
/// presets, timm's <c>default_cfgs</c>, the TPU code's <c>preprocessing.py</c>, EfficientNet-PyTorch's <c>examples/imagenet</c>,
/// keras.applications, insightface, and MobileFaceNet's repositories.
/// </summary>
internal static class SourcePreprocessing
{
    // (x − 0.5) / 0.5, "Inception" in timm; (x·255 − 127) / 128 and (x·255 − 128) / 128 in the TPU code's Lite and V2.
    private static readonly ImmutableArray<float> Half = [0.5f, 0.5f, 0.5f];
    private static readonly ImmutableArray<float> Lite = [127f / 255, 127f / 255, 127f / 255];
    private static readonly ImmutableArray<float> Middle = [128f / 255, 128f / 255, 128f / 255];

    // Pixels that the TPU code leaves around the crop, whatever its size: size/(size + 32) of the image.
    private const int TpuMargin = 32;

    public static Preprocessing Torchvision(Architecture architecture)
    {
        var (size, resizeTo) = architecture.Name switch
        {
            "efficientnet_b0" => (224, 256),
            "efficientnet_b1" => (240, 256),
            "efficientnet_b2" => (288, 288),
            "efficientnet_b3" => (300, 320),
            "efficientnet_b4" => (380, 384),
            _ when architecture.Family is "EfficientNet" or "EfficientNetV2" => (architecture.Resolution, architecture.Resolution),
            _ => (architecture.Resolution, (int)(architecture.Resolution / 0.875)),
        };
        bool large = architecture.Name == "efficientnet_v2_l";
        return Square(size, resizeTo) with
        {
            Interpolation = architecture.Family == "EfficientNet" || large ? Interpolation.Bicubic : Interpolation.Bilinear,
            Mean = large ? Half : Preprocessing.ImageNetMean,
            StandardDeviation = large ? Half : Preprocessing.ImageNetStandardDeviation,
        };
    }

    public static Preprocessing Timm(Architecture architecture)
    {
        bool tensorFlow = SourceSemantics.IsTensorFlow(architecture);
        int size = architecture.Name switch
        {
            "tf_efficientnet_lite3" => 300,
            "tf_efficientnet_lite4" => 380,
            _ => architecture.Resolution,
        };
        // The V2 nets of TensorFlow but for B0–B3 see the whole image.
        bool wholeV2 = tensorFlow && architecture.Family == "EfficientNetV2"
            && !architecture.Name.Contains("v2_b", StringComparison.Ordinal);
        bool inception = tensorFlow
            && (wholeV2
            || architecture.Family is "EfficientNet-Lite" or "EfficientNet-EdgeTPU" or "EfficientNet-CondConv" or "MobileNetV3" or "NASNet");
        double crop = wholeV2 ? 1 : architecture.Name == "tf_efficientnet_lite4" ? 0.92 : tensorFlow ? TensorFlowCrop(size) : 0.875;
        return Square(size, (int)Math.Floor(size / crop)) with
        {
            Crop = wholeV2 ? CropRule.StretchResize : CropRule.ResizeThenCenterCrop,
            Interpolation = tensorFlow && architecture.Family == "MobileNetV3" ? Interpolation.Bilinear : Interpolation.Bicubic,
            Mean = inception ? Half : Preprocessing.ImageNetMean,
            StandardDeviation = inception ? Half : Preprocessing.ImageNetStandardDeviation,
        };
    }

    // As examples/imagenet/main.py: the shorter side to the network's size, then the centre.
    public static Preprocessing Lukemelas(Architecture architecture) => Square(architecture.Resolution, architecture.Resolution);

    public static Preprocessing Tpu(Architecture architecture)
    {
        var preprocessing = Square(architecture.Resolution, architecture.Resolution + TpuMargin) with
        {
            Crop = CropRule.CenterCropThenResize,
        };
        ImmutableArray<float>? mean = architecture.Family switch
        {
            "EfficientNet-Lite" or "EfficientNet-EdgeTPU" or "EfficientNet-CondConv" => Lite,
            "EfficientNetV2" => Middle,
            _ => null,
        };
        return mean is null ? preprocessing : preprocessing with { Mean = mean.Value, StandardDeviation = Middle };
    }

    // The networks of keras.applications normalise within; V2-S to L take 0…255 to −1…1. qubvel crops as the TPU code does.
    public static Preprocessing Keras(Architecture architecture)
    {
        bool middle = architecture.Family == "EfficientNetV2" && !architecture.Name.Contains("v2_b", StringComparison.Ordinal);
        var preprocessing = Square(architecture.Resolution, architecture.Resolution + TpuMargin) with
        {
            Crop = CropRule.CenterCropThenResize,
        };
        // NASNet's preprocess_input, mode "tf": x / 127.5 − 1.
        return architecture.Family == "NASNet" ? preprocessing with { Mean = Half, StandardDeviation = Half }
            : middle ? preprocessing with { Mean = Middle, StandardDeviation = Middle } : preprocessing;
    }

    // EfficientNetImageProcessor resizes the whole image; its filter is the nearest pixel, for which bicubic stands here. Its deviations are
    // roots, divided by twice.
    public static Preprocessing Transformers(Architecture architecture) => Square(architecture.Resolution, architecture.Resolution) with
    {
        Crop = CropRule.StretchResize,
    };

    // ShuffleNetV1/train.py: pixels of 0…255, blue first, as they are; OpenCV's bilinear filter, for which Pillow's stands here.
    public static Preprocessing Megvii(Architecture architecture) => Square(architecture.Resolution, (int)(architecture.Resolution / 0.875)) with
    {
        Interpolation = Interpolation.Bilinear,
        Channels = ChannelOrder.Bgr,
        Mean = [0, 0, 0],
        StandardDeviation = [1f / 255, 1f / 255, 1f / 255],
    };

    // Faces are aligned to the input's size beforehand; (x·255 − 127.5) / 127.5.
    public static Preprocessing Insightface(Architecture architecture) => Square(architecture.Resolution, architecture.Resolution) with
    {
        Crop = CropRule.StretchResize,
        Interpolation = Interpolation.Bilinear,
        Mean = Half,
        StandardDeviation = Half,
    };

    // InsightFace_Pytorch reads MXNet's records by OpenCV and takes the pixels for red first ever after: the network has seen blue first.
    public static Preprocessing Treb1en(Architecture architecture) => Insightface(architecture) with { Channels = ChannelOrder.Bgr };

    // MobileFaceNet_Pytorch, dataloader/*.py: (x − 127.5) / 128.
    public static Preprocessing Xiaoccer(Architecture architecture) => Insightface(architecture) with { StandardDeviation = Middle };

    // foamliu/MobileFaceNet, data_gen.py: torchvision's statistics.
    public static Preprocessing Foamliu(Architecture architecture) => Insightface(architecture) with
    {
        Mean = Preprocessing.ImageNetMean,
        StandardDeviation = Preprocessing.ImageNetStandardDeviation,
    };

    // crop_pct of timm's tf_ weights: size/(size + 32) to three digits; a few are given otherwise.
    private static double TensorFlowCrop(int size) => size switch
    {
        475 => 0.936,
        528 => 0.942,
        672 => 0.954,
        800 => 0.96,
        _ => Math.Round(size / (double)(size + TpuMargin), 3),
    };

    private static Preprocessing Square(int size, int resizeTo) => new()
    {
        Height = size,
        Width = size,
        ResizeTo = Math.Max(size, resizeTo),
    };
}
