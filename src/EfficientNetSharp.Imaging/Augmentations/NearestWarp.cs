using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace EfficientNetSharp.Imaging.Augmentations;

/// <summary>
/// Warps without reading between pixels. Pillow has three forms, which differ in what they round: a table of columns where axes stay apart,
/// 16.16 fixed point where that can hold all points, and doubles.
/// </summary>
internal static class NearestWarp
{
    private const int Precision = 16;

    /// <summary>Points beyond this do not fit 16.16 fixed point.</summary>
    private const double MaxFixedPoint = 1 << (31 - Precision);

    internal static void Run(Image source, Image target, AffineMatrix matrix, uint fill)
    {
        if (matrix is { B: 0, D: 0 }) Separate(source, target, matrix, fill);
        else if (FitsFixedPoint(matrix, source.Size)) InFixedPoint(source, target, matrix, fill);
        else InDoubles(source, target, matrix, fill);
    }

    private static void Separate(Image source, Image target, AffineMatrix matrix, uint fill)
    {
        int width = source.Width;
        var columns = new int[width];
        double at = matrix.C + (matrix.A * 0.5);
        for (int x = 0; x < width; x++, at += matrix.A) columns[x] = Whole(at);
        // Steps of one pixel, as shifts have, are copied in one piece.
        int first = Array.FindIndex(columns, IsInside), end = Array.FindLastIndex(columns, IsInside) + 1;
        bool isOnePiece = matrix.A == 1 && first >= 0 && columns[end - 1] - columns[first] == end - 1 - first;

        ReadOnlySpan<uint> from = source.PackedPixels;
        at = matrix.F + (matrix.E * 0.5);
        for (int y = 0; y < source.Height; y++, at += matrix.E)
        {
            var row = target.PackedPixels.Slice(y * width, width);
            int sourceRow = Whole(at);
            if ((uint)sourceRow >= (uint)source.Height || first < 0)
            {
                row.Fill(fill);
                continue;
            }

            var pixels = from.Slice(sourceRow * width, width);
            if (isOnePiece)
            {
                row[..first].Fill(fill);
                pixels.Slice(columns[first], end - first).CopyTo(row[first..]);
                row[end..].Fill(fill);
                continue;
            }

            for (int x = 0; x < row.Length; x++) row[x] = IsInside(columns[x]) ? pixels[columns[x]] : fill;
        }

        bool IsInside(int column) => (uint)column < (uint)width;
    }

    private static bool FitsFixedPoint(AffineMatrix m, ImageSize size)
    {
        return Fits(0, 0) && Fits(size.Width, size.Height) && Fits(0, size.Height) && Fits(size.Width, 0);

        bool Fits(int x, int y) =>
            Math.Abs((x * m.A) + (y * m.B) + m.C) < MaxFixedPoint && Math.Abs((x * m.D) + (y * m.E) + m.F) < MaxFixedPoint;
    }

    private static void InFixedPoint(Image source, Image target, AffineMatrix m, uint fill)
    {
        long columnStep = Fixed(m.A), rowStep = Fixed(m.D), columnStart = Fixed(m.C + (m.A * 0.5) + (m.B * 0.5));
        long rowStart = Fixed(m.F + (m.D * 0.5) + (m.E * 0.5));
        // Rows of a shear are pieces of rows.
        bool isAlongRows = columnStep == 1 << Precision && rowStep == 0;
        int width = source.Width, height = source.Height;
        ref uint from = ref MemoryMarshal.GetReference(source.PackedPixels);
        for (int y = 0; y < height; y++, columnStart += Fixed(m.B), rowStart += Fixed(m.E))
        {
            // Points of a row lie on a line, so those inside the image are one piece of it; there no point needs to be looked at.
            var (first, end) = Inside(columnStart, columnStep, (long)width << Precision, 0, width);
            (first, end) = Inside(rowStart, rowStep, (long)height << Precision, first, end);
            var row = target.PackedPixels.Slice(y * width, width);
            row[..first].Fill(fill);
            long column = columnStart + (first * columnStep), line = rowStart + (first * rowStep);
            if (isAlongRows && first < end)
            {
                int start = (int)(((line >> Precision) * width) + (column >> Precision));
                source.PackedPixels.Slice(start, end - first).CopyTo(row[first..]);
            }
            else
            {
                Line(ref from, width, row[first..end], (int)column, (int)columnStep, (int)line, (int)rowStep);
            }

            row[end..].Fill(fill);
        }
    }

    /// <summary>Points on a line within the image, whose positions fit 16.16 fixed point as the image's size does.</summary>
    private static void Line(ref uint from, int width, Span<uint> to, int column, int columnStep, int line, int rowStep)
    {
        foreach (ref uint word in to)
        {
            word = Unsafe.Add(ref from, ((line >> Precision) * width) + (column >> Precision));
            column += columnStep;
            line += rowStep;
        }
    }

    /// <summary>The part of first … end − 1 in which start + i · step is in 0 … limit − 1; empty parts have equal ends.</summary>
    private static (int First, int End) Inside(long start, long step, long limit, int first, int end)
    {
        if (step == 0) return start >= 0 && start < limit ? (first, end) : (first, first);
        // Downwards is upwards seen from the other side.
        if (step < 0) (start, step) = (limit - 1 - start, -step);
        long from = Math.Clamp(UpToNext(-start, step), first, end), to = Math.Clamp(UpToNext(limit - start, step), from, end);
        return ((int)from, (int)to);
    }

    /// <summary>value / step, rounded up; the step is above 0.</summary>
    private static long UpToNext(long value, long step) => value > 0 ? ((value - 1) / step) + 1 : -(-value / step);

    private static void InDoubles(Image source, Image target, AffineMatrix m, uint fill)
    {
        double columnStart = m.C + (m.B * 0.5) + (m.A * 0.5), rowStart = m.F + (m.E * 0.5) + (m.D * 0.5);
        int width = source.Width, height = source.Height;
        ReadOnlySpan<uint> from = source.PackedPixels;
        var to = target.PackedPixels;
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
