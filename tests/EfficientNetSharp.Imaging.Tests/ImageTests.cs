using EfficientNetSharp.Imaging.Codecs;

namespace EfficientNetSharp.Imaging.Tests;

public sealed class ImageTests
{
    [Fact]
    public void The_formula_images_are_those_of_the_goldens()
    {
        using var pattern = TestImages.Pattern(37, 23);
        using var lattice = TestImages.Lattice();
        Assert.Equal(Golden.All.PatternHash, Golden.Hash(pattern));
        Assert.Equal(Golden.All.LatticeHash, Golden.Hash(lattice));
    }

    [Fact]
    public void Rgb_goes_in_and_comes_out()
    {
        byte[] rgb = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
        using var image = Image.FromRgb(rgb, 2, 2);
        Assert.Equal(rgb, image.ToRgb());
        Assert.Equal([7, 8, 9, 255, 10, 11, 12, 255], image.Row(1).ToArray());
        Assert.Throws<ArgumentException>(() => Image.FromRgb(rgb, 3, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => Image.FromRgb([], 0, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => Image.Black(100_000, 100_000));
        Assert.Throws<ArgumentOutOfRangeException>(() => image.Row(2).Length);
        Assert.Throws<ArgumentException>(() => image.CopyRgbTo(new byte[11]));
    }

    [Fact]
    public void A_disposed_image_says_so_and_may_be_disposed_again()
    {
        var image = Image.Black(3, 3);
        image.Dispose();
        image.Dispose();
        Assert.Throws<ObjectDisposedException>(() => image.Pixels.Length);
    }

    [Fact]
    public void Png_keeps_every_pixel()
    {
        Gen.Select(Gen.Int[1, 60], Gen.Int[1, 60], Gen.ULong).Sample((w, h, seed) =>
        {
            using var image = TestImages.Noise(w, h, seed);
            using var decoded = ImageDecoder.Decode(ImageEncoder.EncodePng(image), "x");
            Assert.Equal(image.ToRgb(), decoded.ToRgb());
            Assert.Equal(ImageEncoder.EncodePng(image), ImageEncoder.EncodePng(image.ToRgb(), w, h));
        }, iter: 30);
    }

    [Fact]
    public void Jpeg_stays_near_and_is_smaller_with_less_quality()
    {
        using var image = Golden.Source();
        byte[] good = ImageEncoder.EncodeJpeg(image, 95), small = ImageEncoder.EncodeJpeg(image, 20);
        Assert.True(small.Length < good.Length);
        using var decoded = ImageDecoder.Decode(good, "x");
        double difference = image.ToRgb().Zip(decoded.ToRgb(), (a, b) => Math.Abs(a - b)).Average();
        Assert.InRange(difference, 0, 6);
        Assert.Throws<ArgumentOutOfRangeException>(() => ImageEncoder.EncodeJpeg(image, 101));
    }

    [Theory]
    [InlineData("a/b.JPG", true)]
    [InlineData("x.jpeg", true)]
    [InlineData("x.JPEG", true)]
    [InlineData("x.png", true)]
    [InlineData("x.webp", true)]
    [InlineData("x.bmp", true)]
    [InlineData("x.gif", true)]
    [InlineData("x.txt", false)]
    [InlineData("png", false)]
    [InlineData("", false)]
    [InlineData("x.png/readme", false)]
    public void Image_files_are_known_by_their_extension(string path, bool expected) =>
        Assert.Equal(expected, ImageFiles.IsImage(path));
}
