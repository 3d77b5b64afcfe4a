namespace EfficientNetSharp.Imaging.Alignment;

/// <summary>
/// A turn, a scale and a shift of the plane: (x, y) goes to (A·x − B·y + ShiftX, B·x + A·y + ShiftY). It never mirrors.
/// </summary>
/// <param name="A">Scale times the cosine of the angle.</param>
/// <param name="B">Scale times the sine of the angle; positive ones turn with the clock as images are seen.</param>
/// <param name="ShiftX">Columns that the origin moves by.</param>
/// <param name="ShiftY">Rows that the origin moves by.</param>
public readonly record struct SimilarityTransform(double A, double B, double ShiftX, double ShiftY)
{
    // Points nearer to each other than this share of their distance from the origin are one point within double precision.
    private const double Coincident = 1e-20;

    /// <summary>The scale, above 0.</summary>
    public double Scale => Math.Sqrt((A * A) + (B * B));

    /// <summary>The angle in degrees, within −180 … 180.</summary>
    public double Degrees => Math.Atan2(B, A) * (180 / Math.PI);

    /// <summary>Where a point goes.</summary>
    public ImagePoint Apply(ImagePoint point) =>
        new((A * point.X) - (B * point.Y) + ShiftX, (B * point.X) + (A * point.Y) + ShiftY);

    /// <summary>The way back.</summary>
    /// <exception cref="InvalidOperationException">The scale is 0.</exception>
    public SimilarityTransform Inverse()
    {
        double square = (A * A) + (B * B);
        if (!(square > 0)) throw new InvalidOperationException("A transform of scale 0 has no inverse.");
        double a = A / square, b = -B / square;
        return new SimilarityTransform(a, b, -((a * ShiftX) - (b * ShiftY)), -((b * ShiftX) + (a * ShiftY)));
    }

    /// <summary>
    /// The transform that brings points nearest to others: the least sum of squared distances (Umeyama 1991 with its guard against
    /// mirroring; the same as <c>skimage.transform.SimilarityTransform.estimate</c>). Points of the plane taken as complex numbers, that is
    /// the one quotient Σ q·p̄ / Σ p·p̄ of the points less their means, which turns and scales and cannot mirror.
    /// </summary>
    /// <param name="from">Points, at least two that differ.</param>
    /// <param name="to">Where each is to go.</param>
    /// <exception cref="ArgumentException">There are not as many points on both sides, or fewer than two.</exception>
    /// <exception cref="InvalidInputException">A point is not finite, or the points fit no scale above 0.</exception>
    public static SimilarityTransform Fit(ReadOnlySpan<ImagePoint> from, ReadOnlySpan<ImagePoint> to)
    {
        var sums = Sums.Of(from, to);
        double size = Math.Max(sums.FromMean.X * sums.FromMean.X, sums.FromMean.Y * sums.FromMean.Y) + sums.FromSquares;
        if (!(sums.FromSquares > Coincident * size))
            throw new InvalidInputException("Expected landmarks at different places, found all at one; correct them.");
        double a = sums.Real / sums.FromSquares, b = sums.Imaginary / sums.FromSquares;
        if (!((a * a) + (b * b) > Coincident * (sums.ToSquares / sums.FromSquares)))
            throw new InvalidInputException("Expected landmarks that lie as the template's do, found none of its shape; correct them.");
        return new SimilarityTransform(
            a, b,
            sums.ToMean.X - ((a * sums.FromMean.X) - (b * sums.FromMean.Y)),
                sums.ToMean.Y - ((b * sums.FromMean.X) + (a * sums.FromMean.Y)));
    }

    /// <summary>
    /// Whether a mirrored transform would fit better, which no face seen by a camera is: left and right are exchanged.
    /// </summary>
    /// <param name="from">Points, at least two.</param>
    /// <param name="to">Where each is to go.</param>
    public static bool IsMirrored(ReadOnlySpan<ImagePoint> from, ReadOnlySpan<ImagePoint> to) => Sums.Of(from, to).Determinant < 0;

    /// <summary>The root of the mean squared distance of points from where they are to go, in pixels of the target.</summary>
    public double ErrorOf(ReadOnlySpan<ImagePoint> from, ReadOnlySpan<ImagePoint> to)
    {
        double squares = 0;
        for (int i = 0; i < from.Length; i++)
        {
            var at = Apply(from[i]);
            squares += ((at.X - to[i].X) * (at.X - to[i].X)) + ((at.Y - to[i].Y) * (at.Y - to[i].Y));
        }

        return Math.Sqrt(squares / from.Length);
    }

    /// <summary>Sums over points less their means: q·p̄ in its parts, squared lengths, the determinant of the covariance's sign.</summary>
    private readonly record struct Sums(
        ImagePoint FromMean, ImagePoint ToMean, double FromSquares, double ToSquares, double Real, double Imaginary, double Determinant)
    {
        public static Sums Of(ReadOnlySpan<ImagePoint> from, ReadOnlySpan<ImagePoint> to)
        {
            if (from.Length != to.Length || from.Length < 2)
                throw new ArgumentException($"As many points are expected, two or more, not {from.Length} and {to.Length}.", nameof(to));
            ImagePoint fromMean = Mean(from), toMean = Mean(to);
            double fromSquares = 0, toSquares = 0, xx = 0, xy = 0, yx = 0, yy = 0;
            for (int i = 0; i < from.Length; i++)
            {
                double px = from[i].X - fromMean.X, py = from[i].Y - fromMean.Y, qx = to[i].X - toMean.X, qy = to[i].Y - toMean.Y;
                fromSquares += (px * px) + (py * py);
                toSquares += (qx * qx) + (qy * qy);
                xx += qx * px;
                xy += qx * py;
                yx += qy * px;
                yy += qy * py;
            }

            return new Sums(fromMean, toMean, fromSquares, toSquares, xx + yy, yx - xy, (xx * yy) - (xy * yx));
        }

        private static ImagePoint Mean(ReadOnlySpan<ImagePoint> points)
        {
            double x = 0, y = 0;
            foreach (var point in points)
            {
                if (!double.IsFinite(point.X) || !double.IsFinite(point.Y))
                {
                    throw new InvalidInputException(
                        $"Expected finite landmarks, found ({NumberText.Of(point.X)}, {NumberText.Of(point.Y)}); correct them.");
                }

                x += point.X;
                y += point.Y;
            }

            return new ImagePoint(x / points.Length, y / points.Length);
        }
    }
}
