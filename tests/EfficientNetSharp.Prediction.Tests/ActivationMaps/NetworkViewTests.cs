using EfficientNetSharp.Prediction.ActivationMaps;
using EfficientNetSharp.Imaging.Codecs;
using EfficientNetSharp.Imaging.Resampling;
using EfficientNetSharp.Imaging.Transforms;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Prediction.Tests.ActivationMaps;

public sealed class NetworkViewTests
{
    public static TheoryData<int, int, int, CropRule> Rules => new()
    {
        { 64, 64, 73, CropRule.ResizeThenCenterCrop },
        { 64, 96, 80, CropRule.ResizeThenCenterCrop },
        { 96, 64, 96, CropRule.CenterCropThenResize },
        { 50, 70, 50, CropRule.StretchResize },
    };

    // Shrunk to the network's size the view is what the network sees, so both show the same part of the image.
    [Theory]
    [MemberData(nameof(Rules))]
    public void The_view_shows_what_the_network_sees(int height, int width, int resizeTo, CropRule rule)
    {
        var preprocessing = new Preprocessing
        {
            Height = height,
            Width = width,
            ResizeTo = resizeTo,
            Crop = rule,
            Interpolation = Interpolation.Bilinear,
        };
        byte[] png = ImageEncoder.EncodePng(Gradient(300, 200), 300, 200);
        using var seen = new EvaluationTransform(preprocessing).Render(png, "gradient");
        using var view = NetworkView.Render(preprocessing, png, "gradient");
        Assert.True(Math.Min(view.Width, view.Height) >= 448);
        Assert.Equal(view.Width * height, view.Height * width);
        using var shrunk = Resampler.Resize(view, width, height, Interpolation.Bilinear);
        byte[] expected = seen.ToRgb(), actual = shrunk.ToRgb();
        // Two roundings to bytes, and half a pixel of the crop's place: 1.3 levels per pixel in this image. At the edges the filters
        // differ.
        for (int y = 2; y < height - 2; y++)
        for (int x = 2; x < width - 2; x++)
        for (int c = 0; c < 2; c++)
        {
            int at = (3 * ((y * width) + x)) + c;
            Assert.InRange(actual[at], expected[at] - 4, expected[at] + 4);
        }
    }

    [Fact]
    public void A_large_network_is_shown_as_it_sees()
    {
        byte[] png = ImageEncoder.EncodePng(Gradient(30, 20), 30, 20);
        using var view = NetworkView.Render(Preprocessing.ForSize(600), png, "gradient");
        Assert.Equal((600, 600), (view.Width, view.Height));
    }

    // Red grows to the right, green downwards.
    private static byte[] Gradient(int width, int height)
    {
        byte[] rgb = new byte[width * height * 3];
        for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
        {
            rgb[3 * ((y * width) + x)] = (byte)(255 * x / (width - 1));
            rgb[(3 * ((y * width) + x)) + 1] = (byte)(255 * y / (height - 1));
        }

        return rgb;
    }
}
