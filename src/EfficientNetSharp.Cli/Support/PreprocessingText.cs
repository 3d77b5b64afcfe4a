using EfficientNetSharp.Models;

namespace EfficientNetSharp.Cli.Support;

/// <summary>What is done to images before the network sees them, for people.</summary>
internal static class PreprocessingText
{
    /// <summary>Such as "shorter side to 256, centre 224×224, Bicubic, mean …, std …".</summary>
    public static string Of(Preprocessing preprocessing)
    {
        string size = $"{preprocessing.Height}×{preprocessing.Width}";
        string crop = preprocessing.Crop switch
        {
            CropRule.ResizeThenCenterCrop => $"shorter side to {preprocessing.ResizeTo}, centre {size}",
            CropRule.CenterCropThenResize =>
            $"centre {preprocessing.Height}/{preprocessing.ResizeTo} of the shorter side, resized to {size}",
            _ => $"the whole resized to {size}",
        };
        return FormattableString.Invariant(
            $"{crop}, {preprocessing.Interpolation}, mean {string.Join(' ', preprocessing.Mean.Select(Round))}, std {string.Join(' ', preprocessing.StandardDeviation.Select(Round))}");

        static string Round(float value) => value.ToString("0.###", System.Globalization.CultureInfo.InvariantCulture);
    }
}
