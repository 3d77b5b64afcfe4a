using EfficientNetSharp.Imaging;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Data.Inspection;

/// <summary>A picture of small pictures: one row a class, so that a wrong label or an odd picture is seen at a glance.</summary>
public static class ContactSheet
{
    /// <summary>The side of a cell in pixels, and the gap between cells.</summary>
    private const int Cell = 96, Gap = 4;

    // A screen's width and three screens' height.
    private const int MostColumns = 16, MostRows = 32;

    /// <summary>Makes the sheet. Pictures that do not decode leave their cell dark.</summary>
    /// <param name="pictures">The dataset.</param>
    /// <param name="columns">Pictures of a class, 1 … 16, taken evenly from all of it.</param>
    /// <returns>The sheet and the classes of its rows: the first 32.</returns>
    /// <exception cref="InvalidInputException">There is no picture.</exception>
    public static (Picture Sheet, IReadOnlyList<string> Rows) Make(IPictureDataset pictures, int columns = 10)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(columns, MostColumns);
        var members = new List<int>[pictures.Classes.Length];
        for (int label = 0; label < members.Length; label++) members[label] = [];
        for (int i = 0; i < pictures.Count; i++) members[pictures.LabelOf(i)].Add(i);
        int[] rows = [.. Enumerable.Range(0, members.Length).Where(label => members[label].Count > 0).Take(MostRows)];
        if (rows.Length == 0) throw new InvalidInputException("Expected a picture for the contact sheet, found none.");
        var sheet = Picture.Black((columns * (Cell + Gap)) + Gap, (rows.Length * (Cell + Gap)) + Gap);
        var buffer = new EncodedBuffer();
        for (int row = 0; row < rows.Length; row++)
        {
            var all = members[rows[row]];
            int shown = Math.Min(columns, all.Count);
            for (int column = 0; column < shown; column++)
                Place(sheet, pictures, all[(int)((long)column * all.Count / shown)], buffer, Gap + (column * (Cell + Gap)), Gap + (row * (Cell + Gap)));
        }

        return (sheet, [.. rows.Select(label => pictures.Classes[label])]);
    }

    private static void Place(Picture sheet, IPictureDataset pictures, int index, EncodedBuffer buffer, int left, int top)
    {
        try
        {
            pictures.ReadEncoded(index, buffer);
            using var picture = PictureDecoder.Decode(buffer.Bytes, pictures.NameOf(index));
            double scale = (double)Cell / Math.Max(picture.Width, picture.Height);
            int width = Math.Clamp((int)Math.Round(picture.Width * scale), 1, Cell), height = Math.Clamp((int)Math.Round(picture.Height * scale), 1, Cell);
            using var small = Resampler.Resize(picture, width, height, scale > 1 ? Interpolation.Box : Interpolation.Bicubic);
            int x = left + ((Cell - width) / 2), y = top + ((Cell - height) / 2);
            for (int line = 0; line < height; line++) small.Row(line).CopyTo(sheet.Row(y + line)[(x * Picture.BytesPerPixel)..]);
        }
        catch (InvalidInputException)
        {
            // The report lists it.
        }
    }
}
