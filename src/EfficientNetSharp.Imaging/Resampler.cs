using EfficientNetSharp.Imaging.Decoding;
using EfficientNetSharp.Imaging.Resampling;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Imaging;

/// <summary>
/// Resizing that gives the bytes of Pillow's <c>Image.resize(size, filter, box)</c>: the filter widens when shrinking, columns are
/// resampled first and rounded to bytes, then rows, in fixed point with 22 bits. Networks trained with Pillow or torchvision saw these
/// pixels; other resamplers cost them accuracy.
/// </summary>
public static class Resampler
{
    /// <summary>Resizes a picture or a part of it.</summary>
    /// <param name="source">The picture.</param>
    /// <param name="width">Columns of the result.</param>
    /// <param name="height">Rows of the result.</param>
    /// <param name="filter">The filter.</param>
    /// <param name="box">
    /// The part that is resized, <see langword="null"/> for all; the filter may reach for pixels outside it, as in Pillow.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">A side is below 1, or the box is empty or reaches outside the picture.</exception>
    public static Picture Resize(Picture source, int width, int height, Interpolation filter, ResampleBox? box = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        var part = box ?? ResampleBox.Whole(source.Size);
        bool isInside = part.Left >= 0 && part.Top >= 0 && part.Right <= source.Width && part.Bottom <= source.Height;
        bool hasPixels = (float)part.Right > (float)part.Left && (float)part.Bottom > (float)part.Top;
        if (!isInside || !hasPixels) throw new ArgumentOutOfRangeException(nameof(box), part, $"Not a part of a {source.Size} picture.");

        var band = new PictureBand(source, 0, source.Height);
        return Resample(band, PixelRectangle.Whole(source.Size), part, new(width, height), Whole(width, height), filter);
    }

    /// <summary>
    /// Cuts out a rectangle, then resizes it: torchvision's <c>resized_crop</c>. Unlike with a box, pixels outside the rectangle have
    /// no influence.
    /// </summary>
    /// <param name="source">The picture.</param>
    /// <param name="crop">The rectangle.</param>
    /// <param name="width">Columns of the result.</param>
    /// <param name="height">Rows of the result.</param>
    /// <param name="filter">The filter.</param>
    /// <exception cref="ArgumentOutOfRangeException">A side is below 1, or the rectangle is empty or reaches outside the picture.</exception>
    public static Picture ResizeCrop(Picture source, PixelRectangle crop, int width, int height, Interpolation filter)
    {
        ArgumentNullException.ThrowIfNull(source);
        return ResizeCrop(new PictureBand(source, 0, source.Height), crop, width, height, filter);
    }

    /// <summary><see cref="ResizeCrop(Picture, PixelRectangle, int, int, Interpolation)"/> of a picture of which some rows are there.</summary>
    internal static Picture ResizeCrop(PictureBand source, PixelRectangle crop, int width, int height, Interpolation filter)
    {
        if (!crop.IsWithin(source.FullSize)) throw new ArgumentOutOfRangeException(nameof(crop), crop, $"Not within {source.FullSize}.");
        var box = new ResampleBox(0, 0, crop.Width, crop.Height);
        return Resample(source, crop, box, new(width, height), Whole(width, height), filter);
    }

    /// <summary>
    /// Cuts out a rectangle, resizes it and keeps only a window of the result. Nothing outside the window is computed; every pixel is as
    /// if the whole had been resized and the window cut out of that.
    /// </summary>
    internal static Picture ResizeWindow(PictureBand source, PixelRectangle crop, ResizedSize size, ResizedWindow window, Interpolation filter) =>
        Resample(source, crop, new(0, 0, crop.Width, crop.Height), size, window, filter);

    /// <summary>The rows of a picture or crop that <see cref="ResizeWindow"/> reads.</summary>
    internal static (int Top, int Count) RowsNeeded(int height, ResizedSize size, ResizedWindow window, Interpolation filter)
    {
        using var rows = AxisWeights.Compute(filter, height, 0, height, size.Height, window.Top, window.Height);
        return (rows.FirstInput, rows.EndInput - rows.FirstInput);
    }

    /// <summary>All of the above.</summary>
    /// <param name="source">The picture, or those of its rows that are needed.</param>
    /// <param name="region">What the filter may look at.</param>
    /// <param name="box">What is resized, relative to the region.</param>
    /// <param name="size">The size that the box gets.</param>
    /// <param name="window">The part of the result that is computed.</param>
    /// <param name="filter">The filter.</param>
    /// <param name="path">The form of the passes.</param>
    internal static Picture Resample(
        PictureBand source, PixelRectangle region, ResampleBox box, ResizedSize size, ResizedWindow window, Interpolation filter, ResamplePath path)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(window.Width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(window.Height);
        using var columns = AxisWeights.Compute(
            filter, region.Width, (float)box.Left, (float)box.Right, size.Width, window.Left, window.Width);
        using var rows = AxisWeights.Compute(
            filter, region.Height, (float)box.Top, (float)box.Bottom, size.Height, window.Top, window.Height);

        int firstRow = rows.FirstInput, rowCount = rows.EndInput - firstRow;
        int top = source.Top - region.Top;
        if (firstRow < top || firstRow + rowCount > top + source.Rows.Height) throw new ArgumentException("Rows are missing.", nameof(source));

        // Only the rows that the second pass reads; the buffer between the passes is a picture for its pooled memory and slack.
        using var between = Picture.Rent(window.Width, rowCount);
        var input = new SourceRegion(source.Rows.Buffer, region.Left * Picture.BytesPerPixel, source.Rows.Stride, top);
        Horizontal(path, input, columns, firstRow, rowCount, between);

        var result = Picture.Rent(window.Width, window.Height);
        Vertical(path, new SourceRegion(between.Buffer, 0, between.Stride, firstRow), rows, window.Width, result);
        return result;
    }

    private static Picture Resample(
        PictureBand source, PixelRectangle region, ResampleBox box, ResizedSize size, ResizedWindow window, Interpolation filter) =>
        Resample(source, region, box, size, window, filter, ResamplePaths.Best);

    private static void Horizontal(ResamplePath path, SourceRegion input, AxisWeights weights, int firstRow, int rows, Picture output)
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

    private static void Vertical(ResamplePath path, SourceRegion input, AxisWeights weights, int columns, Picture output)
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

    private static ResizedWindow Whole(int width, int height) => new(0, 0, width, height);
}
