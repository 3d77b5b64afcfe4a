using EfficientNetSharp.Files;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Imaging.Codecs;
using EfficientNetSharp.Imaging.Resampling;
using EfficientNetSharp.Imaging.Text;
using EfficientNetSharp.Models;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Imaging.Transforms;

/// <summary>
/// A grid of what the network would see of one image in training, to look at before a long run: after all augmentations, random erasing
/// too. Above stands the original, whole. Equal arguments give equal sheets.
/// </summary>
public static class AugmentationSheet
{
    /// <summary>White pixels between cells.</summary>
    private const int Gap = 4;

    /// <summary>Below each cell.</summary>
    private const int CaptionHeight = 16;

    private const double CaptionSize = 11;

    /// <summary>More cells would be an image that no viewer likes.</summary>
    private const int MaxCells = 1024;

    private const int MaxSide = 32_000;

    /// <summary>Draws the sheet.</summary>
    /// <param name="encoded">The bytes of an image file.</param>
    /// <param name="name">What to call the image in errors, usually its path.</param>
    /// <param name="preprocessing">The network's preprocessing; its size is a cell's.</param>
    /// <param name="augmentation">The augmentation.</param>
    /// <param name="columns">Cells of a row.</param>
    /// <param name="rows">Rows of cells.</param>
    /// <param name="seed">Names the draws: cell i is what image i of epoch 0 of a run with this seed would draw.</param>
    /// <exception cref="InvalidInputException">
    /// The image is broken, the augmentation is out of range, or the sheet would be too large.
    /// </exception>
    public static Image Render(
        ReadOnlySpan<byte> encoded, string name, Preprocessing preprocessing, AugmentationOptions augmentation, int columns = 4,
        int rows = 4, ulong seed = 0)
    {
        var transform = new TrainingTransform(preprocessing, augmentation);
        if (columns < 1 || rows < 1 || (long)columns * rows > MaxCells)
        {
            throw new InvalidInputException(
                $"Expected 1 to {MaxCells} cells of an augmentation sheet, found {columns}×{rows}; ask for fewer.");
        }
        int cellWidth = preprocessing.Width, cellHeight = preprocessing.Height + CaptionHeight;
        long width = (columns * (cellWidth + (long)Gap)) + Gap, height = ((rows + 1) * (cellHeight + (long)Gap)) + Gap;
        if (width > MaxSide || height > MaxSide)
        {
            throw new InvalidInputException(
                $"Expected a sheet of at most {MaxSide} pixels per side, found {width}×{height}; ask for fewer cells.");
        }

        using var original = ImageDecoder.Decode(encoded, name);
        var sheet = Image.White((int)width, (int)height);
        try
        {
            PlaceOriginal(original, name, sheet, cellWidth, preprocessing.Height);
            var values = new float[transform.OutputShape.Count];
            for (int cell = 0; cell < columns * rows; cell++)
            {
                var random = new SeededRandom(seed, 0, (ulong)cell);
                transform.Apply(encoded, name, ref random, values);
                int left = Gap + (cell % columns * (cellWidth + Gap)), top = Gap + ((1 + (cell / columns)) * (cellHeight + Gap));
                Place(values, transform.OutputShape, preprocessing, sheet, left, top);
                Caption(sheet, $"draw {cell + 1}", left, top + preprocessing.Height, cellWidth);
            }
        }
        catch
        {
            sheet.Dispose();
            throw;
        }

        return sheet;
    }

    // The whole of it, in a cell above the others.
    private static void PlaceOriginal(Image original, string name, Image sheet, int cellWidth, int cellHeight)
    {
        using var small = Resampler.Fit(original, cellWidth, cellHeight);
        small.CopyTo(sheet, Gap, Gap + cellHeight - small.Height);
        string file = OneLine.Clean(name[(name.LastIndexOfAny(['/', '\\']) + 1)..], 500);
        // It may be longer than the cell: nothing stands beside it.
        Caption(sheet, $"original: {file}, {original.Width}×{original.Height}", Gap, Gap + cellHeight, sheet.Width - (2 * Gap));
    }

    private static void Caption(Image sheet, string text, int left, int top, int width) =>
        ImageText.Draw(sheet, ImageText.Cut(text, CaptionSize, width), left, top + 12, CaptionSize, PixelColor.Grey(60));

    /// <summary>Network input to pixels, the way back of <see cref="Normalizer"/>; what lies outside 0 … 255 is clipped.</summary>
    private static void Place(ReadOnlySpan<float> values, TensorShape shape, Preprocessing preprocessing, Image sheet, int left, int top)
    {
        int plane = shape.Height * shape.Width;
        for (int y = 0; y < shape.Height; y++)
        {
            var row = sheet.Row(top + y)[(left * Image.BytesPerPixel)..];
            for (int x = 0; x < shape.Width; x++)
            {
                for (int channel = 0; channel < Luma.Channels; channel++)
                {
                    int c = shape.Channels == 1 ? 0 : preprocessing.Channels == ChannelOrder.Bgr ? Luma.Channels - 1 - channel : channel;
                    float unit = (values[(c * plane) + (y * shape.Width) + x] * preprocessing.StandardDeviation[c]) + preprocessing.Mean[c];
                    row[(x * Image.BytesPerPixel) + channel] = (byte)Math.Clamp(MathF.Round(unit * byte.MaxValue), 0, byte.MaxValue);
                }
            }
        }
    }
}
