using EfficientNetSharp.Imaging.Codecs;
using EfficientNetSharp.Imaging.Resampling;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Imaging.Tests;

public sealed class ResamplerTests
{
    public static TheoryData<int> Resampled => [.. Enumerable.Range(0, Golden.All.Resampled.Length)];

    public static TheoryData<int> ResizedCrops => [.. Enumerable.Range(0, Golden.All.ResizedCrops.Length)];

    private static readonly Gen<Interpolation> Filters = Gen.Enum<Interpolation>();

    /// <summary>Small sides often, and some larger than any vector step.</summary>
    private static readonly Gen<int> Sides = Gen.Frequency((3, Gen.Int[1, 9]), (3, Gen.Int[1, 70]), (1, Gen.Int[71, 400]));

    [Theory]
    [MemberData(nameof(Resampled))]
    public void Pixels_are_those_of_Pillow(int index)
    {
        var golden = Golden.All.Resampled[index];
        using var image = Golden.Named(golden.Image);
        ResampleBox? box = golden.Box is [var left, var top, var right, var bottom] ? new(left, top, right, bottom) : null;
        using var result = Resampler.Resize(image, golden.Width, golden.Height, golden.Interpolation, box);
        Assert.Equal(golden.Sha256, Golden.Hash(result));
    }

    [Theory]
    [MemberData(nameof(ResizedCrops))]
    public void A_crop_before_resizing_is_that_of_torchvision(int index)
    {
        var golden = Golden.All.ResizedCrops[index];
        using var image = Golden.Source();
        var crop = new PixelRectangle(golden.Crop[0], golden.Crop[1], golden.Crop[2], golden.Crop[3]);
        using var result = Resampler.ResizeCrop(image, crop, golden.Width, golden.Height, Enum.Parse<Interpolation>(golden.Filter));
        Assert.Equal(golden.Sha256, Golden.Hash(result));
    }

    [Fact]
    public void Whole_images_of_Pillow_are_met_pixel_by_pixel()
    {
        using var source = Golden.Source();
        using var bicubic = Resampler.Resize(source, 24, 16, Interpolation.Bicubic);
        using var lanczos = Resampler.Resize(source, 40, 9, Interpolation.Lanczos, new(5.5, 3.25, 70, 61));
        using var expectedBicubic = ImageDecoder.Decode(Golden.Bytes("source_bicubic_24x16.png"), "bicubic");
        using var expectedLanczos = ImageDecoder.Decode(Golden.Bytes("source_lanczos_box_40x9.png"), "lanczos");
        Assert.Equal(expectedBicubic.ToRgb(), bicubic.ToRgb());
        Assert.Equal(expectedLanczos.ToRgb(), lanczos.ToRgb());
    }

    [Fact]
    public void Vector_forms_equal_the_textbook_form()
    {
        Gen.Select(Sides, Sides, Sides, Sides, Filters, Gen.Double.Unit.Array[4], Gen.ULong).Sample((w, h, toW, toH, filter, edges, seed) =>
        {
            using var source = TestImages.Noise(w, h, seed);
            // A box with sides of at least a hundredth of the image, or the whole.
            var box = seed % 3 == 0
                ? ResampleBox.Whole(source.Size)
                : new ResampleBox(
                    0.99 * w * Math.Min(edges[0], edges[1]), 0.99 * h * Math.Min(edges[2], edges[3]),
                    w * (0.01 + (0.99 * Math.Max(edges[0], edges[1]))), h * (0.01 + (0.99 * Math.Max(edges[2], edges[3]))));
            Resample(ResamplePath.Scalar, out byte[] expected);
            foreach (var path in new[] { ResamplePath.Vector128, ResamplePath.Avx2 })
            {
                if (path == ResamplePath.Avx2 && !Avx2Passes.IsSupported) continue;
                Resample(path, out byte[] actual);
                Assert.Equal(expected, actual);
            }

            void Resample(ResamplePath path, out byte[] pixels)
            {
                using var result = Resampler.Resample(
                    ImageBand.Whole(source), PixelRectangle.Whole(source.Size), box, new(toW, toH), new(0, 0, toW, toH), filter, path);
                pixels = result.Pixels.ToArray();
            }
        }, iter: 400);
    }

    [Fact]
    public void A_window_equals_the_same_window_cut_from_the_whole()
    {
        Gen.Select(Sides, Sides, Sides, Sides, Filters, Gen.Int[0, 1000].Array[4], Gen.ULong)
            .Sample((w, h, toW, toH, filter, picks, seed) =>
        {
            int left = picks[0] % toW, top = picks[1] % toH;
            int width = 1 + (picks[2] % (toW - left)), height = 1 + (picks[3] % (toH - top));
            using var source = TestImages.Noise(w, h, seed);
            using var whole = Resampler.Resize(source, toW, toH, filter);
            using var window = Resampler.ResizeWindow(
                ImageBand.Whole(source), PixelRectangle.Whole(source.Size), new(toW, toH), new(left, top, width, height), filter);
            for (int y = 0; y < height; y++) Assert.Equal(whole.Row(top + y).Slice(left * 4, width * 4).ToArray(), window.Row(y).ToArray());
        }, iter: 300);
    }

    [Fact]
    public void A_crop_equals_resizing_a_copy_of_the_crop()
    {
        Gen.Select(Sides, Sides, Sides, Sides, Filters, Gen.Int[0, 1000].Array[4], Gen.ULong)
            .Sample((w, h, toW, toH, filter, picks, seed) =>
        {
            int left = picks[0] % w, top = picks[1] % h;
            var crop = new PixelRectangle(left, top, 1 + (picks[2] % (w - left)), 1 + (picks[3] % (h - top)));
            using var source = TestImages.Noise(w, h, seed);
            using var copy = Image.Black(crop.Width, crop.Height);
            for (int y = 0; y < crop.Height; y++) source.Row(top + y).Slice(left * 4, crop.Width * 4).CopyTo(copy.Row(y));
            using var expected = Resampler.Resize(copy, toW, toH, filter);
            using var actual = Resampler.ResizeCrop(source, crop, toW, toH, filter);
            Assert.Equal(expected.Pixels.ToArray(), actual.Pixels.ToArray());
        }, iter: 300);
    }

    [Fact]
    public void The_filler_byte_stays_255()
    {
        Gen.Select(Sides, Sides, Sides, Sides, Filters).Sample((w, h, toW, toH, filter) =>
        {
            using var source = TestImages.Noise(w, h, 3);
            using var result = Resampler.Resize(source, toW, toH, filter);
            for (int i = 3; i < result.Pixels.Length; i += 4) Assert.Equal(255, result.Pixels[i]);
        }, iter: 100);
    }

    [Fact]
    public void Sums_of_more_than_256_taps_are_exact()
    {
        // The lower halves of the sums wrap around here.
        using var white = Image.FromRgb(Enumerable.Repeat((byte)255, 20_000 * 3).ToArray(), 20_000, 1);
        using var source = TestImages.Noise(20_000, 3, 5);
        foreach (var filter in Enum.GetValues<Interpolation>())
        {
            using var plain = Resampler.Resize(white, 3, 2, filter);
            Assert.All(plain.Pixels.ToArray(), v => Assert.Equal(255, v));
            var results = new[] { ResamplePath.Scalar, ResamplePath.Vector128, ResamplePaths.Best }.Select(path =>
            {
                using var result = Resampler.Resample(
                    ImageBand.Whole(source), PixelRectangle.Whole(source.Size), ResampleBox.Whole(source.Size),
                    new(3, 2), new(0, 0, 3, 2), filter, path);
                return result.ToRgb();
            }).ToArray();
            Assert.Equal(results[0], results[1]);
            Assert.Equal(results[0], results[2]);
        }
    }

    [Fact]
    public void Resizing_leaves_next_to_no_garbage()
    {
        using var source = TestImages.Noise(500, 375, 1);
        for (int i = 0; i < 5; i++) Resampler.Resize(source, 224, 224, Interpolation.Bicubic).Dispose();
        long before = GC.GetAllocatedBytesForCurrentThread();
        const int Calls = 20;
        for (int i = 0; i < Calls; i++) Resampler.Resize(source, 224, 224, Interpolation.Bicubic).Dispose();
        // A few small objects a call; the pool may have to renew a buffer now and then. The pixels alone would be 1.4 MB.
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / Calls, 0, 100_000);
    }

    [Fact]
    public void Boxes_outside_the_image_and_empty_sizes_are_programmer_errors()
    {
        using var source = TestImages.Noise(4, 4, 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => Resampler.Resize(source, 0, 1, Interpolation.Box));
        Assert.Throws<ArgumentOutOfRangeException>(() => Resampler.Resize(source, 1, 1, Interpolation.Box, new(0, 0, 5, 4)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Resampler.Resize(source, 1, 1, Interpolation.Box, new(2, 0, 2, 4)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Resampler.Resize(source, 1, 1, Interpolation.Box, new(double.NaN, 0, 2, 4)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Resampler.ResizeCrop(source, new(3, 3, 2, 1), 1, 1, Interpolation.Box));
    }
}
