using EfficientNetSharp.Models;

namespace EfficientNetSharp.Imaging.Augmentations.Policies;

/// <summary>What a policy's operations share.</summary>
/// <param name="Fill">The colour of what warps bring in from outside, and of cutouts.</param>
/// <param name="Filter">
/// How warps read between pixels; <see langword="null"/> for bilinear or bicubic at random, each time anew, as timm does.
/// </param>
internal sealed record PolicySettings(PixelColor Fill, WarpFilter? Filter)
{
    /// <summary>The TPU code's: grey 128, nearest (the default of <c>contrib_image.transform</c>).</summary>
    public static PolicySettings Tpu { get; } = new(PixelColor.Grey(128), WarpFilter.Nearest);

    /// <summary>torchvision's: black, nearest.</summary>
    public static PolicySettings Torchvision { get; } = new(PixelColor.Black, WarpFilter.Nearest);

    /// <summary>
    /// timm's: the mean colour of the network's preprocessing in bytes (transforms_factory.py), bilinear or bicubic at random.
    /// </summary>
    /// <param name="preprocessing">The preprocessing; with one channel its mean is a grey.</param>
    public static PolicySettings Timm(Preprocessing preprocessing)
    {
        ArgumentNullException.ThrowIfNull(preprocessing);
        PreprocessingChecks.Check(preprocessing);
        var mean = preprocessing.Mean;
        if (mean.Length == 1) return new PolicySettings(PixelColor.Grey(Level(mean[0])), null);
        bool isBgr = preprocessing.Channels == ChannelOrder.Bgr;
        return new PolicySettings(new PixelColor(Level(mean[isBgr ? 2 : 0]), Level(mean[1]), Level(mean[isBgr ? 0 : 2])), null);
    }

    // Python's round, halves to even. Models with means below zero or above one exist; their fill stays a colour.
    private static byte Level(float mean) => (byte)Math.Clamp(Math.Round(255.0 * mean, MidpointRounding.ToEven), 0, byte.MaxValue);
}
