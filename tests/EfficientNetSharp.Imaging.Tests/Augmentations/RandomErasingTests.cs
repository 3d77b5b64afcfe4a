using EfficientNetSharp.Graphs;
using EfficientNetSharp.Imaging.Augmentations;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Imaging.Tests.Augmentations;

public sealed class RandomErasingTests
{
    private static readonly TensorShape Shape = TensorShape.Map(3, 40, 60);

    [Theory]
    [InlineData(0)]
    [InlineData(0.25)]
    [InlineData(1)]
    public void Images_are_changed_as_often_as_said(double probability)
    {
        var erasing = new RandomErasing(new RandomErasingOptions(probability));
        int changed = 0;
        for (ulong i = 0; i < 2000; i++) changed += Run(erasing, i).Contains(0) ? 1 : 0;
        // Five standard deviations of the binomial; with these shares a try fits nearly always.
        double spread = 5 * Math.Sqrt(2000 * probability * (1 - probability));
        Assert.InRange(changed, (2000 * probability) - spread - 1, (2000 * probability) + spread);
    }

    [Fact]
    public void One_rectangle_of_all_channels_is_covered()
    {
        var erasing = new RandomErasing(new RandomErasingOptions(1));
        for (ulong i = 0; i < 200; i++)
        {
            float[] values = Run(erasing, i);
            int[] first = [.. Enumerable.Range(0, 2400).Where(at => values[at] == 0)];
            for (int c = 1; c < 3; c++) Assert.Equal(first, Enumerable.Range(0, 2400).Where(at => values[(c * 2400) + at] == 0));
            int top = first.Min(at => at / 60), bottom = first.Max(at => at / 60), left = first.Min(at => at % 60),
                right = first.Max(at => at % 60);
            Assert.Equal((bottom - top + 1) * (right - left + 1), first.Length);
        }
    }

    [Fact]
    public void Areas_are_uniform_and_aspects_log_uniform()
    {
        // Small enough for every try to fit.
        var options = new RandomErasingOptions(1, MinArea: 0.05, MaxArea: 0.2, MinAspect: 0.5);
        var erasing = new RandomErasing(options);
        const int Draws = 4000;
        double areas = 0, aspects = 0, tops = 0;
        for (ulong i = 0; i < Draws; i++)
        {
            var random = new SeededRandom(4, i);
            var drawn = erasing.Draw(1000, 1000, 1, ref random)!.Value;
            areas += drawn.Width * drawn.Height / 1e6;
            aspects += Math.Log((double)drawn.Height / drawn.Width);
            tops += drawn.Top + (drawn.Height / 2.0);
        }

        double root = Math.Sqrt(12.0 * Draws);
        Assert.InRange(areas / Draws, 0.125 - (5 * 0.15 / root), 0.125 + (5 * 0.15 / root));
        Assert.InRange(aspects / Draws, -5 * 2 * Math.Log(2) / root, 5 * 2 * Math.Log(2) / root);
        Assert.InRange(tops / Draws, 500 - (5 * 1000 / root), 500 + (5 * 1000 / root));
    }

    [Fact]
    public void Several_rectangles_share_the_area()
    {
        var erasing = new RandomErasing(new RandomErasingOptions(1, MinArea: 0.3, MaxArea: 0.3, MinAspect: 0.9));
        for (int count = 1; count <= 4; count++)
        {
            var random = new SeededRandom(2);
            var drawn = erasing.Draw(1000, 1000, count, ref random)!.Value;
            Assert.InRange(drawn.Width * (double)drawn.Height * count, 0.3e6 * 0.99, 0.3e6 * 1.01);
        }

        Assert.InRange(
            Enumerable.Range(0, 500).Average(i => Share(new RandomErasingOptions(1, MaxRectangles: 5, MinArea: 0.2, MaxArea: 0.2), i)),
            0.15, 0.2);
        static double Share(RandomErasingOptions options, int i) => Run(new RandomErasing(options), (ulong)i).Count(v => v == 0) / 7200.0;
    }

    [Fact]
    public void Colours_are_one_a_channel_and_pixels_one_a_value_both_standard_normal()
    {
        List<float> colors = [], pixels = [];
        for (ulong i = 0; i < 1500; i++)
        {
            float[] colored = Run(new RandomErasing(new RandomErasingOptions(1, ErasingMode.RandomColor)), i);
            for (int c = 0; c < 3; c++)
            {
                float[] changed = [.. colored.Skip(c * 2400).Take(2400).Where(v => v != 9).Distinct()];
                colors.Add(Assert.Single(changed));
            }

            if (i % 50 == 0)
                pixels.AddRange(Run(new RandomErasing(new RandomErasingOptions(1, ErasingMode.RandomPixels)), i).Where(v => v != 9));
        }

        AssertStandardNormal(colors);
        AssertStandardNormal(pixels);
        Assert.True(pixels.Distinct().Count() > pixels.Count * 0.99);

        static void AssertStandardNormal(List<float> values)
        {
            double mean = values.Average(), variance = values.Average(v => v * (double)v), root = Math.Sqrt(values.Count);
            Assert.InRange(mean, -5 / root, 5 / root);
            // The square of a standard normal has mean 1 and variance 2.
            Assert.InRange(variance, 1 - (5 * Math.Sqrt(2) / root), 1 + (5 * Math.Sqrt(2) / root));
        }
    }

    [Fact]
    public void Images_of_a_pixel_are_left_alone()
    {
        float[] values = [9, 9, 9];
        var random = new SeededRandom(1);
        new RandomErasing(new RandomErasingOptions(1)).Apply(values, TensorShape.Map(3, 1, 1), ref random);
        Assert.Equal([9f, 9, 9], values);
    }

    private static float[] Run(RandomErasing erasing, ulong stream)
    {
        float[] values = [.. Enumerable.Repeat(9f, 7200)];
        var random = new SeededRandom(7, stream);
        erasing.Apply(values, Shape, ref random);
        return values;
    }
}
