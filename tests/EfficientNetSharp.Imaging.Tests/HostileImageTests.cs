using System.Buffers.Binary;
using System.Text;
using EfficientNetSharp.Imaging.Codecs;
using EfficientNetSharp.Imaging.Transforms;
using EfficientNetSharp.Models;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Imaging.Tests;

/// <summary>Whatever the bytes are, the answer is an image or one line that names it.</summary>
public sealed class HostileImageTests
{
    public static TheoryData<string> Files => [.. Golden.All.Decoded.Select(d => d.File)];

    [Fact]
    public void An_empty_file_is_refused_by_name() => AssertRefused([], "empty");

    [Fact]
    public void A_text_file_is_refused_by_name() =>
        AssertRefused(Encoding.ASCII.GetBytes("Hello world, not an image."), "the text 'Hello world,'");

    [Fact]
    public void Zeros_are_refused_by_name() => AssertRefused(new byte[1000], "000000");

    [Fact]
    public void A_directory_is_refused_by_name()
    {
        string path = AppContext.BaseDirectory;
        Assert.Contains("it is a folder", AssertOneLine(() => ImageDecoder.DecodeFile(path), path), StringComparison.Ordinal);
        Assert.Contains("it is a folder", AssertOneLine(() => ImageDecoder.ReadFileSize(path), path), StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_refused_by_name()
    {
        string path = Path.Combine(AppContext.BaseDirectory, "nowhere.jpg");
        Assert.Contains("there is no such file", AssertOneLine(() => ImageDecoder.DecodeFile(path), path), StringComparison.Ordinal);
    }

    [Fact]
    public void An_image_above_the_limit_is_refused_from_its_header_and_one_at_the_limit_is_not()
    {
        byte[] png = Golden.FileBytes("png_rgb.png");
        var exact = new DecodeOptions { MaxPixels = 51 * 37 };
        ImageDecoder.Decode(png, "x", exact).Dispose();
        string message = AssertOneLine(() => ImageDecoder.Decode(png, "big.png", exact with { MaxPixels = (51 * 37) - 1 }), "big.png");
        Assert.Contains("51×37", message, StringComparison.Ordinal);
        Assert.Throws<InvalidInputException>(
            () => new EvaluationTransform(Preprocessing.ForSize(8), new() { MaxPixels = 5 }).Render(png, "x"));
    }

    [Theory]
    [InlineData(60_000, 60_000)]
    [InlineData(13_000, 13_000)]
    [InlineData(2_000_000_000, 1)]
    public void A_header_that_promises_the_world_is_refused_before_memory_is_taken(uint width, uint height)
    {
        byte[] png = Golden.FileBytes("png_rgb.png");
        BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(16), width);
        BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(20), height);
        BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(29), TestImages.Crc32(png.AsSpan(12, 17)));
        long before = GC.GetAllocatedBytesForCurrentThread();
        AssertOneLine(() => ImageDecoder.Decode(png, "bomb.png"), "bomb.png");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void A_bitmap_whose_header_promises_more_than_the_file_holds_is_refused_before_memory_is_taken()
    {
        byte[] bmp = Golden.FileBytes("bmp_rgb.bmp");
        BinaryPrimitives.WriteInt32LittleEndian(bmp.AsSpan(18), 13_000);
        BinaryPrimitives.WriteInt32LittleEndian(bmp.AsSpan(22), 13_000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("13000×13000", AssertOneLine(() => ImageDecoder.Decode(bmp, "bomb.bmp"), "bomb.bmp"), StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void A_panorama_of_30000_by_20_is_transformed()
    {
        using var panorama = TestImages.Pattern(30_000, 20);
        byte[] png = ImageEncoder.EncodePng(panorama);
        foreach (var rule in Enum.GetValues<CropRule>())
        {
            var preprocessing = Preprocessing.ForSize(224) with { Crop = rule };
            var values = new float[3 * 224 * 224];
            new EvaluationTransform(preprocessing).Apply(png, "panorama.png", values);
            Assert.All(values, v => Assert.True(float.IsFinite(v)));
            var random = new SeededRandom(1);
            new TrainingTransform(preprocessing).Apply(png, "panorama.png", ref random, values);
            Assert.All(values, v => Assert.True(float.IsFinite(v)));
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_file_cut_off_anywhere_gives_an_image_or_one_line(string file)
    {
        byte[] bytes = Golden.FileBytes(file);
        for (int length = 0; length < bytes.Length; length += 1 + (bytes.Length / 150)) DecodeOrRefuse(bytes.AsSpan(0, length), file);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_file_with_its_last_third_missing_is_refused(string file)
    {
        byte[] bytes = Golden.FileBytes(file);
        // Two frames of equal size: the first, which is the image, is whole.
        if (file == "gif_animated.gif") bytes = bytes[..(bytes.Length / 2)];
        AssertOneLine(() => ImageDecoder.Decode(bytes.AsSpan(0, bytes.Length * 2 / 3), file), file);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Random_damage_gives_an_image_or_one_line(string file)
    {
        byte[] original = Golden.FileBytes(file);
        for (ulong seed = 0; seed < 150; seed++)
        {
            var random = new SeededRandom(seed);
            byte[] bytes = [.. original];
            int hits = 1 + random.NextInt(8);
            for (int i = 0; i < hits; i++)
            {
                // Half of the hits go to the header, where they do most.
                int range = random.NextInt(2) == 0 ? Math.Min(bytes.Length, 100) : bytes.Length;
                bytes[random.NextInt(range)] = (byte)random.NextUInt64();
            }

            DecodeOrRefuse(bytes, file);
        }
    }

    private static void DecodeOrRefuse(ReadOnlySpan<byte> bytes, string name)
    {
        // A low limit keeps damaged headers from costing time; the limit itself is tested above.
        var options = new DecodeOptions { MaxPixels = 4_000_000 };
        try
        {
            ImageDecoder.Decode(bytes, name, options).Dispose();
            var random = new SeededRandom(7);
            new TrainingTransform(Preprocessing.ForSize(16), null, options).Render(bytes, name, ref random).Dispose();
            new EvaluationTransform(Preprocessing.ForSize(16), options).Render(bytes, name).Dispose();
        }
        catch (InvalidInputException e)
        {
            Assert.Contains(name, e.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', e.Message);
        }
    }

    private static void AssertRefused(byte[] bytes, string expected)
    {
        Assert.Contains(
            expected, AssertOneLine(() => ImageDecoder.Decode(bytes, "some/file.jpg"), "some/file.jpg"), StringComparison.Ordinal);
        AssertOneLine(() => ImageDecoder.ReadSize(bytes, "some/file.jpg"), "some/file.jpg");
    }

    private static string AssertOneLine(Action action, string name)
    {
        string message = Assert.Throws<InvalidInputException>(action).Message;
        Assert.Contains(name, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
        return message;
    }

    private static string AssertOneLine(Func<object> action, string name) => AssertOneLine(() => { action(); }, name);
}
