using EfficientNetSharp.Imaging.Augmentations;
using EfficientNetSharp.Imaging.Codecs;
using EfficientNetSharp.Imaging.Resampling;
using EfficientNetSharp.Imaging.Transforms;
using EfficientNetSharp.Models;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Imaging.Tests;

public sealed class TrainingTransformTests
{
    private static readonly AugmentationOptions Still = new() { MinScale = 1, MinRatio = 0.01, MaxRatio = 100, FlipProbability = 0 };
    private static readonly AugmentationOptions Wild = new() { Brightness = 0.4, Contrast = 0.4, Saturation = 0.4, Hue = 0.1 };

    [Fact]
    public void Equal_generators_give_equal_values_on_every_thread()
    {
        string[] files = ["jpeg_420.jpg", "jpeg_tall_progressive.jpg", "png_palette.png", "webp_lossy.webp", "exif_6.jpg", "gif.gif"];
        byte[][] encoded = [.. files.Select(Golden.FileBytes)];
        var grey = Preprocessing.ForSize(24) with { Mean = [0.5f], StandardDeviation = [0.5f] };
        foreach (var preprocessing in new[] { Preprocessing.ForSize(40), grey })
        {
            var transform = new TrainingTransform(preprocessing, Wild);
            float[][] expected = [.. Enumerable.Range(0, 120).Select(Run)];
            var actual = new float[expected.Length][];
            Parallel.For(0, expected.Length, new() { MaxDegreeOfParallelism = 8 }, i => actual[i] = Run(i));
            Assert.Equal(expected, actual);
            Assert.True(expected.Select(v => v[5]).Distinct().Count() > 20, "Chance changes images.");

            float[] Run(int i)
            {
                var random = new SeededRandom(3, 1, (ulong)i);
                var values = new float[transform.OutputShape.Count];
                transform.Apply(encoded[i % encoded.Length], files[i % files.Length], ref random, values);
                return values;
            }
        }
    }

    [Fact]
    public void Without_chance_it_is_a_plain_resize()
    {
        using var image = TestImages.Pattern(50, 50);
        byte[] png = ImageEncoder.EncodePng(image);
        // One area and one ratio leave one crop.
        var transform = new TrainingTransform(Preprocessing.ForSize(20), Still with { MinRatio = 1, MaxRatio = 1 });
        var random = new SeededRandom(1);
        using var rendered = transform.Render(png, "x", ref random);
        using var expected = Resampler.Resize(image, 20, 20, Interpolation.Bicubic);
        Assert.Equal(expected.ToRgb(), rendered.ToRgb());
    }

    [Fact]
    public void A_crop_of_a_file_is_the_crop_of_the_image()
    {
        foreach (string file in new[] { "jpeg_tall.jpg", "jpeg_420.jpg", "exif_5.jpg", "png_rgb.png" })
        {
            using var image = ImageDecoder.DecodeFile(Golden.FilePath(file));
            var options = new AugmentationOptions { FlipProbability = 0 };
            for (ulong seed = 0; seed < 40; seed++)
            {
                SeededRandom one = new(seed), two = new(seed);
                using var rendered = new TrainingTransform(Preprocessing.ForSize(30), options).Render(
                    Golden.FileBytes(file), file, ref one);
                var crop = options.CreateCrop().Draw(image.Size, ref two);
                using var expected = Resampler.ResizeCrop(image, crop, 30, 30, Interpolation.Bicubic);
                Assert.Equal(expected.ToRgb(), rendered.ToRgb());
            }
        }
    }

    [Fact]
    public void Flips_come_with_their_probability_and_never_when_turned_off()
    {
        // An image whose left half is black: the flip shows in the first pixel.
        using var image = Image.FromRgb([0, 0, 0, 255, 255, 255], 2, 1);
        foreach (double probability in new[] { 0, 0.25, 1 })
        {
            var flip = new RandomHorizontalFlip(probability);
            int flips = 0;
            for (ulong seed = 0; seed < 2000; seed++)
            {
                using var copy = Image.FromRgb(image.ToRgb(), 2, 1);
                var random = new SeededRandom(seed);
                flip.Apply(copy, ref random);
                flips += copy.Pixels[0] == 255 ? 1 : 0;
            }

            // Five standard deviations of the binomial.
            double spread = 5 * Math.Sqrt(2000 * probability * (1 - probability));
            Assert.InRange(flips, (2000 * probability) - spread, (2000 * probability) + spread);
        }
    }

    [Fact]
    public void Options_out_of_range_are_refused_by_name()
    {
        var good = new AugmentationOptions();
        foreach (var (bad, name) in new[]
        {
            (good with { MinScale = 0 }, "MinScale"), (good with { MinScale = 1.1 }, "MinScale"),
            (good with { MaxScale = 1.5 }, "MaxScale"),
            (good with { MinRatio = 0 }, "MinRatio"), (good with { MinRatio = 2 }, "MinRatio"),
            (good with { FlipProbability = 1.01 }, "FlipProbability"),
            (good with { FlipProbability = double.NaN }, "FlipProbability"), (good with { Hue = 0.6 }, "Hue"),
            (good with { Brightness = -0.1 }, "Brightness"),
            (good with { Contrast = double.PositiveInfinity }, "Contrast"), (good with { Saturation = -1 }, "Saturation"),
        })
        {
            string message = Assert.Throws<InvalidInputException>(() => new TrainingTransform(Preprocessing.ForSize(8), bad)).Message;
            Assert.Contains(name, message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', message);
        }
    }
}
