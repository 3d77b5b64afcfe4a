using EfficientNetSharp.Models;

namespace EfficientNetSharp.Imaging.Resampling;

/// <summary>
/// Resizing that gives the bytes of Pillow's <c>Image.resize(size, filter, box)</c>: the filter widens when shrinking, columns are
/// resampled first and rounded to bytes, then rows, in fixed point with 22 bits. Networks trained with Pillow or torchvision saw these
/// pixels; other resamplers cost them accuracy.
/// </summary>
public static class Resampler
{
    /// <summary>Resizes an image or a part of it.</summary>
    /// <param name="source">The image.</param>
    /// <param name="width">Columns of the result.</param>
    /// <param name="height">Rows of the result.</param>
    /// <param name="filter">The filter.</param>
    /// <param name="box">
    /// The part that is resized, <see langword="null"/> for all; the filter may reach for pixels outside it, as in Pillow.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">A side is below 1, or the box is empty or reaches outside the image.</exception>
    public static Image Resize(Image source, int width, int height, Interpolation filter, ResampleBox? box = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        var part = box ?? ResampleBox.Whole(source.Size);
        bool isInside = part.Left >= 0 && part.Top >= 0 && part.Right <= source.Width && part.Bottom <= source.Height;
        bool hasPixels = (float)part.Right > (float)part.Left && (float)part.Bottom > (float)part.Top;
        if (!isInside || !hasPixels) throw new ArgumentOutOfRangeException(nameof(box), part, $"Not a part of a {source.Size} image.");

        return Resample(
            ImageBand.Whole(source), PixelRectangle.Whole(source.Size), part, new(width, height), Whole(width, height), filter);
    }

    /// <summary>
    /// The image as large as it fits into a cell, whole and undistorted, for sheets and thumbnails: smaller ones by bicubic filtering,
    /// larger ones in blocks, so that their pixels show.
    /// </summary>
    /// <param name="source">The image.</param>
    /// <param name="width">The cell's width.</param>
    /// <param name="height">The cell's height.</param>
    public static Image Fit(Image source, int width, int height)
    {
        ArgumentNullException.ThrowIfNull(source);
        double scale = Math.Min((double)width / source.Width, (double)height / source.Height);
        int fitWidth = Math.Clamp((int)Math.Round(source.Width * scale), 1, width);
        int fitHeight = Math.Clamp((int)Math.Round(source.Height * scale), 1, height);
        return Resize(source, fitWidth, fitHeight, scale > 1 ? Interpolation.Box : Interpolation.Bicubic);
    }

    /// <summary>
    /// Cuts out a rectangle, then resizes it: torchvision's <c>resized_crop</c>. Unlike with a box, pixels outside the rectangle have
    /// no influence.
    /// </summary>
    /// <param name="source">The image.</param>
    /// <param name="crop">The rectangle.</param>
    /// <param name="width">Columns of the result.</param>
    /// <param name="height">Rows of the result.</param>
    /// <param name="filter">The filter.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A side is below 1, or the rectangle is empty or reaches outside the image.
    /// </exception>
    public static Image ResizeCrop(Image source, PixelRectangle crop, int width, int height, Interpolation filter)
    {
        ArgumentNullException.ThrowIfNull(source);
        return ResizeCrop(ImageBand.Whole(source), crop, width, height, filter);
    }

    /// <summary>
    /// <see cref="ResizeCrop(Image, PixelRectangle, int, int, Interpolation)"/> of an image of which some part is there.
    /// </summary>
    internal static Image ResizeCrop(ImageBand source, PixelRectangle crop, int width, int height, Interpolation filter)
    {
        if (!crop.IsWithin(source.FullSize)) throw new ArgumentOutOfRangeException(nameof(crop), crop, $"Not within {source.FullSize}.");
        var box = new ResampleBox(0, 0, crop.Width, crop.Height);
        return Resample(source, crop, box, new(width, height), Whole(width, height), filter);
    }

    /// <summary>
    /// Cuts out a rectangle, resizes it and keeps only a window of the result. Nothing outside the window is computed; every pixel is as
    /// if the whole had been resized and the window cut out of that.
    /// </summary>
    internal static Image ResizeWindow(
        ImageBand source, PixelRectangle crop, ResizedSize size, ResizedWindow window, Interpolation filter) =>
        Resample(source, crop, new(0, 0, crop.Width, crop.Height), size, window, filter);

    /// <summary>The pixels of the image that <see cref="ResizeWindow"/> reads.</summary>
    internal static PixelRectangle AreaNeeded(PixelRectangle crop, ResizedSize size, ResizedWindow window, Interpolation filter)
    {
        using var columns = AxisWeights.Compute(filter, crop.Width, 0, crop.Width, size.Width, window.Left, window.Width);
        using var rows = AxisWeights.Compute(filter, crop.Height, 0, crop.Height, size.Height, window.Top, window.Height);
        return Area(crop, columns, rows);
    }

    /// <summary>All of the above.</summary>
    /// <param name="source">The image, or that part of it that is needed.</param>
    /// <param name="region">What the filter may look at.</param>
    /// <param name="box">What is resized, relative to the region.</param>
    /// <param name="size">The size that the box gets.</param>
    /// <param name="window">The part of the result that is computed.</param>
    /// <param name="filter">The filter.</param>
    /// <param name="path">The form of the passes.</param>
    internal static Image Resample(
        ImageBand source, PixelRectangle region, ResampleBox box, ResizedSize size, ResizedWindow window, Interpolation filter,
        ResamplePath path)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(window.Width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(window.Height);
        using var columns = AxisWeights.Compute(
            filter, region.Width, (float)box.Left, (float)box.Right, size.Width, window.Left, window.Width);
        using var rows = AxisWeights.Compute(
            filter, region.Height, (float)box.Top, (float)box.Bottom, size.Height, window.Top, window.Height);

        var area = Area(region, columns, rows);
        if (!source.Holds(area)) throw new ArgumentException($"{area} is needed.", nameof(source));

        // Only the rows that the second pass reads; the buffer between the passes is an image for its pooled memory and slack.
        using var between = Image.Rent(window.Width, area.Height);
        int origin = (((region.Top - source.Top) * source.Part.Width) + region.Left - source.Left) * Image.BytesPerPixel;
        Horizontal(path, new SourceRegion(source.Part.Buffer, origin, source.Part.Stride), columns, rows.FirstInput, area.Height, between);

        var result = Image.Rent(window.Width, window.Height);
        Vertical(path, new SourceRegion(between.Buffer, -rows.FirstInput * between.Stride, between.Stride), rows, window.Width, result);
        return result;
    }

    private static Image Resample(
        ImageBand source, PixelRectangle region, ResampleBox box, ResizedSize size, ResizedWindow window, Interpolation filter) =>
        Resample(source, region, box, size, window, filter, ResamplePaths.Best);

    private static void Horizontal(ResamplePath path, SourceRegion input, AxisWeights weights, int firstRow, int rows, Image output)
    {
        switch (path)
        {
            case ResamplePath.Avx2:
                Avx2Passes.Horizontal(input, weights, firstRow, rows, output.Buffer, output.Stride);
                break;
            case ResamplePath.Vector128:
                Vector128Passes.Horizontal(input, weights, firstRow, rows, output.Buffer, output.Stride);
                break;
            default:
                ScalarPasses.Horizontal(input, weights, firstRow, rows, output.Buffer, output.Stride);
                break;
        }
    }

    private static void Vertical(ResamplePath path, SourceRegion input, AxisWeights weights, int columns, Image output)
    {
        switch (path)
        {
            case ResamplePath.Avx2:
                Avx2Passes.Vertical(input, weights, columns, output.Buffer);
                break;
            case ResamplePath.Vector128:
                Vector128Passes.Vertical(input, weights, columns, output.Buffer);
                break;
            default:
                ScalarPasses.Vertical(input, weights, columns, output.Buffer);
                break;
        }
    }

    private static PixelRectangle Area(PixelRectangle region, AxisWeights columns, AxisWeights rows) => new(
        region.Left + columns.FirstInput, region.Top + rows.FirstInput,
        columns.EndInput - columns.FirstInput, rows.EndInput - rows.FirstInput);

    private static ResizedWindow Whole(int width, int height) => new(0, 0, width, height);
}
