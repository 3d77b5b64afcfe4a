namespace EfficientNetSharp.Imaging.Augmentations;

/// <summary>
/// Warps without reading between pixels. Pillow has three forms, which differ in what they round: a table of columns where axes stay apart,
/// 16.16 fixed point where that can hold all points, and doubles.
/// </summary>
internal static class NearestWarp
{
    private const int Precision = 16;

    /// <summary>Points beyond this do not fit 16.16 fixed point.</summary>
    private const double LargestFixed = 1 << (31 - Precision);

    internal static void Run(Picture source, Picture target, AffineMatrix matrix, uint fill)
    {
        if (matrix is { B: 0, D: 0 }) Separate(source, target, matrix, fill);
        else if (FitsFixedPoint(matrix, source.Size)) InFixedPoint(source, target, matrix, fill);
        else InDoubles(source, target, matrix, fill);
    }

    private static void Separate(Picture source, Picture target, AffineMatrix matrix, uint fill)
    {
        var columns = new int[source.Width];
        double at = matrix.C + (matrix.A * 0.5);
        for (int x = 0; x < columns.Length; x++, at += matrix.A) columns[x] = Whole(at);

        ReadOnlySpan<uint> from = source.Words;
        at = matrix.F + (matrix.E * 0.5);
        for (int y = 0; y < source.Height; y++, at += matrix.E)
        {
            var row = target.Words.Slice(y * source.Width, source.Width);
            int sourceRow = Whole(at);
            if ((uint)sourceRow >= (uint)source.Height)
            {
                row.Fill(fill);
                continue;
            }

            var sourcePixels = from.Slice(sourceRow * source.Width, source.Width);
            for (int x = 0; x < row.Length; x++) row[x] = (uint)columns[x] < (uint)row.Length ? sourcePixels[columns[x]] : fill;
        }
    }

    private static bool FitsFixedPoint(AffineMatrix m, PictureSize size)
    {
        return Fits(0, 0) && Fits(size.Width, size.Height) && Fits(0, size.Height) && Fits(size.Width, 0);

        bool Fits(int x, int y) =>
            Math.Abs((x * m.A) + (y * m.B) + m.C) < LargestFixed && Math.Abs((x * m.D) + (y * m.E) + m.F) < LargestFixed;
    }

    private static void InFixedPoint(Picture source, Picture target, AffineMatrix m, uint fill)
    {
        int columnStep = Fixed(m.A), rowStep = Fixed(m.D), columnStart = Fixed(m.C + (m.A * 0.5) + (m.B * 0.5));
        int rowStart = Fixed(m.F + (m.D * 0.5) + (m.E * 0.5));
        int width = source.Width, height = source.Height;
        ReadOnlySpan<uint> from = source.Words;
        var to = target.Words;
        for (int y = 0, i = 0; y < height; y++, columnStart += Fixed(m.B), rowStart += Fixed(m.E))
        {
            int column = columnStart, row = rowStart;
            for (int x = 0; x < width; x++, i++, column += columnStep, row += rowStep)
            {
                int sourceColumn = column >> Precision, sourceRow = row >> Precision;
                bool isInside = (uint)sourceColumn < (uint)width && (uint)sourceRow < (uint)height;
                to[i] = isInside ? from[(sourceRow * width) + sourceColumn] : fill;
            }
        }
    }

    private static void InDoubles(Picture source, Picture target, AffineMatrix m, uint fill)
    {
        double columnStart = m.C + (m.B * 0.5) + (m.A * 0.5), rowStart = m.F + (m.E * 0.5) + (m.D * 0.5);
        int width = source.Width, height = source.Height;
        ReadOnlySpan<uint> from = source.Words;
        var to = target.Words;
        for (int y = 0, i = 0; y < height; y++, columnStart += m.B, rowStart += m.E)
        {
            double column = columnStart, row = rowStart;
            for (int x = 0; x < width; x++, i++, column += m.A, row += m.D)
            {
                int sourceColumn = Whole(column), sourceRow = Whole(row);
                bool isInside = (uint)sourceColumn < (uint)width && (uint)sourceRow < (uint)height;
                to[i] = isInside ? from[(sourceRow * width) + sourceColumn] : fill;
            }
        }
    }

    /// <summary>Rounded, halves up.</summary>
    private static int Fixed(double value) => (int)Math.Floor((value * (1 << Precision)) + 0.5);

    /// <summary>The pixel that a coordinate lies in; −1 for all before the first.</summary>
    private static int Whole(double coordinate) => coordinate < 0 ? -1 : (int)coordinate;
}
