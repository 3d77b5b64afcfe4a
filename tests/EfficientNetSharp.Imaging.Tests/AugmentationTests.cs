using EfficientNetSharp.Imaging.Augmentations;
using EfficientNetSharp.Imaging.Transforms;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Imaging.Tests;

public sealed class AugmentationTests
{
    public static TheoryData<int> Adjusted => [.. Enumerable.Range(0, Golden.All.Augmented.Length)];

    [Theory]
    [MemberData(nameof(Adjusted))]
    public void Colours_are_those_of_torchvision_on_Pillow(int index)
    {
        var golden = Golden.All.Augmented[index];
        using var image = Golden.Named(golden.Image);
        Action<Image, double> adjust = golden.Operation switch
        {
            "Brightness" => Brightness.Adjust,
            "Contrast" => Contrast.Adjust,
            "Saturation" => Saturation.Adjust,
            _ => Hue.Adjust,
        };
        adjust(image, golden.Factor);
        Assert.Equal(golden.Sha256, Golden.Hash(image));
        for (int i = 3; i < image.Pixels.Length; i += 4) Assert.Equal(255, image.Pixels[i]);
    }

    [Fact]
    public void A_flip_mirrors_and_twice_is_nothing()
    {
        Gen.Select(Gen.Int[1, 40], Gen.Int[1, 10], Gen.ULong).Sample((w, h, seed) =>
        {
            using var original = TestImages.Noise(w, h, seed);
            using var flipped = TestImages.Noise(w, h, seed);
            RandomHorizontalFlip.Flip(flipped);
            for (int y = 0; y < h; y++)
                for (int x = 0; x < w; x++)
                    Assert.True(original.Row(y).Slice(x * 4, 4).SequenceEqual(flipped.Row(y).Slice((w - 1 - x) * 4, 4)));
            RandomHorizontalFlip.Flip(flipped);
            Assert.Equal(original.ToRgb(), flipped.ToRgb());
        }, iter: 50);
    }

    [Fact]
    public void Crops_lie_within_the_image_and_keep_their_ranges()
    {
        Gen.Select(Gen.Int[1, 3000], Gen.Int[1, 3000], Gen.ULong).Sample((w, h, seed) =>
        {
            var options = new AugmentationOptions();
            var random = new SeededRandom(seed);
            var crop = options.CreateCrop().Draw(new(w, h), ref random);
            Assert.True(crop.IsWithin(new(w, h)));
            // Rounding each side to a pixel moves area and ratio a little.
            double slack = 1 + (1.01 / Math.Min(crop.Width, crop.Height));
            bool isFallback = crop == options.CreateCrop().Central(new(w, h));
            double area = (double)crop.Width * crop.Height / ((double)w * h), ratio = (double)crop.Width / crop.Height;
            if (!isFallback) Assert.InRange(area, 0.08 / (slack * slack), 1);
            Assert.InRange(ratio, 0.75 / slack, 4.0 / 3 * slack);
        }, iter: 2000);
    }

    [Fact]
    public void Areas_of_crops_are_uniform_and_ratios_log_uniform()
    {
        var crop = new AugmentationOptions { MinScale = 0.1, MaxScale = 0.5 }.CreateCrop();
        const int Draws = 4000;
        double areas = 0, logRatios = 0, centers = 0;
        for (ulong i = 0; i < Draws; i++)
        {
            var random = new SeededRandom(9, i);
            var drawn = crop.Draw(new(1000, 1000), ref random);
            areas += drawn.Width * drawn.Height / 1e6;
            logRatios += Math.Log((double)drawn.Width / drawn.Height);
            centers += drawn.Left + (drawn.Width / 2.0);
        }

        // Five standard errors of uniform distributions of those widths; crops of up to half the area always fit.
        double root = Math.Sqrt(12.0 * Draws);
        Assert.InRange(areas / Draws, 0.3 - (5 * 0.4 / root), 0.3 + (5 * 0.4 / root));
        double spread = 2 * Math.Log(4.0 / 3);
        Assert.InRange(logRatios / Draws, -5 * spread / root, 5 * spread / root);
        Assert.InRange(centers / Draws, 500 - (5 * 700 / root), 500 + (5 * 700 / root));
    }

    [Theory]
    // The fallback of torchvision, worked out by hand: the side that is too long becomes round(short · 4/3) and is centred.
    [InlineData(30_000, 20, 14_986, 0, 27, 20)]
    [InlineData(20, 30_000, 0, 14_986, 20, 27)]
    [InlineData(1, 1000, 0, 499, 1, 1)]
    [InlineData(120, 100, 0, 0, 120, 100)]
    public void The_fallback_is_the_largest_central_part(int width, int height, int left, int top, int cropWidth, int cropHeight) =>
        Assert.Equal(
            new PixelRectangle(left, top, cropWidth, cropHeight),
            new AugmentationOptions().CreateCrop().Central(new(width, height)));

    [Fact]
    public void Jitter_that_is_off_draws_nothing_and_changes_nothing()
    {
        using var image = Golden.Source();
        byte[] before = image.ToRgb();
        SeededRandom random = new(4), untouched = new(4);
        new AugmentationOptions().CreateJitter().Apply(image, ref random);
        new RandomHorizontalFlip(0).Apply(image, ref random);
        Assert.Equal(before, image.ToRgb());
        Assert.Equal(untouched.NextUInt64(), random.NextUInt64());
    }

    [Fact]
    public void Jitter_of_brightness_alone_is_the_factor_it_draws()
    {
        var seen = new HashSet<string>();
        for (ulong seed = 0; seed < 20; seed++)
        {
            using var image = Image.FromRgb(Enumerable.Repeat((byte)100, 30).ToArray(), 5, 2);
            var random = new SeededRandom(seed);
            new AugmentationOptions { Brightness = 0.5 }.CreateJitter().Apply(image, ref random);
            Assert.All(image.ToRgb(), v => Assert.InRange(v, 50, 150));
            seen.Add(Golden.Hash(image));
        }

        Assert.True(seen.Count > 10);
    }

    [Fact]
    public void Factors_out_of_range_are_programmer_errors()
    {
        using var image = Image.Black(1, 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => Brightness.Adjust(image, -0.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Contrast.Adjust(image, double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => Saturation.Adjust(image, double.PositiveInfinity));
        Assert.Throws<ArgumentOutOfRangeException>(() => Hue.Adjust(image, 0.51));
    }
}
