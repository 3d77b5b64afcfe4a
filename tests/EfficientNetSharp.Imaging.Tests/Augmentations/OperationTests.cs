using EfficientNetSharp.Imaging.Augmentations;
using EfficientNetSharp.Imaging.Augmentations.Policies;

namespace EfficientNetSharp.Imaging.Tests.Augmentations;

public sealed class OperationTests
{
    public static TheoryData<string> Names => [.. AugmentationGoldens.Cases("operations").Select(c => c[0].GetString()!).Distinct()];

    [Fact]
    public void Test_images_are_those_of_the_golden_script()
    {
        foreach (var property in AugmentationGoldens.Section("pictures").EnumerateObject())
        {
            using var image = AugmentationGoldens.Named(property.Name);
            Assert.Equal(property.Value.GetString(), AugmentationGoldens.Hash(image));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Operations_give_the_bytes_of_Pillow(string name)
    {
        foreach (var golden in AugmentationGoldens.Cases("operations").Where(c => c[0].GetString() == name))
        {
            using var image = AugmentationGoldens.Named(golden[3].GetString()!);
            var filter = AugmentationGoldens.Filter(golden[2]);
            new PolicyOperation(Enum.Parse<ImageOperation>(name), golden[1].GetDouble(), filter).Apply(image, AugmentationGoldens.Fill);
            Assert.True(golden[4].GetString() == AugmentationGoldens.Hash(image), golden.ToString());
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Grey_images_give_the_bytes_of_Pillows_mode_L(string name)
    {
        foreach (var golden in AugmentationGoldens.Cases("grey").Where(c => c[0].GetString() == name))
        {
            using var image = AugmentationGoldens.Grey(golden[3].GetString()!);
            var filter = AugmentationGoldens.Filter(golden[2]);
            new PolicyOperation(Enum.Parse<ImageOperation>(name), golden[1].GetDouble(), filter).Apply(image, PixelColor.Grey(128));
            Assert.True(golden[4].GetString() == AugmentationGoldens.Hash(image), golden.ToString());
        }
    }

    [Fact]
    public void Any_matrix_gives_the_bytes_of_Pillow()
    {
        foreach (var golden in AugmentationGoldens.Cases("matrices"))
        {
            double[] m = [.. golden[0].EnumerateArray().Select(v => v.GetDouble())];
            using var image = AugmentationGoldens.Named(golden[2].GetString()!);
            Warp.Apply(
                image, new AffineMatrix(m[0], m[1], m[2], m[3], m[4], m[5]), AugmentationGoldens.Filter(golden[1]),
                AugmentationGoldens.Fill);
            Assert.True(golden[3].GetString() == AugmentationGoldens.Hash(image), golden.ToString());
        }
    }

    [Fact]
    public void Cutouts_cover_what_the_TPU_code_covers()
    {
        foreach (var golden in AugmentationGoldens.Cases("cutouts"))
        {
            using var image = AugmentationGoldens.Named(golden[3].GetString()!);
            Cutout.Apply(image, golden[0].GetInt32(), golden[1].GetInt32(), golden[2].GetInt32(), AugmentationGoldens.Fill);
            Assert.True(golden[4].GetString() == AugmentationGoldens.Hash(image), golden.ToString());
        }
    }

    [Fact]
    public void Grey_has_three_equal_channels_of_the_luma()
    {
        using var image = AugmentationGoldens.Named("source");
        using var expected = AugmentationGoldens.Grey("source");
        Grayscale.Apply(image);
        Assert.Equal(expected.ToRgb(), image.ToRgb());
    }

    [Fact]
    public void Warps_that_move_nothing_change_nothing()
    {
        Gen.Select(Gen.Int[1, 20], Gen.Int[1, 20], Gen.ULong, Gen.Enum<WarpFilter>()).Sample((width, height, seed, filter) =>
        {
            using var image = TestImages.Noise(width, height, seed);
            byte[] before = image.ToRgb();
            Warp.Apply(image, new AffineMatrix(1, 0, 0, 0, 1, 0), filter, PixelColor.Black);
            Assert.Equal(before, image.ToRgb());
        }, iter: 100);
    }

    [Fact]
    public void Four_quarter_turns_and_two_half_turns_are_nothing()
    {
        using var image = AugmentationGoldens.Named("pattern 24 24");
        byte[] before = image.ToRgb();
        for (int i = 0; i < 4; i++) Warp.Rotate(image, 90, WarpFilter.Bicubic, PixelColor.Black);
        Assert.Equal(before, image.ToRgb());
        for (int i = 0; i < 2; i++) Warp.Rotate(image, -180, WarpFilter.Bicubic, PixelColor.Black);
        Assert.Equal(before, image.ToRgb());
    }

    [Fact]
    public void Arguments_out_of_range_are_programmer_errors()
    {
        using var image = Image.Black(4, 4);
        Assert.Throws<ArgumentOutOfRangeException>(() => Posterize.Apply(image, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Solarize.Apply(image, double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => Sharpness.Adjust(image, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => GaussianBlur.Apply(image, -0.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => GaussianBlur.Apply(image, double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => Cutout.Apply(image, 0, 0, -1, PixelColor.Black));
        Assert.Throws<ArgumentOutOfRangeException>(() => Warp.Rotate(image, double.NaN, WarpFilter.Nearest, PixelColor.Black));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => Warp.Apply(image, AffineMatrix.ShearX(double.NaN), WarpFilter.Nearest, PixelColor.Black));
        Assert.Throws<ArgumentOutOfRangeException>(() => Warp.Apply(image, AffineMatrix.ShearX(1), (WarpFilter)9, PixelColor.Black));
    }
}
