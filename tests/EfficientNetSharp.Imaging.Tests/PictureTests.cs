namespace EfficientNetSharp.Imaging.Tests;

public sealed class PictureTests
{
    [Fact]
    public void The_formula_pictures_are_those_of_the_goldens()
    {
        using var pattern = TestPictures.Pattern(37, 23);
        using var lattice = TestPictures.Lattice();
        Assert.Equal(Golden.All.PatternHash, Golden.Hash(pattern));
        Assert.Equal(Golden.All.LatticeHash, Golden.Hash(lattice));
    }

    [Fact]
    public void Rgb_goes_in_and_comes_out()
    {
        byte[] rgb = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
        using var picture = Picture.FromRgb(rgb, 2, 2);
        Assert.Equal(rgb, picture.ToRgb());
        Assert.Equal([7, 8, 9, 255, 10, 11, 12, 255], picture.Row(1).ToArray());
        Assert.Throws<ArgumentException>(() => Picture.FromRgb(rgb, 3, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => Picture.FromRgb([], 0, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => Picture.Black(100_000, 100_000));
        Assert.Throws<ArgumentOutOfRangeException>(() => picture.Row(2).Length);
        Assert.Throws<ArgumentException>(() => picture.CopyRgbTo(new byte[11]));
    }

    [Fact]
    public void A_disposed_picture_says_so_and_may_be_disposed_again()
    {
        var picture = Picture.Black(3, 3);
        picture.Dispose();
        picture.Dispose();
        Assert.Throws<ObjectDisposedException>(() => picture.Pixels.Length);
    }

    [Fact]
    public void Png_keeps_every_pixel()
    {
        Gen.Select(Gen.Int[1, 60], Gen.Int[1, 60], Gen.ULong).Sample((w, h, seed) =>
        {
            using var picture = TestPictures.Noise(w, h, seed);
            using var decoded = PictureDecoder.Decode(PictureEncoder.EncodePng(picture), "x");
            Assert.Equal(picture.ToRgb(), decoded.ToRgb());
            Assert.Equal(PictureEncoder.EncodePng(picture), PictureEncoder.EncodePng(picture.ToRgb(), w, h));
        }, iter: 30);
    }

    [Fact]
    public void Jpeg_stays_near_and_is_smaller_with_less_quality()
    {
        using var picture = Golden.Source();
        byte[] good = PictureEncoder.EncodeJpeg(picture, 95), small = PictureEncoder.EncodeJpeg(picture, 20);
        Assert.True(small.Length < good.Length);
        using var decoded = PictureDecoder.Decode(good, "x");
        double difference = picture.ToRgb().Zip(decoded.ToRgb(), (a, b) => Math.Abs(a - b)).Average();
        Assert.InRange(difference, 0, 6);
        Assert.Throws<ArgumentOutOfRangeException>(() => PictureEncoder.EncodeJpeg(picture, 101));
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
    public void Picture_files_are_known_by_their_extension(string path, bool expected) => Assert.Equal(expected, PictureFiles.IsPicture(path));
}
