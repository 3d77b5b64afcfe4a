using EfficientNetSharp.Imaging;
using EfficientNetSharp.Imaging.Codecs;
using EfficientNetSharp.Imaging.Resampling;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Data.Inspection;

/// <summary>An image of small images: one row per class, so that a wrong label or an odd image is seen at a glance.</summary>
public static class ContactSheet
{
    /// <summary>The side of a cell in pixels, and the gap between cells.</summary>
    private const int Cell = 96, Gap = 4;

    // A screen's width and three screens' height.
    private const int MaxColumns = 16, MaxRows = 32;

    /// <summary>Makes the sheet. Images that do not decode leave their cell dark.</summary>
    /// <param name="images">The dataset.</param>
    /// <param name="columns">Images of a class, 1 … 16, taken evenly from all of it.</param>
    /// <returns>The sheet and the classes of its rows: the first 32.</returns>
    /// <exception cref="InvalidInputException">There is no image.</exception>
    public static (Image Sheet, IReadOnlyList<string> Rows) Make(IImageDataset images, int columns = 10)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(columns, MaxColumns);
        var members = new List<int>[images.Classes.Length];
        for (int label = 0; label < members.Length; label++) members[label] = [];
        for (int i = 0; i < images.Count; i++) members[images.LabelOf(i)].Add(i);
        int[] rows = [.. Enumerable.Range(0, members.Length).Where(label => members[label].Count > 0).Take(MaxRows)];
        if (rows.Length == 0) throw new InvalidInputException("Expected an image for the contact sheet, found none.");
        var sheet = Image.Black((columns * (Cell + Gap)) + Gap, (rows.Length * (Cell + Gap)) + Gap);
        var buffer = new EncodedBuffer();
        for (int row = 0; row < rows.Length; row++)
        {
            var all = members[rows[row]];
            int shown = Math.Min(columns, all.Count);
            for (int column = 0; column < shown; column++)
            {
                Place(
                    sheet, images, all[(int)((long)column * all.Count / shown)], buffer, Gap + (column * (Cell + Gap)),
                    Gap + (row * (Cell + Gap)));
            }
        }

        return (sheet, [.. rows.Select(label => images.Classes[label])]);
    }

    private static void Place(Image sheet, IImageDataset images, int index, EncodedBuffer buffer, int left, int top)
    {
        try
        {
            images.ReadEncoded(index, buffer);
            using var image = ImageDecoder.Decode(buffer.Bytes, images.NameOf(index));
            double scale = (double)Cell / Math.Max(image.Width, image.Height);
            int width = Math.Clamp((int)Math.Round(image.Width * scale), 1, Cell),
                height = Math.Clamp((int)Math.Round(image.Height * scale), 1, Cell);
            using var small = Resampler.Resize(image, width, height, scale > 1 ? Interpolation.Box : Interpolation.Bicubic);
            int x = left + ((Cell - width) / 2), y = top + ((Cell - height) / 2);
            for (int line = 0; line < height; line++) small.Row(line).CopyTo(sheet.Row(y + line)[(x * Image.BytesPerPixel)..]);
        }
        catch (InvalidInputException)
        {
            // The report lists it.
        }
    }
}
