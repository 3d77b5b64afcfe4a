using System.Globalization;
using System.IO.Compression;
using EfficientNetSharp.Data;
using EfficientNetSharp.Files;
using EfficientNetSharp.Imaging;
using EfficientNetSharp.Imaging.Codecs;
using EfficientNetSharp.Imaging.Resampling;
using EfficientNetSharp.Imaging.Transforms;
using EfficientNetSharp.Models;
using EfficientNetSharp.Randomness;
using EfficientNetSharp.Training.Recipes;
using EfficientNetSharp.Training.Schedules;

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
    /// How networks learn them: crops keep the strokes, and a digit in a mirror is none. 18 epochs, of which quickstart's network is good.
    /// </summary>
    public static TrainingRecipe Recipe { get; } = new()
    {
        Epochs = 18,
        Schedule = new ScheduleOptions { WarmUpEpochs = 1 },
        Augmentation = new AugmentationOptions { MinScale = 0.7, FlipProbability = 0 },
    };

    /// <summary>
    /// Writes the digits as PNG files, one folder a digit: of each digit, a fifth drawn by the seed to <c>test/</c>, a tenth to
    /// <c>val/</c> and the rest to <c>train/</c>.
    /// </summary>
    /// <returns>How many there are.</returns>
    /// <exception cref="InvalidInputException">Something else lies in the folder.</exception>
    /// <exception cref="WriteFailedException">An image cannot be written.</exception>
    public static int WriteTo(string folder, ulong seed)
    {
        var wanted = Divided(seed).ToDictionary(
            digit => Path.Combine(folder, digit.Part, NameOf(digit.Digit.Class), FileOf(digit.Digit)), digit => digit.Digit.Pixels,
            StringComparer.Ordinal);
        RefuseOthers(folder, wanted);
        foreach (var (path, pixels) in wanted)
        {
            OutputFolder.Create(Path.GetDirectoryName(path)!);
            Write(path, Draw(pixels));
        }

        return wanted.Count;
    }

    /// <summary>The same images in memory, in the parts that <see cref="WriteTo"/> writes them to.</summary>
    public static DatasetSplits InMemory(ulong seed)
    {
        var parts = Divided(seed).ToLookup(digit => digit.Part, digit => digit.Digit);
        return new DatasetSplits(Images(PartNames.Train), Images(PartNames.Validation), Images(PartNames.Test), []) { Format = "handwritten digits" };

        InMemoryDataset Images(string part) => new(
            [.. Enumerable.Range(0, 10).Select(NameOf)],
            parts[part].OrderBy(digit => (digit.Class, digit.Number))
                .Select(digit => new InMemoryImage($"{NameOf(digit.Class)}/{FileOf(digit)}", digit.Class, Draw(digit.Pixels))));
    }

    private static string NameOf(int digit) => digit.ToString(CultureInfo.InvariantCulture);

    private static string FileOf((int Number, int Class, byte[] Pixels) digit) => $"{digit.Number:D4}.png";

    private static IEnumerable<(string Part, (int Number, int Class, byte[] Pixels) Digit)> Divided(ulong seed)
    {
        foreach (var group in Read().GroupBy(digit => digit.Class).OrderBy(group => group.Key))
        {
            var digits = group.ToArray();
            var random = new SeededRandom(seed, (ulong)group.Key);
            random.Shuffle(digits.AsSpan());
            int test = digits.Length / 5, validation = test + (digits.Length / 10);
            for (int i = 0; i < digits.Length; i++) yield return (
                i < test ? PartNames.Test : i < validation ? PartNames.Validation : PartNames.Train, digits[i]);
        }
    }

    // They would be learned as digits, and taken for this tool's by whoever cleans up.
    private static void RefuseOthers(string folder, Dictionary<string, byte[]> wanted)
    {
        if (!Directory.Exists(folder)) return;
        if (Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).FirstOrDefault(file => !wanted.ContainsKey(file)) is { } other)
            throw new InvalidInputException($"'{other}' is none of the digits, whose folder this is; move it away, or name another folder with -o.");
    }

    // A file that is whole already stays; one that was cut short is not.
    private static void Write(string path, byte[] png)
    {
        try
        {
            if (!File.Exists(path) || !File.ReadAllBytes(path).AsSpan().SequenceEqual(png)) File.WriteAllBytes(path, png);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WriteFailedException(path, e);
        }
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
