using System.Globalization;
using System.Text.Json;
using EfficientNetSharp.Data.Inspection;
using EfficientNetSharp.Data.Tests.Formats;
using EfficientNetSharp.Imaging;
using EfficientNetSharp.Imaging.Codecs;
using EfficientNetSharp.Imaging.Resampling;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Data.Tests.Inspection;

public sealed class PerceptualHashTests
{
    [Fact]
    public void Hashes_are_those_of_pillow()
    {
        using var expected = JsonDocument.Parse(File.ReadAllText(GoldenSet.PathOf("hashes.json")));
        foreach (var entry in expected.RootElement.EnumerateObject())
        {
            using var image = ImageDecoder.DecodeFile(GoldenSet.PathOf(entry.Name));
            Assert.Equal(
                ulong.Parse(entry.Value.GetString()!, NumberStyles.HexNumber, CultureInfo.InvariantCulture), PerceptualHash.Of(image));
        }
    }

    [Fact]
    public void Size_and_compression_change_few_bits_and_another_scene_many()
    {
        using var scene = Scene(1);
        using var other = Scene(2);
        ulong hash = PerceptualHash.Of(scene);
        using var small = Resampler.Resize(scene, 90, 60, Interpolation.Bicubic);
        using var packed = ImageDecoder.Decode(ImageEncoder.EncodeJpeg(scene, 40), "packed");
        Assert.InRange(PerceptualHash.Distance(hash, PerceptualHash.Of(small)), 0, 3);
        Assert.InRange(PerceptualHash.Distance(hash, PerceptualHash.Of(packed)), 0, 3);
        Assert.InRange(PerceptualHash.Distance(hash, PerceptualHash.Of(other)), 12, 64);
        using var black = Image.Black(20, 20);
        Assert.Equal(0UL, PerceptualHash.Of(black));
    }

    /// <summary>An image of waves, as smooth as photographs are.</summary>
    internal static Image Scene(int seed, int width = 180, int height = 120)
    {
        var image = Image.Black(width, height);
        for (int y = 0; y < height; y++)
        {
            var row = image.Row(y);
            for (int x = 0; x < width; x++)
            {
                double u = 9.0 * x / width, v = 8.0 * y / height;
                for (int c = 0; c < 3; c++)
                {
                    row[(x * 4) + c] = (byte)(
                        127 + (60 * Math.Sin((u * (1 + (seed * 0.61))) + v + c)) + (60 * Math.Cos((v * seed * 0.9) - (u * 0.7) + seed)));
                }
            }
        }

        return image;
    }
}
