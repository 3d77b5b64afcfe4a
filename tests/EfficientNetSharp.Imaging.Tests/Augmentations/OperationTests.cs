using EfficientNetSharp.Imaging.Augmentations;
using EfficientNetSharp.Imaging.Augmentations.Policies;

namespace EfficientNetSharp.Imaging.Tests.Augmentations;

public sealed class OperationTests
{
    public static TheoryData<string> Names => [.. AugmentationGoldens.Cases("operations").Select(c => c[0].GetString()!).Distinct()];

    [Fact]
    public void Test_pictures_are_those_of_the_golden_script()
    {
        foreach (var property in AugmentationGoldens.Section("pictures").EnumerateObject())
        {
            using var picture = AugmentationGoldens.Named(property.Name);
            Assert.Equal(property.Value.GetString(), AugmentationGoldens.Hash(picture));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Operations_give_the_bytes_of_Pillow(string name)
    {
        foreach (var golden in AugmentationGoldens.Cases("operations").Where(c => c[0].GetString() == name))
        {
            using var picture = AugmentationGoldens.Named(golden[3].GetString()!);
            var filter = AugmentationGoldens.Filter(golden[2]);
            new PolicyStep(Enum.Parse<PictureOperation>(name), golden[1].GetDouble(), filter).Apply(picture, AugmentationGoldens.Fill);
            Assert.True(golden[4].GetString() == AugmentationGoldens.Hash(picture), golden.ToString());
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Grey_pictures_give_the_bytes_of_Pillows_mode_L(string name)
    {
        foreach (var golden in AugmentationGoldens.Cases("grey").Where(c => c[0].GetString() == name))
        {
            using var picture = AugmentationGoldens.Grey(golden[3].GetString()!);
            var filter = AugmentationGoldens.Filter(golden[2]);
            new PolicyStep(Enum.Parse<PictureOperation>(name), golden[1].GetDouble(), filter).Apply(picture, PixelColor.Grey(128));
            Assert.True(golden[4].GetString() == AugmentationGoldens.Hash(picture), golden.ToString());
        }
    }

    [Fact]
    public void Any_matrix_gives_the_bytes_of_Pillow()
    {
        foreach (var golden in AugmentationGoldens.Cases("matrices"))
        {
            double[] m = [.. golden[0].EnumerateArray().Select(v => v.GetDouble())];
            using var picture = AugmentationGoldens.Named(golden[2].GetString()!);
            Warp.Apply(picture, new AffineMatrix(m[0], m[1], m[2], m[3], m[4], m[5]), AugmentationGoldens.Filter(golden[1]), AugmentationGoldens.Fill);
            Assert.True(golden[3].GetString() == AugmentationGoldens.Hash(picture), golden.ToString());
        }
    }

    [Fact]
    public void Cutouts_cover_what_the_TPU_code_covers()
    {
        foreach (var golden in AugmentationGoldens.Cases("cutouts"))
        {
            using var picture = AugmentationGoldens.Named(golden[3].GetString()!);
            Cutout.Apply(picture, golden[0].GetInt32(), golden[1].GetInt32(), golden[2].GetInt32(), AugmentationGoldens.Fill);
            Assert.True(golden[4].GetString() == AugmentationGoldens.Hash(picture), golden.ToString());
        }
    }

    [Fact]
    public void Grey_has_three_equal_channels_of_the_luma()
    {
        using var picture = AugmentationGoldens.Named("source");
        using var expected = AugmentationGoldens.Grey("source");
        Grayscale.Apply(picture);
        Assert.Equal(expected.ToRgb(), picture.ToRgb());
    }

    [Fact]
    public void Warps_that_move_nothing_change_nothing()
    {
        Gen.Select(Gen.Int[1, 20], Gen.Int[1, 20], Gen.ULong, Gen.Enum<WarpFilter>()).Sample((width, height, seed, filter) =>
        {
            using var picture = TestPictures.Noise(width, height, seed);
            byte[] before = picture.ToRgb();
            Warp.Apply(picture, new AffineMatrix(1, 0, 0, 0, 1, 0), filter, PixelColor.Black);
            Assert.Equal(before, picture.ToRgb());
        }, iter: 100);
    }

    [Fact]
    public void Four_quarter_turns_and_two_half_turns_are_nothing()
    {
        using var picture = AugmentationGoldens.Named("pattern 24 24");
        byte[] before = picture.ToRgb();
        for (int i = 0; i < 4; i++) Warp.Rotate(picture, 90, WarpFilter.Bicubic, PixelColor.Black);
        Assert.Equal(before, picture.ToRgb());
        for (int i = 0; i < 2; i++) Warp.Rotate(picture, -180, WarpFilter.Bicubic, PixelColor.Black);
        Assert.Equal(before, picture.ToRgb());
    }

    [Fact]
    public void Arguments_out_of_range_are_programmer_errors()
    {
        using var picture = Picture.Black(4, 4);
        Assert.Throws<ArgumentOutOfRangeException>(() => Posterize.Apply(picture, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Solarize.Apply(picture, double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => Sharpness.Adjust(picture, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => GaussianBlur.Apply(picture, -0.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => GaussianBlur.Apply(picture, double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => Cutout.Apply(picture, 0, 0, -1, PixelColor.Black));
        Assert.Throws<ArgumentOutOfRangeException>(() => Warp.Rotate(picture, double.NaN, WarpFilter.Nearest, PixelColor.Black));
        Assert.Throws<ArgumentOutOfRangeException>(() => Warp.Apply(picture, AffineMatrix.ShearX(double.NaN), WarpFilter.Nearest, PixelColor.Black));
        Assert.Throws<ArgumentOutOfRangeException>(() => Warp.Apply(picture, AffineMatrix.ShearX(1), (WarpFilter)9, PixelColor.Black));
    }
}
