using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace EfficientNetSharp.Imaging.Augmentations;

/// <summary>
/// Warps that read between pixels: Pillow's bilinear and bicubic transform in double precision, with its operations in its order, the four
/// bytes of a pixel at a time. Points outside the image are filled; surroundings of points inside go on at the edge.
/// </summary>
internal static class SmoothWarp
{
    internal static void Run(Image source, Image target, AffineMatrix matrix, WarpFilter filter, uint fill)
    {
        int width = source.Width, height = source.Height;
        ref uint from = ref MemoryMarshal.GetReference(source.PackedPixels);
        var to = target.PackedPixels;
        for (int y = 0, i = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++, i++)
            {
                var (column, row) = matrix.Source(x, y);
                if (!(column >= 0 && column < width && row >= 0 && row < height)) to[i] = fill;
                else if (filter == WarpFilter.Bilinear) to[i] = Bilinear(ref from, width, height, column - 0.5, row - 0.5);
                else to[i] = Bicubic(ref from, width, height, column - 0.5, row - 0.5);
            }
        }
    }

    private static uint Bilinear(ref uint from, int width, int height, double column, double row)
    {
        int left = (int)Math.Floor(column), top = (int)Math.Floor(row);
        var across = Vector256.Create(column - left);
        var down = Vector256.Create(row - top);
        int x0 = Math.Max(left, 0), x1 = Math.Min(left + 1, width - 1);
        ref uint upper = ref Unsafe.Add(ref from, Math.Max(top, 0) * width);
        ref uint lower = ref Unsafe.Add(ref from, Math.Min(top + 1, height - 1) * width);
        var v1 = Between(Load(Unsafe.Add(ref upper, x0)), Load(Unsafe.Add(ref upper, x1)), across);
        var v2 = Between(Load(Unsafe.Add(ref lower, x0)), Load(Unsafe.Add(ref lower, x1)), across);
        return Store(Between(v1, v2, down));
    }

    private static uint Bicubic(ref uint from, int width, int height, double column, double row)
    {
        int left = (int)Math.Floor(column), top = (int)Math.Floor(row);
        var across = Vector256.Create(column - left);
        var down = Vector256.Create(row - top);
        int x0 = Math.Max(left - 1, 0), x1 = Math.Max(left, 0), x2 = Math.Min(left + 1, width - 1), x3 = Math.Min(left + 2, width - 1);
        var v1 = Cubic(ref Unsafe.Add(ref from, Math.Max(top - 1, 0) * width), x0, x1, x2, x3, across);
        var v2 = Cubic(ref Unsafe.Add(ref from, Math.Max(top, 0) * width), x0, x1, x2, x3, across);
        var v3 = Cubic(ref Unsafe.Add(ref from, Math.Min(top + 1, height - 1) * width), x0, x1, x2, x3, across);
        var v4 = Cubic(ref Unsafe.Add(ref from, Math.Min(top + 2, height - 1) * width), x0, x1, x2, x3, across);
        return Store(Vector256.Clamp(Cubic(v1, v2, v3, v4, down), Vector256<double>.Zero, Vector256.Create(255.0)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Between(Vector256<double> a, Vector256<double> b, Vector256<double> share) => a + ((b - a) * share);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Cubic(ref uint row, int x0, int x1, int x2, int x3, Vector256<double> share) =>
        Cubic(
            Load(Unsafe.Add(ref row, x0)), Load(Unsafe.Add(ref row, x1)), Load(Unsafe.Add(ref row, x2)), Load(Unsafe.Add(ref row, x3)),
            share);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Cubic(
        Vector256<double> v1, Vector256<double> v2, Vector256<double> v3, Vector256<double> v4, Vector256<double> share)
    {
        var slope = v3 - v1;
        var third = ((v1 - v2) * 2.0) + v3 - v4;
        var fourth = v2 - v1 - v3 + v4;
        return v2 + (share * (slope + (share * (third + (share * fourth)))));
    }

    /// <summary>The four bytes of a pixel as doubles.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Load(uint pixel)
    {
        var bytes = Vector128.CreateScalarUnsafe(pixel).AsByte();
        var numbers = Vector128.WidenLower(Vector128.WidenLower(bytes)).AsInt32();
        return Avx.IsSupported
            ? Avx.ConvertToVector256Double(numbers)
            : Vector256.Create((double)numbers[0], numbers[1], numbers[2], numbers[3]);
    }

    /// <summary>A pixel of values within 0 … 255, cut off.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Store(Vector256<double> values)
    {
        var numbers = Avx.IsSupported
            ? Avx.ConvertToVector128Int32WithTruncation(values)
            : Vector128.Create((int)values[0], (int)values[1], (int)values[2], (int)values[3]);
        var halves = Vector128.Narrow(numbers.AsUInt32(), numbers.AsUInt32());
        // Reading between fillers may lose a little of them.
        return Vector128.Narrow(halves, halves).AsUInt32().ToScalar() | Image.OpaqueBlack;
    }
}
