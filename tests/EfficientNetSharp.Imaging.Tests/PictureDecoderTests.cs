namespace EfficientNetSharp.Imaging.Tests;

public sealed class PictureDecoderTests
{
    public static TheoryData<string> Files => [.. Golden.All.Decoded.Select(d => d.File)];

    [Theory]
    [MemberData(nameof(Files))]
    public void Pixels_are_those_of_Pillow(string file)
    {
        var golden = Golden.All.Decoded.Single(d => d.File == file);
        using var picture = PictureDecoder.Decode(Golden.FileBytes(file), file);
        Assert.Equal((golden.Width, golden.Height), (picture.Width, picture.Height));
        Assert.Equal(golden.Sha256, Golden.Hash(picture));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void The_header_gives_the_size_after_orientation(string file)
    {
        var golden = Golden.All.Decoded.Single(d => d.File == file);
        Assert.Equal(new PictureSize(golden.Width, golden.Height), PictureDecoder.ReadFileSize(Golden.FilePath(file)));
        Assert.Equal(new PictureSize(golden.Width, golden.Height), PictureDecoder.ReadSize(Golden.FileBytes(file), file));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void The_filler_byte_is_always_255(string file)
    {
        using var picture = PictureDecoder.DecodeFile(Golden.FilePath(file));
        for (int i = 3; i < picture.Pixels.Length; i += 4) Assert.Equal(255, picture.Pixels[i]);
    }
}
