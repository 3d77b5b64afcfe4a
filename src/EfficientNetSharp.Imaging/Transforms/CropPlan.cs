using EfficientNetSharp.Imaging.Resampling;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Imaging.Transforms;

/// <summary>
/// What a crop rule means for one image: cut out <see cref="Crop"/>, resize that to <see cref="Resized"/>, of which
/// <see cref="Window"/> is wanted, and put that at (<see cref="PadLeft"/>, <see cref="PadTop"/>) of a black image of the network's size.
/// </summary>
internal readonly record struct CropPlan(PixelRectangle Crop, ResizedSize Resized, ResizedWindow Window, int PadLeft, int PadTop)
{
    internal static CropPlan For(ImageSize image, Preprocessing preprocessing) => preprocessing.Crop switch
    {
        CropRule.ResizeThenCenterCrop => ResizeThenCenterCrop(image, preprocessing),
        CropRule.CenterCropThenResize => CenterCropThenResize(image, preprocessing),
        _ => Whole(PixelRectangle.Whole(image), preprocessing),
    };

    /// <summary>The pixels of the image that are needed.</summary>
    internal PixelRectangle AreaNeeded(Interpolation filter) => Resampler.AreaNeeded(Crop, Resized, Window, filter);

    /// <summary>Carries the plan out.</summary>
    internal Image Render(ImageBand source, Preprocessing preprocessing)
    {
        var window = Resampler.ResizeWindow(source, Crop, Resized, Window, preprocessing.Interpolation);
        if (window.Width == preprocessing.Width && window.Height == preprocessing.Height) return window;

        var padded = Image.Black(preprocessing.Width, preprocessing.Height);
        for (int y = 0; y < window.Height; y++) window.Row(y).CopyTo(padded.Row(PadTop + y)[(PadLeft * Image.BytesPerPixel)..]);
        window.Dispose();
        return padded;
    }

    /// <summary>
    /// torchvision's <c>Resize(ResizeTo)</c> and <c>CenterCrop</c>: the shorter side becomes ResizeTo, the longer ⌊ResizeTo · long /
    /// short⌋. For an input that is not square, ResizeTo stands for its shorter side, its longer side grows by the same factor, and the
    /// image becomes as small as covers both; for a square input that is the same rule.
    /// </summary>
    private static CropPlan ResizeThenCenterCrop(ImageSize image, Preprocessing preprocessing)
    {
        long shorter = Math.Min(preprocessing.Height, preprocessing.Width);
        long coverWidth = preprocessing.ResizeTo * preprocessing.Width / shorter;
        long coverHeight = preprocessing.ResizeTo * preprocessing.Height / shorter;
        var resized = image.Width * coverHeight <= image.Height * coverWidth
            ? new ResizedSize(coverWidth, coverWidth * image.Height / image.Width)
            : new ResizedSize(coverHeight * image.Width / image.Height, coverHeight);
        var (left, width, padLeft) = Center(resized.Width, preprocessing.Width);
        var (top, height, padTop) = Center(resized.Height, preprocessing.Height);
        return new(PixelRectangle.Whole(image), resized, new(left, top, width, height), padLeft, padTop);
    }

    /// <summary>
    /// The TPU code's <c>_decode_and_center_crop</c>: the central part of ⌊size / ResizeTo · shorter side⌋ pixels, offset
    /// ⌊(side − part + 1) / 2⌋, is resized. For an input that is not square the part has the input's proportions and is as large as fits,
    /// times the same fraction.
    /// </summary>
    private static CropPlan CenterCropThenResize(ImageSize image, Preprocessing preprocessing)
    {
        long shorter = Math.Min(preprocessing.Height, preprocessing.Width), resizeTo = Math.Max(shorter, preprocessing.ResizeTo);
        long width, height;
        if (image.Height * (long)preprocessing.Width <= image.Width * (long)preprocessing.Height)
        {
            height = shorter * image.Height / resizeTo;
            width = height * preprocessing.Width / preprocessing.Height;
        }
        else
        {
            width = shorter * image.Width / resizeTo;
            height = width * preprocessing.Height / preprocessing.Width;
        }

        // Images of a pixel or two keep one.
        int cropWidth = (int)Math.Max(1, width), cropHeight = (int)Math.Max(1, height);
        var crop = new PixelRectangle(
            Math.Min((image.Width - cropWidth + 1) / 2, image.Width - cropWidth),
            Math.Min((image.Height - cropHeight + 1) / 2, image.Height - cropHeight),
            cropWidth, cropHeight);
        return Whole(crop, preprocessing);
    }

    private static CropPlan Whole(PixelRectangle crop, Preprocessing preprocessing) => new(
        crop, new(preprocessing.Width, preprocessing.Height), new(0, 0, preprocessing.Width, preprocessing.Height), 0, 0);

    /// <summary>torchvision's <c>center_crop</c> on one axis: halves round to even when cutting, down when padding.</summary>
    private static (long Offset, int Length, int Pad) Center(long length, int wanted) => length < wanted
        ? (0, (int)length, (int)((wanted - length) / 2))
        : ((long)Math.Round((length - wanted) / 2.0, MidpointRounding.ToEven), wanted, 0);
}
