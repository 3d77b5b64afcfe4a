using System.Collections.Immutable;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Weights.Downloads;

/// <summary>The few ways in which the publishers prepare images.</summary>
internal static class PreprocessingRows
{
    /// <summary>timm's IMAGENET_INCEPTION_MEAN and _STD, and torchvision's for EfficientNetV2-L: values become −1 to 1.</summary>
    private static readonly ImmutableArray<float> Half = [0.5f, 0.5f, 0.5f];

    // MEAN_RGB = 127 and STDDEV_RGB = 128 of the lite, edgetpu and condconv builders of tensorflow/tpu, on values of 0 to 255.
    private static readonly ImmutableArray<float> Mean127 = [127f / 255, 127f / 255, 127f / 255],
        Deviation128 = [128f / 255, 128f / 255, 128f / 255];

    /// <summary>The shorter side to <paramref name="resize"/>, then the centre.</summary>
    internal static Preprocessing Torchvision(int size, int resize, Interpolation interpolation) => new()
    {
        Height = size, Width = size, ResizeTo = resize, Interpolation = interpolation,
    };

    /// <summary>As timm evaluates: the crop is a fraction of the resized image.</summary>
    internal static Preprocessing Timm(int size, double cropFraction, Interpolation interpolation = Interpolation.Bicubic) =>
        Preprocessing.ForSize(size, cropFraction) with { Interpolation = interpolation };

    /// <summary>As the TPU code evaluates: the central size/(size + 32) of the shorter side, then bicubic to the size.</summary>
    internal static Preprocessing Tpu(int size) => new()
    {
        // CROP_PADDING = 32 in preprocessing.py of tensorflow/tpu.
        Height = size, Width = size, ResizeTo = size + 32, Crop = CropRule.CenterCropThenResize,
    };

    /// <summary>Values of −1 to 1 instead of ImageNet's statistics.</summary>
    internal static Preprocessing InHalves(this Preprocessing preprocessing) => preprocessing with
    {
        Mean = Half,
        StandardDeviation = Half,
    };

    /// <summary>(value − 127) / 128, value of 0 to 255.</summary>
    internal static Preprocessing Minus127(this Preprocessing preprocessing) => preprocessing with
    {
        Mean = Mean127,
        StandardDeviation = Deviation128,
    };

    /// <summary>(value − 128) / 128, value of 0 to 255.</summary>
    internal static Preprocessing Minus128(this Preprocessing preprocessing) => preprocessing with
    {
        Mean = Deviation128,
        StandardDeviation = Deviation128,
    };

    /// <summary>The whole image is squeezed into the square.</summary>
    internal static Preprocessing StretchResized(this Preprocessing preprocessing) => preprocessing with { Crop = CropRule.StretchResize };
}
