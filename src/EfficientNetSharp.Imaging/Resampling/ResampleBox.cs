namespace EfficientNetSharp.Imaging.Resampling;

/// <summary>
/// A part of an image in pixels with fractions; pixel (0, 0) covers 0…1 on both axes. The numbers are rounded to single precision,
/// as Pillow does.
/// </summary>
/// <param name="Left">Left edge.</param>
/// <param name="Top">Upper edge.</param>
/// <param name="Right">Right edge.</param>
/// <param name="Bottom">Lower edge.</param>
public readonly record struct ResampleBox(double Left, double Top, double Right, double Bottom)
{
    /// <summary>The whole of an image.</summary>
    public static ResampleBox Whole(ImageSize size) => new(0, 0, size.Width, size.Height);
}
