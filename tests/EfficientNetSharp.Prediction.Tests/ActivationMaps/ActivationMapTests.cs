using EfficientNetSharp.Prediction.ActivationMaps;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Imaging;

namespace EfficientNetSharp.Prediction.Tests.ActivationMaps;

public sealed class ActivationMapTests
{
    // Two channels of 2×3, worked by hand.
    private static readonly TensorShape Shape = TensorShape.Map(2, 2, 3);
    private static readonly float[] Activations = [1, 2, 3, 4, 5, 6, 10, 20, 30, 40, 50, 60];

    [Fact]
    public void A_class_map_is_the_weighted_sum_of_channels()
    {
        var map = ActivationMap.OfClass(Activations, Shape, [2, -0.5f]);
        Assert.Equal((2, 3), (map.Height, map.Width));
        Assert.Equal([-3f, -6, -9, -12, -15, -18], map.Values.ToArray());
        Assert.Equal(-15, map[1, 1]);
    }

    [Fact]
    public void Grad_cam_weighs_channels_by_their_mean_gradient_and_drops_what_speaks_against()
    {
        // Means 1 and −0.04: 1·1 − 0.04·10 = 0.6 and so on.
        float[] gradients = [0, 2, 0, 2, 0, 2, -0.24f, 0, 0, 0, 0, 0];
        var map = ActivationMap.OfGradients(Activations, gradients, Shape);
        float[] expected = [0.6f, 1.2f, 1.8f, 2.4f, 3, 3.6f];
        for (int i = 0; i < 6; i++) Assert.Equal(expected[i], map.Values[i], 1e-5f);
        Assert.All(ActivationMap.OfGradients(Activations, [.. gradients.Select(value => -value)], Shape).Values.ToArray(),
            value => Assert.Equal(0, value));
    }

    [Fact]
    public void A_normalized_map_lies_in_0_to_1()
    {
        Assert.Equal([0f, 0, 0.5f, 1], new ActivationMap(2, 2, [-3, 0, 2, 4]).Normalized().Values.ToArray());
        Assert.Equal([0f, 0], new ActivationMap(1, 2, [-3, -1]).Normalized().Values.ToArray());
        Assert.Throws<InvalidInputException>(() => new ActivationMap(1, 2, [1, float.NaN]).Normalized());
        Assert.Throws<InvalidInputException>(() => new ActivationMap(1, 2, [1, float.PositiveInfinity]).Normalized());
    }

    [Fact]
    public void Lengths_that_do_not_fit_are_refused()
    {
        Assert.Throws<ArgumentException>(() => ActivationMap.OfClass(Activations, Shape, [1]));
        Assert.Throws<ArgumentException>(() => ActivationMap.OfClass(Activations.AsSpan(1), Shape, [1, 2]));
        Assert.Throws<ArgumentException>(() => ActivationMap.OfGradients(Activations, Activations.AsSpan(1), Shape));
        Assert.Throws<ArgumentException>(() => ActivationMap.OfClass([1, 2], TensorShape.Vector(2), [1, 2]));
        Assert.Throws<ArgumentException>(() => new ActivationMap(2, 2, [1]));
    }

    // Twice as large, half-pixel centres: a quarter and three quarters between neighbours, the ends as they are.
    [Fact]
    public void Enlarging_interpolates_between_centres()
    {
        float[] row = ActivationOverlay.Enlarge(new ActivationMap(1, 3, [0, 4, 8]), 1, 6);
        Assert.Equal([0f, 1, 3, 5, 7, 8], row);
        Assert.Equal([0f, 1, 3, 5, 7, 8], ActivationOverlay.Enlarge(new ActivationMap(3, 1, [0, 4, 8]), 6, 1));
        Assert.Equal([5f, 5, 5, 5], ActivationOverlay.Enlarge(new ActivationMap(1, 1, [5]), 2, 2));
        Assert.Equal([1f, 2, 3, 4, 5, 6], ActivationOverlay.Enlarge(new ActivationMap(2, 3, [1, 2, 3, 4, 5, 6]), 2, 3));
    }

    // A map that is not square on an image of other proportions, its one value in the upper right.
    [Fact]
    public void An_overlay_colours_the_place_and_leaves_the_rest_of_the_image()
    {
        const int Width = 80, Height = 40;
        byte[] rgb = new byte[Width * Height * 3];
        for (int i = 0; i < rgb.Length; i++) rgb[i] = (byte)((i * 7) % 251);
        using var image = Image.FromRgb(rgb, Width, Height);
        using var overlay = ActivationOverlay.Draw(image, new ActivationMap(4, 5, [0, 0, 0, 0, 9, .. new float[15]]));
        Assert.Equal((Width, Height), (overlay.Width, overlay.Height));
        byte[] drawn = overlay.ToRgb();
        for (int y = 0; y < Height; y++)
        for (int x = 0; x < Width; x++)
        {
            // The value reaches up to the centres of its neighbours: 56 columns and 15 rows.
            int at = 3 * ((y * Width) + x);
            if (x < 56 || y >= 15) Assert.Equal(rgb[at..(at + 3)], drawn[at..(at + 3)]);
        }

        // The corner is pale yellow over the image: 0.65 of (252, 255, 164).
        int corner = 3 * (Width - 1);
        Assert.Equal((0.35 * rgb[corner]) + (0.65 * 252), drawn[corner], 1.0);
        Assert.Equal((0.35 * rgb[corner + 1]) + (0.65 * 255), drawn[corner + 1], 1.0);
        Assert.Equal((0.35 * rgb[corner + 2]) + (0.65 * 164), drawn[corner + 2], 1.0);
    }

    [Fact]
    public void A_map_without_evidence_leaves_the_image_as_it_is()
    {
        using var image = Image.FromRgb([1, 2, 3, 4, 5, 6], 2, 1);
        using var overlay = ActivationOverlay.Draw(image, new ActivationMap(1, 1, [-2]));
        Assert.Equal(image.ToRgb(), overlay.ToRgb());
    }

    // ITU-R BT.709 luma of the nine points and between them: brighter with every step.
    [Fact]
    public void Colours_only_grow_brighter()
    {
        double before = -1;
        for (int i = 0; i <= 200; i++)
        {
            var (red, green, blue) = HeatColors.Of(i / 200f);
            double luma = (0.2126 * red) + (0.7152 * green) + (0.0722 * blue);
            Assert.True(luma > before, $"{i}: {luma} after {before}");
            before = luma;
        }

        Assert.Equal(HeatColors.Of(0), HeatColors.Of(-1));
        Assert.Equal(HeatColors.Of(1), HeatColors.Of(2));
    }
}
