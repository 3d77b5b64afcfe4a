using System.Collections.Immutable;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Models;

/// <summary>
/// The usual ways of preparing images by a word, for files that do not say theirs, and any way by a JSON file.
/// </summary>
public static class NamedPreprocessing
{
    // A card's JSON has under a kilobyte, the longest with all ImageNet-21k's names under two megabytes.
    private const long MaxBytes = 16 << 20;

    // The words' own size; At gives another.
    private const int Size = 224;

    /// <summary>The words, with what they mean.</summary>
    public static ImmutableArray<(string Word, string Meaning, Preprocessing Preprocessing)> All { get; } =
    [
        ("imagenet", "mean 0.485 0.456 0.406, deviation 0.229 0.224 0.225, crop 0.875", Preprocessing.ForSize(Size)),
        ("inception", "values of -1 to 1, crop 0.875", Of(0.5f, 0.5f)),
        ("lite", "(value - 127) / 128, crop 0.875", Of(127f / 255, 128f / 255)),
        // An aligned face fills the image: it is not cropped. (value - 127.5) / 127.5, red first.
        ("insightface", "values of -1 to 1, the whole image", Of(0.5f, 0.5f) with { ResizeTo = Size, Crop = CropRule.StretchResize }),
        ("unit", "values of 0 to 1 as they are, crop 0.875", Of(0, 1)),
        ("bytes", "values of 0 to 255 as they are, crop 0.875", Of(0, 1f / 255)),
    ];

    /// <summary>The preprocessing of a word, 224 × 224, or of a JSON file, in the form that <see cref="ModelJson"/> writes.</summary>
    /// <param name="wordOrPath">
    /// One of <see cref="All"/>, or a file that holds a preprocessing's JSON or a whole card's.
    /// </param>
    /// <exception cref="InvalidInputException">It is neither, or the file cannot be used.</exception>
    public static Preprocessing Get(string wordOrPath)
    {
        ArgumentNullException.ThrowIfNull(wordOrPath);
        if (File.Exists(wordOrPath))
        {
            if (new FileInfo(wordOrPath).Length > MaxBytes)
                throw new InvalidInputException($"'{wordOrPath}' is too large for a preprocessing ({MaxBytes >> 20} MB at most).");
            return ModelJson.ParsePreprocessing(InputFile.ReadAllText(wordOrPath));
        }

        foreach (var (word, _, preprocessing) in All)
        {
            if (word == wordOrPath) return preprocessing;
        }

        throw new InvalidInputException(
            $"A preprocessing is one of {string.Join(", ", All.Select(named => named.Word))}, or a JSON file; found {OneLine.Quote(wordOrPath)}.");
    }

    private static Preprocessing Of(float mean, float deviation) => Preprocessing.ForSize(Size) with
    {
        Mean = [mean, mean, mean], StandardDeviation = [deviation, deviation, deviation],
    };
}
