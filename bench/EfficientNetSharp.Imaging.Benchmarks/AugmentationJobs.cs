using EfficientNetSharp.Imaging;
using EfficientNetSharp.Imaging.Augmentations;
using EfficientNetSharp.Imaging.Augmentations.Policies;
using EfficientNetSharp.Models;
using EfficientNetSharp.Randomness;

/// <summary>Each operation and policy alone on an image of 224 pixels; pillow_augmentations.py has the same list.</summary>
internal static class AugmentationJobs
{
    private static readonly (string Name, PolicyOperation Step)[] Steps =
    [
        ("AutoContrast", new(ImageOperation.AutoContrast)),
        ("Equalize", new(ImageOperation.Equalize)),
        ("Invert", new(ImageOperation.Invert)),
        ("Posterize", new(ImageOperation.Posterize, 3)),
        ("Solarize", new(ImageOperation.Solarize, 100)),
        ("SolarizeAdd", new(ImageOperation.SolarizeAdd, 60)),
        ("Color", new(ImageOperation.Color, 1.54)),
        ("Contrast", new(ImageOperation.Contrast, 1.54)),
        ("Brightness", new(ImageOperation.Brightness, 1.54)),
        ("Sharpness", new(ImageOperation.Sharpness, 1.54)),
        ("GaussianBlur", new(ImageOperation.GaussianBlur, 1.2)),
        ("ShearX nearest", new(ImageOperation.ShearX, 0.2, WarpFilter.Nearest)),
        ("ShearX bilinear", new(ImageOperation.ShearX, 0.2, WarpFilter.Bilinear)),
        ("ShearX bicubic", new(ImageOperation.ShearX, 0.2, WarpFilter.Bicubic)),
        ("TranslateY nearest", new(ImageOperation.TranslateY, 30, WarpFilter.Nearest)),
        ("TranslateY bilinear", new(ImageOperation.TranslateY, 30.5, WarpFilter.Bilinear)),
        ("Rotate nearest", new(ImageOperation.Rotate, 20, WarpFilter.Nearest)),
        ("Rotate bilinear", new(ImageOperation.Rotate, 20, WarpFilter.Bilinear)),
        ("Rotate bicubic", new(ImageOperation.Rotate, 20, WarpFilter.Bicubic)),
    ];

    private static readonly string[] Policies = ["rand-m9-mstd0.5-inc1", "v0", "trivial", "3a", "augmix"];

    /// <summary>
    /// All jobs: a name and the work on image i. The image is copied for each, which counts, as Pillow makes a new one too.
    /// </summary>
    internal static IEnumerable<(string Name, Action<int> Work)> All(Image photograph)
    {
        foreach (var (name, step) in Steps) yield return (name, _ => OnCopy(photograph, copy => step.Apply(copy, PixelColor.Grey(128))));
        foreach (string text in Policies)
        {
            var policy = AugmentationPolicies.Parse(text, Preprocessing.ForSize(224));
            yield return (text, i => OnCopy(photograph, copy =>
            {
                var random = new SeededRandom(1, 0, (ulong)i);
                policy.Apply(copy, ref random);
            }));
        }
    }

    private static void OnCopy(Image photograph, Action<Image> change)
    {
        using var copy = photograph.Copy();
        change(copy);
    }
}
