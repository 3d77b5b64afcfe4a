using System.Globalization;
using EfficientNetSharp.Files;
using EfficientNetSharp.Imaging;
using EfficientNetSharp.Imaging.Codecs;
using EfficientNetSharp.Imaging.Resampling;
using EfficientNetSharp.Imaging.Text;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Data.Inspection;

/// <summary>
/// An image of small images: one row per class under its name, so that a wrong label or an odd image is seen at a glance. Below each stands
/// the name of its file.
/// </summary>
public static class ContactSheet
{
    /// <summary>The side of a cell in pixels, and the gap between cells.</summary>
    private const int Cell = 96, Gap = 4;

    // The class's name above its row, and the file's name below each image.
    private const int HeadHeight = 22, CaptionHeight = 14, RowHeight = HeadHeight + Cell + CaptionHeight;

    private const double HeadSize = 14, CaptionSize = 9;

    private static readonly PixelColor Ink = PixelColor.Grey(24), Muted = PixelColor.Grey(90);

    // A screen's width and three screens' height.
    private const int MaxColumns = 16, MaxRows = 32;

    /// <summary>Makes the sheet. The cell of an image that does not decode says so.</summary>
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
        var sheet = Image.White((columns * (Cell + Gap)) + Gap, rows.Length * RowHeight);
        var buffer = new EncodedBuffer();
        for (int row = 0; row < rows.Length; row++)
        {
            var all = members[rows[row]];
            int shown = Math.Min(columns, all.Count);
            WriteHead(sheet, images.Classes[rows[row]], all.Count, row * RowHeight);
            for (int column = 0; column < shown; column++)
            {
                Place(
                    sheet, images, all[(int)((long)column * all.Count / shown)], buffer, Gap + (column * (Cell + Gap)),
                    (row * RowHeight) + HeadHeight);
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
            using var small = Resampler.Fit(image, Cell, Cell);
            small.CopyTo(sheet, left + ((Cell - small.Width) / 2), top + ((Cell - small.Height) / 2));
        }
        catch (InvalidInputException)
        {
            // The report says why.
            ImageText.Draw(sheet, "not readable", left + 16, top + (Cell / 2) + 4, CaptionSize + 2, Muted);
        }

        // The class's folder is said above.
        string name = images.NameOf(index);
        string file = OneLine.Clean(name[(name.LastIndexOfAny(['/', '\\']) + 1)..], 500);
        ImageText.Draw(sheet, ImageText.Cut(file, CaptionSize, Cell), left, top + Cell + 10, CaptionSize, Muted);
    }

    private static void WriteHead(Image sheet, string name, int count, int top)
    {
        string images = string.Create(CultureInfo.InvariantCulture, $", {count:N0} {(count == 1 ? "image" : "images")}");
        double room = sheet.Width - (2 * Gap) - ImageText.Width(images, HeadSize);
        ImageText.Draw(sheet, ImageText.Cut(OneLine.Clean(name, 500), HeadSize, room) + images, Gap, top + 16, HeadSize, Ink);
    }
}
