using EfficientNetSharp.Imaging.Alignment;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Imaging.Tests.Alignment;

public sealed class AlignmentTests
{
    // Landmarks; a, b, shift x, shift y as scikit-image 0.19's SimilarityTransform.estimate gives them. The last are mirrored, which its
    // guard turns into the best transform that does not mirror.
    public static TheoryData<double[], double[]> Goldens => new()
    {
        {
            [30, 40, 72, 44, 50, 66, 33, 86, 66, 89],
            [0.8743723923935323, -0.0547395752675928, 8.574593509451155, 17.81450117285356]
        },
        {
            [200.5, 310.25, 260.75, 280.5, 250, 330, 240.5, 365.25, 290, 340],
            [0.49635835682375407, 0.2741413841548713, 21.906340209984798, -157.59797039394715]
        },
        {
            [10, 10, 12, 10, 11, 12, 10, 14, 12, 14],
            [11.35808, -0.06309499999999985, -69.66985999999999, -63.702135]
        },
        {
            [80, 40, 30, 42, 55, 70, 75, 90, 35, 91],
            [0.12141130788984343, -0.011717373594261884, 48.56816098468077, 64.45924244222083]
        },
    };

    [Theory]
    [MemberData(nameof(Goldens))]
    public void Transforms_are_those_of_scikit_image(double[] points, double[] expected)
    {
        var fit = SimilarityTransform.Fit(Points(points), AlignmentTemplate.Of112.Points.AsSpan());
        Assert.Equal(expected[0], fit.A, 10);
        Assert.Equal(expected[1], fit.B, 10);
        Assert.Equal(expected[2], fit.ShiftX, 8);
        Assert.Equal(expected[3], fit.ShiftY, 8);
    }

    [Fact]
    public void Transforms_solve_the_normal_equations()
    {
        var random = new SeededRandom(5);
        for (int trial = 0; trial < 200; trial++)
        {
            ImagePoint[] from = Draw(ref random, 2 + random.NextInt(6), 1000), to = Draw(ref random, from.Length, 112);
            var fit = SimilarityTransform.Fit(from, to);
            double[] solution = NormalEquations(from, to);
            Assert.Equal(solution[0], fit.A, 9);
            Assert.Equal(solution[1], fit.B, 9);
            Assert.Equal(solution[2], fit.ShiftX, 6);
            Assert.Equal(solution[3], fit.ShiftY, 6);
            double error = fit.ErrorOf(from, to);
            for (int i = 0; i < 4; i++)
            {
                foreach (double step in new[] { -1e-3, 1e-3 })
                {
                    var other = i switch
                    {
                        0 => fit with { A = fit.A + step }, 1 => fit with { B = fit.B + step },
                        2 => fit with { ShiftX = fit.ShiftX + step }, _ => fit with { ShiftY = fit.ShiftY + step },
                    };
                    Assert.True(other.ErrorOf(from, to) >= error);
                }
            }
        }
    }

    [Fact]
    public void A_transform_that_points_went_through_is_found_again()
    {
        var random = new SeededRandom(6);
        for (int trial = 0; trial < 100; trial++)
        {
            double scale = Math.Exp(random.NextDouble(-3, 3)), angle = random.NextDouble(-Math.PI, Math.PI);
            var made = new SimilarityTransform(
                scale * Math.Cos(angle), scale * Math.Sin(angle), random.NextDouble(-500, 500), random.NextDouble(-500, 500));
            ImagePoint[] from = Draw(ref random, 5, 300), to = [.. from.Select(made.Apply)];
            var fit = SimilarityTransform.Fit(from, to);
            Assert.Equal(made.A, fit.A, 9);
            Assert.Equal(made.B, fit.B, 9);
            Assert.Equal(0, fit.ErrorOf(from, to), 8);
            Assert.Equal(scale, fit.Scale, 8);
            Assert.Equal(angle * 180 / Math.PI, fit.Degrees, 6);
            Assert.False(SimilarityTransform.IsMirrored(from, to));
            Assert.True(SimilarityTransform.IsMirrored([.. from.Select(point => point with { X = -point.X })], to));
            var back = fit.Inverse().Apply(to[0]);
            Assert.Equal(from[0].X, back.X, 7);
            Assert.Equal(from[0].Y, back.Y, 7);
        }
    }

    [Fact]
    public void The_template_follows_the_size()
    {
        Assert.Equal(AlignmentTemplate.Of112, AlignmentTemplate.OfSize(112));
        Assert.Equal(new ImagePoint(2 * 38.2946, 2 * 51.6963), AlignmentTemplate.OfSize(224).LeftEye);
        // 128: 8 pixels to the right; 256: 16. 896 is a multiple of both, and insightface asks for 112 first.
        Assert.Equal(46.2946, AlignmentTemplate.OfSize(128).LeftEye.X, 12);
        Assert.Equal(51.6963, AlignmentTemplate.OfSize(128).LeftEye.Y, 12);
        Assert.Equal((70.7299 + 8) * 2, AlignmentTemplate.OfSize(256).MouthRight.X, 12);
        Assert.Equal(8 * 56.0252, AlignmentTemplate.OfSize(896).Nose.X, 10);
        foreach (int side in new[] { 0, -112, 1, 96, 111, 160, 200 })
        {
            Assert.Contains($"found {side}", Assert.Throws<InvalidInputException>(
                () => AlignmentTemplate.OfSize(side)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_face_that_lies_as_the_template_stays_as_it_is()
    {
        using var image = Noise(3, 112, 112);
        using var aligned = FaceAligner.Align(image, AlignmentTemplate.Of112);
        Assert.Equal(image.ToRgb(), aligned.ToRgb());
        var moved = FaceLandmarks.Of([.. AlignmentTemplate.Of112.Points.Select(point => new ImagePoint(point.X + 7, point.Y - 3))]);
        using var shifted = FaceAligner.Align(image, moved);
        Assert.Equal(image.Row(10)[(27 * 4)..(28 * 4)], shifted.Row(13)[(20 * 4)..(21 * 4)]);
        // The last seven columns and the first three rows come from outside.
        Assert.Equal([0, 0, 0, 255], shifted.Row(50)[^4..].ToArray());
        Assert.Equal([0, 0, 0, 255], shifted.Row(2)[..4].ToArray());
    }

    [Theory]
    [InlineData(1, 160, 120)]
    [InlineData(2, 20, 300)]
    [InlineData(3, 3, 3)]
    [InlineData(4, 1, 1)]
    [InlineData(5, 700, 500)]
    public void Pixels_are_those_of_a_slow_reference(ulong seed, int width, int height)
    {
        var random = new SeededRandom(seed);
        using var image = Noise(seed, width, height);
        for (int trial = 0; trial < 4; trial++)
        {
            double size = 0.2 * Math.Min(width, height) * (1 + trial), angle = random.NextDouble(-Math.PI, Math.PI);
            var pose = new SimilarityTransform(
                size / 112 * Math.Cos(angle), size / 112 * Math.Sin(angle), random.NextDouble(0, width), random.NextDouble(0, height));
            var landmarks = FaceLandmarks.Of([.. AlignmentTemplate.Of112.Points.Select(point =>
                new ImagePoint(pose.Apply(point).X + random.NextDouble(-0.02, 0.02), pose.Apply(point).Y))]);
            if (landmarks.Points.Any(p => p.X < -width || p.X > 2 * width || p.Y < -height || p.Y > 2 * height)) continue;
            int side = trial % 2 == 0 ? 112 : 128;
            using var aligned = FaceAligner.Align(image, landmarks, side);
            Assert.Equal(new ImageSize(side, side), aligned.Size);
            var back = FaceAligner.TransformOf(image.Size, landmarks, side).Inverse();
            var rgb = image.ToRgb();
            var found = aligned.ToRgb();
            for (int i = 0; i < found.Length; i += 97)
            {
                var from = back.Apply(new ImagePoint(i / 3 % side, i / 3 / side));
                Assert.Equal(Expected(rgb, width, height, from, i % 3), found[i], 0.500001);
            }
        }
    }

    [Fact]
    public void What_is_no_face_is_refused()
    {
        var face = AlignmentTemplate.Of112;
        var size = new ImageSize(112, 112);
        Assert.Contains("exchanged", Refusal(face.Exchanged), StringComparison.Ordinal);
        Assert.Contains("all at one", Refusal(FaceLandmarks.Of([.. Enumerable.Repeat(new ImagePoint(5, 5), 5)])), StringComparison.Ordinal);
        Assert.Contains("NaN", Refusal(face with { Nose = new ImagePoint(double.NaN, 1) }), StringComparison.Ordinal);
        Assert.Contains("(900, 1)", Refusal(face with { Nose = new ImagePoint(900, 1) }), StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => FaceLandmarks.Of([new ImagePoint(1, 1)]));
        Assert.Throws<ArgumentException>(() => SimilarityTransform.Fit([new ImagePoint(1, 1)], [new ImagePoint(1, 1)]));
        Assert.Throws<InvalidOperationException>(() => default(SimilarityTransform).Inverse());

        string Refusal(FaceLandmarks landmarks) =>
            Assert.Throws<InvalidInputException>(() => FaceAligner.TransformOf(size, landmarks)).Message;
    }

    // Every pixel of the image weighs as much as its tent reaches: the definition of bilinear reading with black around.
    private static double Expected(byte[] rgb, int width, int height, ImagePoint from, int channel)
    {
        double sum = 0;
        for (int y = Math.Max(0, (int)from.Y - 2); y < Math.Min(height, from.Y + 3); y++)
        {
            for (int x = Math.Max(0, (int)from.X - 2); x < Math.Min(width, from.X + 3); x++)
            {
                double weight = Math.Max(0, 1 - Math.Abs(x - from.X)) * Math.Max(0, 1 - Math.Abs(y - from.Y));
                sum += weight * rgb[(((y * width) + x) * 3) + channel];
            }
        }

        return sum;
    }

    // [x −y 1 0; y x 0 1] · (a, b, shift x, shift y) = (x', y') for all points, by Gaussian elimination on the normal equations.
    private static double[] NormalEquations(ImagePoint[] from, ImagePoint[] to)
    {
        double[,] m = new double[4, 5];
        for (int i = 0; i < from.Length; i++)
        {
            Add([from[i].X, -from[i].Y, 1, 0], to[i].X);
            Add([from[i].Y, from[i].X, 0, 1], to[i].Y);
        }

        for (int column = 0; column < 4; column++)
        {
            int pivot = Enumerable.Range(column, 4 - column).MaxBy(row => Math.Abs(m[row, column]));
            for (int k = 0; k < 5; k++) (m[column, k], m[pivot, k]) = (m[pivot, k], m[column, k]);
            for (int row = 0; row < 4; row++)
            {
                double factor = row == column ? 0 : m[row, column] / m[column, column];
                for (int k = 0; k < 5; k++) m[row, k] -= factor * m[column, k];
            }
        }

        return [.. Enumerable.Range(0, 4).Select(row => m[row, 4] / m[row, row])];

        void Add(double[] row, double value)
        {
            for (int i = 0; i < 4; i++)
            {
                for (int k = 0; k < 4; k++) m[i, k] += row[i] * row[k];
                m[i, 4] += row[i] * value;
            }
        }
    }

    private static ImagePoint[] Draw(ref SeededRandom random, int count, double side)
    {
        var points = new ImagePoint[count];
        foreach (ref var point in points.AsSpan()) point = new ImagePoint(random.NextDouble(0, side), random.NextDouble(0, side));
        return points;
    }

    private static ImagePoint[] Points(double[] values) => [.. values.Chunk(2).Select(pair => new ImagePoint(pair[0], pair[1]))];

    private static Image Noise(ulong seed, int width, int height)
    {
        var random = new SeededRandom(seed, 7);
        byte[] rgb = new byte[width * height * 3];
        foreach (ref byte value in rgb.AsSpan()) value = (byte)random.NextInt(256);
        return Image.FromRgb(rgb, width, height);
    }
}
