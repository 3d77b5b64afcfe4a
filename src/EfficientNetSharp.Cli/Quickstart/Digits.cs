using System.Globalization;
using System.IO.Compression;
using EfficientNetSharp.Imaging;
using EfficientNetSharp.Imaging.Codecs;
using EfficientNetSharp.Imaging.Resampling;
using EfficientNetSharp.Models;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Cli.Quickstart;

/// <summary>
/// The 1,797 handwritten digits of the test part of "Optical Recognition of Handwritten Digits" (E. Alpaydin and C. Kaynak, 1998,
/// UCI Machine Learning Repository, CC BY 4.0): 8×8 pixels of 0…16 and the digit, a line each.
/// </summary>
internal static class Digits
{
    private const int Side = 8, Values = Side * Side, Brightest = 16;

    // The 8×8 pixels are enlarged fourfold and get a margin, as the strokes reach the edge and random crops would cut them.
    private const int DigitSide = 4 * Side, Margin = 4, ImageSide = DigitSide + (2 * Margin);

    /// <summary>
    /// Writes the digits as PNG files, one folder a digit: of each digit, a fifth drawn by the seed to <c>test/</c>, a tenth to
    /// <c>val/</c> and the rest to <c>train/</c>.
    /// </summary>
    /// <returns>Images written.</returns>
    public static int WriteTo(string folder, ulong seed)
    {
        var byClass = Read().GroupBy(digit => digit.Class).OrderBy(group => group.Key);
        int written = 0;
        foreach (var group in byClass)
        {
            var digits = group.ToArray();
            var random = new SeededRandom(seed, (ulong)group.Key);
            random.Shuffle(digits.AsSpan());
            int test = digits.Length / 5, validation = test + (digits.Length / 10);
            for (int i = 0; i < digits.Length; i++)
            {
                string part = Path.Combine(folder, i < test ? "test" : i < validation ? "val" : "train",
                    group.Key.ToString(CultureInfo.InvariantCulture));
                Directory.CreateDirectory(part);
                File.WriteAllBytes(Path.Combine(part, $"{digits[i].Number:D4}.png"), Draw(digits[i].Pixels));
                written++;
            }
        }

        return written;
    }

    private static double NumberOf(string field) =>
        NumberText.TryParse(field, out double number) ? number : throw new InvalidDataException("The tool's own digits are damaged.");

    private static IEnumerable<(int Number, int Class, byte[] Pixels)> Read()
    {
        using var resource = typeof(Digits).Assembly.GetManifestResourceStream("digits.csv.gz")!;
        using var lines = new StreamReader(new GZipStream(resource, CompressionMode.Decompress));
        for (int number = 0; lines.ReadLine() is { } line; number++)
        {
            string[] fields = line.Split(',');
            byte[] pixels = [.. fields.Take(Values).Select(
                field => (byte)(NumberOf(field) * byte.MaxValue / Brightest))];
            yield return (number, (int)NumberOf(fields[Values]), pixels);
        }
    }

    private static byte[] Draw(byte[] pixels)
    {
        var rgb = new byte[Values * 3];
        for (int i = 0; i < Values; i++) rgb.AsSpan(i * 3, 3).Fill(pixels[i]);
        using var small = Image.FromRgb(rgb, Side, Side);
        using var digit = Resampler.Resize(small, DigitSide, DigitSide, Interpolation.Bicubic);
        using var image = Image.Black(ImageSide, ImageSide);
        for (int y = 0; y < DigitSide; y++)
            digit.Row(y).CopyTo(image.Row(y + Margin)[(Margin * Image.BytesPerPixel)..]);
        return ImageEncoder.EncodePng(image);
    }
}
