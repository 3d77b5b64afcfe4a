using System.Collections.Immutable;

namespace EfficientNetSharp.Models;

/// <summary>Filters of the resampler, as Pillow has them.</summary>
public enum Interpolation
{
    /// <summary>Triangle, support 1.</summary>
    Bilinear,

    /// <summary>Cubic with a = −0.5, support 2.</summary>
    Bicubic,

    /// <summary>Windowed sinc, support 3.</summary>
    Lanczos,

    /// <summary>Mean of the pixels covered, support 0.5.</summary>
    Box,
}

/// <summary>How an image of any size becomes one of the network's size.</summary>
public enum CropRule
{
    /// <summary>
    /// timm and torchvision: the shorter side is resized to <see cref="Preprocessing.ResizeTo"/>, then the centre is cut out.
    /// </summary>
    ResizeThenCenterCrop,

    /// <summary>
    /// The TPU code: the central square of side ⌊size/(size+32) · shorter side⌋ is cut out, then resized;
    /// <see cref="Preprocessing.ResizeTo"/> is size + 32 there.
    /// </summary>
    CenterCropThenResize,

    /// <summary>The whole image is resized, its proportions not kept.</summary>
    StretchResize,
}

/// <summary>Order of the colour channels in the network's input.</summary>
public enum ChannelOrder
{
    /// <summary>Red, green, blue.</summary>
    Rgb,

    /// <summary>Blue, green, red, as OpenCV-trained networks want it.</summary>
    Bgr,
}

/// <summary>
/// What is done to an image before the network sees it. It travels with the model; there is no global default.
/// </summary>
public sealed record Preprocessing
{
    /// <summary>Rows of the network's input in pixels.</summary>
    public required int Height { get; init; }

    /// <summary>Columns of the network's input in pixels.</summary>
    public required int Width { get; init; }

    /// <summary>
    /// Length in pixels that the shorter side has before the crop, at least the crop's; for a crop fraction f (timm's crop_pct)
    /// it is ⌊size/f⌋.
    /// </summary>
    public required int ResizeTo { get; init; }

    /// <summary>How the crop is taken.</summary>
    public CropRule Crop { get; init; } = CropRule.ResizeThenCenterCrop;

    /// <summary>The resampler's filter.</summary>
    public Interpolation Interpolation { get; init; } = Interpolation.Bicubic;

    /// <summary>Subtracted from values scaled to 0…1; one number per channel, in the input's order.</summary>
    public ImmutableArray<float> Mean { get; init; } = ImageNetMean;

    /// <summary>Then divided by this; one number per channel, in the input's order.</summary>
    public ImmutableArray<float> StandardDeviation { get; init; } = ImageNetStandardDeviation;

    /// <summary>Order of the channels.</summary>
    public ChannelOrder Channels { get; init; }

    /// <summary>ImageNet's mean of each channel, red first, as torchvision and timm use it.</summary>
    public static ImmutableArray<float> ImageNetMean { get; } = [0.485f, 0.456f, 0.406f];

    /// <summary>ImageNet's standard deviation of each channel, red first.</summary>
    public static ImmutableArray<float> ImageNetStandardDeviation { get; } = [0.229f, 0.224f, 0.225f];

    /// <summary>The share of the resized image that the crop keeps, timm's crop_pct; at most 1.</summary>
    public double CropFraction => Math.Min(1, (double)Math.Min(Height, Width) / ResizeTo);

    /// <summary>
    /// The same at another size: a crop out of the resized image keeps its share of it, one that is a margin (the TPU code's 32 pixels)
    /// keeps the margin.
    /// </summary>
    /// <param name="height">Rows in pixels.</param>
    /// <param name="width">Columns in pixels.</param>
    public Preprocessing At(int height, int width)
    {
        if (Height == height && Width == width) return this;
        long before = Math.Min(Height, Width), after = Math.Min(height, width);
        long resizeTo = Crop == CropRule.CenterCropThenResize ? ResizeTo - before + after : ResizeTo * after / before;
        return this with { Height = height, Width = width, ResizeTo = (int)Math.Clamp(resizeTo, after, int.MaxValue) };
    }

    /// <summary>The same at another square size, as <see cref="At(int, int)"/>.</summary>
    /// <param name="size">Side in pixels.</param>
    public Preprocessing At(int size) => At(size, size);

    /// <summary>
    /// The same with another share of the image in the crop. Where the whole image was stretched, it is resized and cropped instead.
    /// </summary>
    /// <param name="fraction">timm's crop_pct, above 0 and at most 1.</param>
    public Preprocessing WithCropFraction(double fraction) => this with
    {
        ResizeTo = (int)Math.Floor(Math.Min(Height, Width) / fraction),
        Crop = Crop == CropRule.StretchResize ? CropRule.ResizeThenCenterCrop : Crop,
    };

    /// <summary>
    /// The usual evaluation setting for a square input: shorter side to ⌊size/0.875⌋ with bicubic, centre crop, ImageNet's
    /// statistics.
    /// </summary>
    /// <param name="size">Side of the input in pixels.</param>
    /// <param name="cropFraction">The crop's share of the resized image; timm's default is 0.875.</param>
    public static Preprocessing ForSize(int size, double cropFraction = 0.875) => new()
    {
        Height = size,
        Width = size,
        ResizeTo = (int)Math.Floor(size / cropFraction),
    };
}
