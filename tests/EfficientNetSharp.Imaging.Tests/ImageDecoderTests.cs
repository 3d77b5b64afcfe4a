using EfficientNetSharp.Imaging.Codecs;

namespace EfficientNetSharp.Imaging.Tests;

public sealed class ImageDecoderTests
{
    public static TheoryData<string> Files => [.. Golden.All.Decoded.Select(d => d.File)];

    [Theory]
    [MemberData(nameof(Files))]
    public void Pixels_are_those_of_Pillow(string file)
    {
        var golden = Golden.All.Decoded.Single(d => d.File == file);
        using var image = ImageDecoder.Decode(Golden.FileBytes(file), file);
        Assert.Equal((golden.Width, golden.Height), (image.Width, image.Height));
        Assert.Equal(golden.Sha256, Golden.Hash(image));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void The_header_gives_the_size_after_orientation(string file)
    {
        var golden = Golden.All.Decoded.Single(d => d.File == file);
        Assert.Equal(new ImageSize(golden.Width, golden.Height), ImageDecoder.ReadFileSize(Golden.FilePath(file)));
        Assert.Equal(new ImageSize(golden.Width, golden.Height), ImageDecoder.ReadSize(Golden.FileBytes(file), file));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void The_filler_byte_is_always_255(string file)
    {
        using var image = ImageDecoder.DecodeFile(Golden.FilePath(file));
        for (int i = 3; i < image.Pixels.Length; i += 4) Assert.Equal(255, image.Pixels[i]);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_part_has_the_pixels_of_the_whole(string file)
    {
        byte[] encoded = Golden.FileBytes(file);
        using var whole = ImageDecoder.Decode(encoded, file);
        Gen.Int[0, 1 << 20].Array[4].Sample(picks =>
        {
            int left = picks[0] % whole.Width, top = picks[1] % whole.Height;
            var needed = new PixelRectangle(left, top, 1 + (picks[2] % (whole.Width - left)), 1 + (picks[3] % (whole.Height - top)));
            using var source = ImageSource.Open(encoded, file, DecodeOptions.Default);
            using var band = source.Decode(needed);
            Assert.Equal(whole.Size, band.FullSize);
            Assert.True(band.Holds(needed));
            for (int y = needed.Top; y < needed.Bottom; y++)
            {
                var expected = whole.Row(y).Slice(needed.Left * 4, needed.Width * 4);
                var actual = band.Part.Row(y - band.Top).Slice((needed.Left - band.Left) * 4, needed.Width * 4);
                Assert.True(expected.SequenceEqual(actual), $"Row {y} of {needed}.");
            }
        }, iter: 120);
    }
}
