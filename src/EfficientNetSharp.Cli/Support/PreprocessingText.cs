using System.Globalization;
using EfficientNetSharp.Cli.Support.Words;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Cli.Support;

/// <summary>What is done to images before the network sees them, for people.</summary>
internal static class PreprocessingText
{
    /// <summary>Such as "shorter side to 256, centre 224×224, bicubic, mean …, std …".</summary>
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
        string interpolation = CodeWords.Of(preprocessing.Interpolation);
        string order = preprocessing.Channels == ChannelOrder.Bgr ? ", blue first" : "";
        return $"{crop}, {interpolation}{order}, mean {Join(preprocessing.Mean)}, std {Join(preprocessing.StandardDeviation)}";

        static string Join(IEnumerable<float> values) =>
            string.Join(' ', values.Select(value => value.ToString("0.###", CultureInfo.InvariantCulture)));
    }
}
