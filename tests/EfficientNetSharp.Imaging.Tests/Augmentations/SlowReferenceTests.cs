using EfficientNetSharp.Imaging.Augmentations;

namespace EfficientNetSharp.Imaging.Tests.Augmentations;

/// <summary>Vectors and moving windows against plain loops that say what is meant, on images of any size.</summary>
public sealed class SlowReferenceTests
{
    [Fact]
    public void A_blur_is_three_windows_each_way() =>
        Gen.Select(Gen.Int[1, 24], Gen.Int[1, 24], Gen.ULong, Gen.Double[0, 12]).Sample(
            (width, height, seed, deviation) =>
            {
                using var image = TestImages.Noise(width, height, seed);
                byte[] expected = image.ToRgb();
                var box = GaussianBlur.BoxFor((float)deviation);
                for (int pass = 0; pass < GaussianBlur.Passes; pass++) expected = Blur(expected, width, height, box, dx: 1, dy: 0);
                for (int pass = 0; pass < GaussianBlur.Passes; pass++) expected = Blur(expected, width, height, box, dx: 0, dy: 1);
                GaussianBlur.Apply(image, deviation);
                Assert.Equal(expected, image.ToRgb());
            }, iter: 100);

    [Fact]
    public void A_blur_has_the_deviation_asked_for()
    {
        // The response to one bright column; its bytes are coarse, so wide blurs are a little off.
        foreach (double deviation in new[] { 0.5, 1, 1.7, 2.5 })
        {
            var rgb = new byte[3 * 61];
            rgb[90] = rgb[91] = rgb[92] = 255;
            using var image = Image.FromRgb(rgb, 61, 1);
            GaussianBlur.Apply(image, deviation);
            double sum = 0, squares = 0;
            for (int x = 0; x < 61; x++)
            {
                sum += image.Pixels[x * 4];
                squares += image.Pixels[x * 4] * (x - 30.0) * (x - 30.0);
            }

            Assert.Equal(deviation, Math.Sqrt(squares / sum), deviation * 0.06);
        }
    }

    [Fact]
    public void Smooth_warps_are_sums_of_weighted_pixels() =>
        Gen.Select(Gen.Int[1, 16], Gen.Int[1, 16], Gen.ULong, Gen.Double[-1.5, 1.5].Array[4], Gen.Double[-8, 8].Array[2], Gen.Bool).Sample(
            (width, height, seed, slopes, offsets, isCubic) =>
            {
                using var image = TestImages.Noise(width, height, seed);
                byte[] before = image.ToRgb();
                var matrix = new AffineMatrix(slopes[0], slopes[1], offsets[0], slopes[2], slopes[3], offsets[1]);
                Warp.Apply(image, matrix, isCubic ? WarpFilter.Bicubic : WarpFilter.Bilinear, new PixelColor(1, 2, 3));
                byte[] after = image.ToRgb();
                for (int at = 0; at < after.Length; at++)
                {
                    double exact = Read(before, width, height, matrix, at, isCubic);
                    // Another order of operations may fall on the other side of a whole number.
                    Assert.InRange(after[at], Math.Floor(Math.Clamp(exact - 1e-9, 0, 255)), Math.Floor(Math.Clamp(exact + 1e-9, 0, 255)));
                }
            }, iter: 200);

    [Fact]
    public void Sharpness_is_away_from_the_mean_of_the_surroundings() =>
        Gen.Select(Gen.Int[1, 16], Gen.Int[1, 16], Gen.ULong, Gen.Double[0, 4]).Sample(
            (width, height, seed, factor) =>
            {
                using var image = TestImages.Noise(width, height, seed);
                byte[] before = image.ToRgb();
                Sharpness.Adjust(image, factor);
                byte[] after = image.ToRgb();
                for (int y = 0; y < height; y++)
                    for (int x = 0; x < width; x++)
                        for (int c = 0; c < 3; c++)
                        {
                            int at = (((y * width) + x) * 3) + c, sum = 4 * before[at];
                            for (int dy = -1; dy <= 1; dy++)
                                for (int dx = -1; dx <= 1; dx++)
                                    sum += before[Math.Clamp(at + (((dy * width) + dx) * 3), 0, before.Length - 1)];
                            bool isEdge = x == 0 || y == 0 || x == width - 1 || y == height - 1;
                            double smooth = isEdge ? before[at] : Math.Floor((sum / 13.0) + 0.5),
                                exact = smooth + (factor * (before[at] - smooth));
                            // Single precision there.
                            Assert.InRange(
                                after[at], Math.Floor(Math.Clamp(exact - 1e-3, 0, 255)), Math.Floor(Math.Clamp(exact + 1e-3, 0, 255)));
                        }
            }, iter: 60);

    private static byte[] Blur(byte[] rgb, int width, int height, GaussianBlur.Box box, int dx, int dy)
    {
        var result = new byte[rgb.Length];
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                for (int c = 0; c < 3; c++)
                {
                    ulong sum = 1 << 23;
                    for (int d = -box.Radius - 1; d <= box.Radius + 1; d++)
                    {
                        ulong weight = Math.Abs(d) > box.Radius ? box.EndWeight : box.Weight;
                        sum += At(rgb, width, height, x + (d * dx), y + (d * dy), c) * weight;
                    }
                    result[(((y * width) + x) * 3) + c] = (byte)(sum >> 24);
                }

        return result;
    }

    private static double Read(byte[] rgb, int width, int height, AffineMatrix m, int at, bool isCubic)
    {
        double x = (at / 3 % width) + 0.5, y = (at / 3 / width) + 0.5;
        double column = (m.A * x) + (m.B * y) + m.C, row = (m.D * x) + (m.E * y) + m.F;
        if (column < 0 || column >= width || row < 0 || row >= height) return (at % 3) + 1;
        int left = (int)Math.Floor(column - 0.5), top = (int)Math.Floor(row - 0.5);
        double sum = 0;
        for (int dy = -1; dy <= 2; dy++)
            for (int dx = -1; dx <= 2; dx++)
            {
                double weight = Weight(column - 0.5 - left - dx, isCubic) * Weight(row - 0.5 - top - dy, isCubic);
                sum += weight * At(rgb, width, height, left + dx, top + dy, at % 3);
            }

        return sum;
    }

    /// <summary>The triangle, and the cubic convolution kernel with a = −1 (Keys 1981).</summary>
    private static double Weight(double distance, bool isCubic)
    {
        double t = Math.Abs(distance);
        if (!isCubic) return Math.Max(0, 1 - t);
        return t < 1 ? (t * t * t) - (2 * t * t) + 1 : t < 2 ? -(t * t * t) + (5 * t * t) - (8 * t) + 4 : 0;
    }

    private static byte At(byte[] rgb, int width, int height, int x, int y, int c) =>
        rgb[(((Math.Clamp(y, 0, height - 1) * width) + Math.Clamp(x, 0, width - 1)) * 3) + c];
}
