using EfficientNetSharp.Imaging;
using EfficientNetSharp.Imaging.Augmentations;
using EfficientNetSharp.Imaging.Augmentations.Policies;
using EfficientNetSharp.Models;
using EfficientNetSharp.Randomness;

/// <summary>Each operation and policy alone on a picture of 224 pixels; pillow_augmentations.py has the same list.</summary>
internal static class AugmentationJobs
{
    private static readonly (string Name, PolicyStep Step)[] Steps =
    [
        ("AutoContrast", new(PictureOperation.AutoContrast)),
        ("Equalize", new(PictureOperation.Equalize)),
        ("Invert", new(PictureOperation.Invert)),
        ("Posterize", new(PictureOperation.Posterize, 3)),
        ("Solarize", new(PictureOperation.Solarize, 100)),
        ("SolarizeAdd", new(PictureOperation.SolarizeAdd, 60)),
        ("Color", new(PictureOperation.Color, 1.54)),
        ("Contrast", new(PictureOperation.Contrast, 1.54)),
        ("Brightness", new(PictureOperation.Brightness, 1.54)),
        ("Sharpness", new(PictureOperation.Sharpness, 1.54)),
        ("GaussianBlur", new(PictureOperation.GaussianBlur, 1.2)),
        ("ShearX nearest", new(PictureOperation.ShearX, 0.2, WarpFilter.Nearest)),
        ("ShearX bilinear", new(PictureOperation.ShearX, 0.2, WarpFilter.Bilinear)),
        ("ShearX bicubic", new(PictureOperation.ShearX, 0.2, WarpFilter.Bicubic)),
        ("TranslateY nearest", new(PictureOperation.TranslateY, 30, WarpFilter.Nearest)),
        ("TranslateY bilinear", new(PictureOperation.TranslateY, 30.5, WarpFilter.Bilinear)),
        ("Rotate nearest", new(PictureOperation.Rotate, 20, WarpFilter.Nearest)),
        ("Rotate bilinear", new(PictureOperation.Rotate, 20, WarpFilter.Bilinear)),
        ("Rotate bicubic", new(PictureOperation.Rotate, 20, WarpFilter.Bicubic)),
    ];

    private static readonly string[] Policies = ["rand-m9-mstd0.5-inc1", "v0", "trivial", "3a", "augmix"];

    /// <summary>All jobs: a name and the work on picture i. The picture is copied for each, which counts, as Pillow makes a new one too.</summary>
    internal static IEnumerable<(string Name, Action<int> Work)> All(Picture photograph)
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

    private static void OnCopy(Picture photograph, Action<Picture> change)
    {
        using var copy = photograph.Copy();
        change(copy);
    }
}
