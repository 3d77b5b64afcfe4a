using EfficientNetSharp.Imaging.Augmentations;
using EfficientNetSharp.Imaging.Augmentations.Policies;
using EfficientNetSharp.Imaging.Codecs;
using EfficientNetSharp.Imaging.Resampling;
using EfficientNetSharp.Imaging.Transforms;
using EfficientNetSharp.Models;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Imaging.Tests.Augmentations;

/// <summary>Policies, cutout and erasing as parts of the way to the network.</summary>
public sealed class AugmentedTransformTests
{
    private const string File = "jpeg_420.jpg";
    private static readonly AugmentationOptions Still = new() { MinScale = 1, MinRatio = 0.01, MaxRatio = 100, FlipProbability = 0 };

    [Fact]
    public void A_policy_comes_after_crop_and_flip_and_before_the_jitter()
    {
        var preprocessing = Preprocessing.ForSize(30);
        var options = new AugmentationOptions { Policy = "rand-m9-n2-p1", Brightness = 0.4 };
        for (ulong seed = 0; seed < 20; seed++)
        {
            SeededRandom one = new(seed), two = new(seed);
            using var rendered = new TrainingTransform(preprocessing, options).Render(Golden.FileBytes(File), File, ref one);
            // The same by hand, drawing in the same order.
            using var expected = new TrainingTransform(preprocessing, new AugmentationOptions()).Render(
                Golden.FileBytes(File), File, ref two);
            AugmentationPolicies.Parse("rand-m9-n2-p1", preprocessing).Apply(expected, ref two);
            options.CreateJitter().Apply(expected, ref two);
            Assert.Equal(expected.ToRgb(), rendered.ToRgb());
            Assert.Equal(two.NextUInt64(), one.NextUInt64());
        }
    }

    [Fact]
    public void Low_resolution_comes_after_the_flip_and_grey_after_the_jitter()
    {
        var preprocessing = Preprocessing.ForSize(30);
        var options = new AugmentationOptions { LowResolution = 1, Grey = 1, Saturation = 0.4 };
        for (ulong seed = 0; seed < 20; seed++)
        {
            SeededRandom one = new(seed), two = new(seed);
            using var rendered = new TrainingTransform(preprocessing, options).Render(Golden.FileBytes(File), File, ref one);
            using var expected = new TrainingTransform(preprocessing, new AugmentationOptions()).Render(
                Golden.FileBytes(File), File, ref two);
            double side = two.NextDouble(0.2, 1);
            var filters = Enum.GetValues<Interpolation>();
            Interpolation down = filters[two.NextInt(filters.Length)], up = filters[two.NextInt(filters.Length)];
            using var small = Resampler.Resize(expected, (int)(30 * side), (int)(30 * side), down);
            using var again = Resampler.Resize(small, 30, 30, up);
            options.CreateJitter().Apply(again, ref two);
            Grayscale.Apply(again);
            Assert.Equal(again.ToRgb(), rendered.ToRgb());
            Assert.Equal(two.NextUInt64(), one.NextUInt64());
            byte[] rgb = rendered.ToRgb();
            for (int i = 0; i < rgb.Length; i += 3) Assert.True(rgb[i] == rgb[i + 1] && rgb[i] == rgb[i + 2], "grey has one value per pixel");
        }

        Assert.Throws<InvalidInputException>(() => (options with { Grey = 1.5 }).Check());
        Assert.Throws<InvalidInputException>(() => (options with { LowResolution = double.NaN }).Check());
    }

    [Fact]
    public void What_is_off_draws_nothing()
    {
        var preprocessing = Preprocessing.ForSize(30);
        SeededRandom one = new(5), two = new(5);
        var off = new AugmentationOptions { Policy = "v0", PolicyProbability = 0, CutoutSide = 0, Erasing = new(0) };
        float[] first = Run(new TrainingTransform(preprocessing, off), ref one),
            second = Run(new TrainingTransform(preprocessing), ref two);
        Assert.Equal(second, first);
        Assert.Equal(two.NextUInt64(), one.NextUInt64());
    }

    [Fact]
    public void A_policy_may_be_for_a_share_of_the_images()
    {
        var transform = new TrainingTransform(Preprocessing.ForSize(16), Still with { Policy = "3a", PolicyProbability = 0.3 });
        var plain = new TrainingTransform(Preprocessing.ForSize(16), Still);
        int changed = 0;
        for (ulong i = 0; i < 600; i++)
        {
            SeededRandom one = new(2, i), two = new(2, i);
            changed += Run(transform, ref one).AsSpan().SequenceEqual(Run(plain, ref two)) ? 0 : 1;
        }

        double spread = 5 * Math.Sqrt(600 * 0.3 * 0.7);
        Assert.InRange(changed, 180 - spread, 180 + spread);
    }

    [Fact]
    public void A_magnitude_is_that_of_the_policy()
    {
        SeededRandom one = new(4), two = new(4);
        var preprocessing = Preprocessing.ForSize(30);
        Assert.Equal(
            Run(new TrainingTransform(preprocessing, Still with { Policy = "rand-m7-p1" }), ref one),
            Run(new TrainingTransform(preprocessing, Still with { Policy = "rand-m2-p1", PolicyMagnitude = 7 }), ref two));
    }

    [Fact]
    public void A_cutout_covers_with_the_mean_colour_and_erasing_with_zeros()
    {
        var preprocessing = Preprocessing.ForSize(40);
        var random = new SeededRandom(9);
        float[] cut = Run(new TrainingTransform(preprocessing, Still with { CutoutSide = 20 }), ref random);
        // The mean colour in bytes is within half a level of zero after normalisation.
        Assert.True(cut.Count(v => Math.Abs(v) <= 0.51f / 255 / 0.224f) >= 3 * 100);
        float[] erased = Run(new TrainingTransform(preprocessing, Still with { Erasing = new(1) }), ref random);
        Assert.True(erased.Count(v => v == 0) >= 3 * 0.015 * 1600);
    }

    [Fact]
    public void Networks_with_one_channel_stay_grey_under_every_policy()
    {
        var preprocessing = Preprocessing.ForSize(24) with { Mean = [0.5f], StandardDeviation = [0.25f] };
        foreach (string policy in AugmentationPolicies.Names)
        {
            var transform = new TrainingTransform(preprocessing, new AugmentationOptions { Policy = policy, CutoutSide = 6 });
            for (ulong i = 0; i < 20; i++)
            {
                var random = new SeededRandom(1, i);
                using var image = transform.Render(Golden.FileBytes(File), File, ref random);
                foreach (byte[] pixel in image.ToRgb().Chunk(3)) Assert.True(pixel[0] == pixel[1] && pixel[1] == pixel[2], policy);
            }
        }
    }

    [Fact]
    public void Options_out_of_range_are_refused_by_name()
    {
        var good = new AugmentationOptions { Policy = "rand" };
        foreach (var (bad, name) in new[]
        {
            (good with { Policy = "rnd" }, "nearest: rand"), (good with { PolicyMagnitude = -1 }, "magnitude"),
            (good with { PolicyProbability = 2 }, "PolicyProbability"),
            (good with { Policy = null, PolicyMagnitude = 3 }, "Expected a Policy"),
            (good with { Policy = null, PolicyProbability = 1 }, "Expected a Policy"),
            (good with { Policy = "v0", PolicyMagnitude = 3 }, "no magnitude"), (good with { CutoutSide = -1 }, "CutoutSide"),
            (good with { Erasing = new(1.5) }, "Probability"), (good with { Erasing = new(1, (ErasingMode)5) }, "Mode"),
            (good with { Erasing = new(1, MaxRectangles: 0) }, "MaxRectangles"), (good with { Erasing = new(1, MinArea: 0.5) }, "MinArea"),
            (good with { Erasing = new(1, MaxArea: 1.5) }, "MaxArea"), (good with { Erasing = new(1, MinAspect: 2) }, "MinAspect"),
        })
        {
            string message = Assert.Throws<InvalidInputException>(() => new TrainingTransform(Preprocessing.ForSize(8), bad)).Message;
            Assert.Contains(name, message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', message);
        }
    }

    [Fact]
    public void A_sheet_shows_what_the_network_sees()
    {
        foreach (var preprocessing in new[]
        {
            Preprocessing.ForSize(20), Preprocessing.ForSize(20) with { Channels = ChannelOrder.Bgr },
            Preprocessing.ForSize(20) with { Mean = [0.5f], StandardDeviation = [0.5f] },
        })
        {
            var options = new AugmentationOptions { Policy = "rand-m9-mstd0.5" };
            using var sheet = AugmentationSheet.Render(Golden.FileBytes(File), File, preprocessing, options, 3, 2, seed: 8);
            // Cells of 20 with captions of 16 below and gaps of 4; above them the original's row.
            Assert.Equal(new ImageSize((3 * 24) + 4, (3 * 40) + 4), sheet.Size);
            for (int cell = 0; cell < 6; cell++)
            {
                var random = new SeededRandom(8, 0, (ulong)cell);
                using var expected = new TrainingTransform(preprocessing, options).Render(Golden.FileBytes(File), File, ref random);
                for (int y = 0; y < 20; y++)
                    Assert.True(sheet.Row(44 + (cell / 3 * 40) + y).Slice((4 + (cell % 3 * 24)) * 4, 80).SequenceEqual(expected.Row(y)));
            }

            Assert.All(sheet.Row(0).ToArray(), v => Assert.Equal(255, v));
            using var original = ImageDecoder.Decode(Golden.FileBytes(File), File);
            using var small = Resampler.Fit(original, 20, 20);
            Assert.Equal(20, Math.Max(small.Width, small.Height));
            for (int y = 0; y < small.Height; y++)
                Assert.True(sheet.Row(24 - small.Height + y).Slice(16, 4 * small.Width).SequenceEqual(small.Row(y)));
        }

        Assert.Throws<InvalidInputException>(
            () => AugmentationSheet.Render(Golden.FileBytes(File), File, Preprocessing.ForSize(20), Still, 0));
        Assert.Throws<InvalidInputException>(
            () => AugmentationSheet.Render(Golden.FileBytes(File), File, Preprocessing.ForSize(20), Still, 2000, 2000));
        Assert.Throws<InvalidInputException>(() => AugmentationSheet.Render([1, 2, 3], "x", Preprocessing.ForSize(20), Still));
    }

    private static float[] Run(TrainingTransform transform, ref SeededRandom random)
    {
        var values = new float[transform.OutputShape.Count];
        transform.Apply(Golden.FileBytes(File), File, ref random, values);
        return values;
    }
}
