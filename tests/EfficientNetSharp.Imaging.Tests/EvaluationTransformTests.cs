using System.Runtime.InteropServices;
using EfficientNetSharp.Imaging.Codecs;
using EfficientNetSharp.Imaging.Transforms;
using EfficientNetSharp.Models;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Imaging.Tests;

public sealed class EvaluationTransformTests
{
    public static TheoryData<int> Evaluations => [.. Enumerable.Range(0, Golden.All.Evaluations.Length)];

    private static readonly Preprocessing Grey = Preprocessing.ForSize(32) with { Mean = [0.5f], StandardDeviation = [0.25f] };

    [Theory]
    [MemberData(nameof(Evaluations))]
    public void Pixels_and_values_are_those_of_torchvision(int index)
    {
        var golden = Golden.All.Evaluations[index];
        var preprocessing = new Preprocessing
        {
            Height = golden.Height,
            Width = golden.Width,
            ResizeTo = golden.ResizeTo,
            Crop = golden.Rule == "Squash" ? CropRule.StretchResize : Enum.Parse<CropRule>(golden.Rule),
            Interpolation = Enum.Parse<Interpolation>(golden.Filter),
        };
        using var image = TestImages.Pattern(golden.Image[0], golden.Image[1]);
        var transform = new EvaluationTransform(preprocessing);
        using var rendered = transform.Render(image);
        Assert.Equal(golden.Pixels, Golden.Hash(rendered));
        if (golden.Values is null || golden.GreyValues is null) return;

        var values = new float[transform.OutputShape.Count];
        transform.Apply(image, values);
        Assert.Equal(golden.Values, Golden.Hash(MemoryMarshal.AsBytes<float>(values)));

        var grey = new EvaluationTransform(preprocessing with { Mean = [0.5f], StandardDeviation = [0.25f] });
        values = new float[grey.OutputShape.Count];
        grey.Apply(image, values);
        Assert.Equal(golden.GreyValues, Golden.Hash(MemoryMarshal.AsBytes<float>(values)));
    }

    [Fact]
    public void Luma_is_that_of_Pillow()
    {
        foreach (var (name, hash) in new[] { ("source", Golden.All.SourceLumaHash), ("lattice", Golden.All.LatticeLumaHash) })
        {
            using var image = Golden.Named(name);
            using var grey = Luma.Grey(image);
            byte[] rgb = grey.ToRgb();
            Assert.Equal(hash, Golden.Hash(rgb.Where((_, i) => i % 3 == 0).ToArray()));
            Assert.All(
                Enumerable.Range(0, rgb.Length / 3), i => Assert.True(rgb[i * 3] == rgb[(i * 3) + 1] && rgb[i * 3] == rgb[(i * 3) + 2]));
        }
    }

    [Theory]
    [MemberData(nameof(ImageDecoderTests.Files), MemberType = typeof(ImageDecoderTests))]
    public void A_file_gives_what_its_decoded_image_gives(string file)
    {
        byte[] encoded = Golden.FileBytes(file);
        using var image = ImageDecoder.Decode(encoded, file);
        foreach (var rule in Enum.GetValues<CropRule>())
        {
            var transform = new EvaluationTransform(Preprocessing.ForSize(20) with { Crop = rule, ResizeTo = 29 });
            float[] fromFile = new float[transform.OutputShape.Count], fromImage = new float[transform.OutputShape.Count];
            var random = new SeededRandom(1);
            transform.Apply(encoded, file, ref random, fromFile);
            transform.Apply(image, fromImage);
            Assert.Equal(fromImage, fromFile);
        }
    }

    [Fact]
    public void Channels_come_in_the_order_asked_for()
    {
        using var image = Image.FromRgb([10, 20, 30], 1, 1);
        var values = new float[3];
        var preprocessing = Preprocessing.ForSize(1) with { Mean = [0, 0, 0], StandardDeviation = [1, 1, 1] };
        new EvaluationTransform(preprocessing).Apply(image, values);
        Assert.Equal([10 / 255f, 20 / 255f, 30 / 255f], values);
        // Mean and deviation are in the input's order: the first belongs to blue here.
        var reversed = preprocessing with { Channels = ChannelOrder.Bgr, Mean = [1, 0, 0], StandardDeviation = [2, 1, 1] };
        new EvaluationTransform(reversed).Apply(image, values);
        Assert.Equal([((30 / 255f) - 1f) / 2f, 20 / 255f, 10 / 255f], values);
    }

    [Fact]
    public void Inputs_that_are_not_square_keep_proportions_and_are_covered()
    {
        // An image with a ramp to the right: columns of the result grow evenly, at the rate of the scale.
        using var ramp = Image.FromRgb(Enumerable.Range(0, 200 * 100 * 3).Select(i => (byte)(i / 3 % 200)).ToArray(), 200, 100);
        foreach (var rule in new[] { CropRule.ResizeThenCenterCrop, CropRule.CenterCropThenResize })
        {
            var preprocessing =
                new Preprocessing { Height = 50, Width = 75, ResizeTo = 50, Crop = rule, Interpolation = Interpolation.Bilinear };
            using var result = new EvaluationTransform(preprocessing).Render(ramp);
            Assert.Equal(new ImageSize(75, 50), result.Size);
            // 200×100 → 100×50, of which columns 12 to 87 are seen: two levels a column.
            for (int x = 1; x < 75; x++) Assert.InRange(result.Row(25)[x * 4] - result.Row(25)[(x - 1) * 4], 1, 3);
            Assert.InRange(result.Row(25)[0], 24, 27);
            Assert.InRange(result.Row(25)[74 * 4], 172, 175);
        }
    }

    [Fact]
    public void Settings_that_do_not_fit_together_are_refused_by_name()
    {
        var good = Preprocessing.ForSize(8);
        foreach (var bad in new[]
        {
            good with { Height = 0 }, good with { Width = -1 }, good with { ResizeTo = 0 }, good with { Mean = [0, 0] },
            good with { StandardDeviation = [1] }, good with { StandardDeviation = [0, 1, 1] }, good with { Mean = [float.NaN, 0, 0] },
            good with { Crop = (CropRule)9 }, good with { Mean = default },
        })
        {
            Assert.DoesNotContain('\n', Assert.Throws<InvalidInputException>(() => new EvaluationTransform(bad)).Message);
            Assert.Throws<InvalidInputException>(() => new TrainingTransform(bad));
        }
    }

    [Fact]
    public void A_destination_of_the_wrong_length_is_a_programmer_error()
    {
        byte[] encoded = Golden.FileBytes("jpeg_420.jpg");
        Assert.Throws<ArgumentException>(() => new EvaluationTransform(Grey).Apply(encoded, "x", new float[(32 * 32) + 1]));
        Assert.Throws<ArgumentException>(() => new EvaluationTransform(Grey).Apply(encoded, "x", new float[(32 * 32) - 1]));
    }
}
