using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace EfficientNetSharp.Imaging.Augmentations;

/// <summary>
/// Pillow's <c>ImageFilter.GaussianBlur</c>: three box blurs along the rows, then three along the columns, which together are near a
/// Gaussian (Gwosdek, Grewenig, Bruhn, Weickert 2011). A box has a whole radius and a fraction of one more pixel at each end; every pass
/// rounds to bytes. Beyond the image its edge goes on.
/// </summary>
internal static class GaussianBlur
{
    /// <summary>Box blurs along each axis, as Pillow.</summary>
    internal const int Passes = 3;

    /// <summary>Far above any use, and low enough for a box's sum to fit 32 bits.</summary>
    private const double MaxDeviation = 1000;

    /// <summary>Weights are 24-bit fixed point, as Pillow's.</summary>
    private const int Precision = 24;

    private const uint Half = 1u << (Precision - 1);

    /// <summary>Changes the image in place.</summary>
    /// <param name="image">The image.</param>
    /// <param name="deviation">Standard deviation in pixels, 0 to 1000; Pillow calls it radius. 0 changes nothing.</param>
    /// <exception cref="ArgumentOutOfRangeException">The deviation is out of its range.</exception>
    public static void Apply(Image image, double deviation)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (!(deviation is >= 0 and <= MaxDeviation))
            throw new ArgumentOutOfRangeException(nameof(deviation), deviation, $"A standard deviation is 0 to {MaxDeviation}.");
        var box = BoxFor((float)deviation);
        if (box == new Box(0, 1u << Precision, 0)) return;

        BlurRows(image, box);
        using var other = Image.Rent(image.Width, image.Height);
        var sums = new uint[image.Stride];
        for (int pass = 0; pass < Passes; pass++)
        {
            BlurColumns(image, other, sums, box);
            image.Exchange(other);
        }
    }

    /// <summary>
    /// The box whose three-fold blur has that deviation; formulas 7, 11 and 14 of the paper, in single precision as Pillow has them.
    /// </summary>
    internal static Box BoxFor(float deviation)
    {
        float variance = deviation * deviation / Passes;
        float length = (float)Math.Sqrt((12.0 * variance) + 1.0);
        float whole = (float)Math.Floor((length - 1.0) / 2.0);
        float fraction = ((2 * whole) + 1) * ((whole * (whole + 1)) - (3 * variance));
        fraction /= 6 * (variance - ((whole + 1) * (whole + 1)));
        float radius = whole + fraction;

        int full = (int)radius;
        uint weight = (uint)((1u << Precision) / ((radius * 2) + 1));
        uint rest = ((1u << Precision) - ((uint)((full * 2) + 1) * weight)) / 2;
        return new Box(full, weight, rest);
    }

    private static void BlurRows(Image image, Box box)
    {
        uint[] line = new uint[image.Width], blurred = new uint[image.Width];
        for (int y = 0; y < image.Height; y++)
        {
            var row = image.PackedPixels.Slice(y * image.Width, image.Width);
            BlurLine(row, line, box);
            BlurLine(line, blurred, box);
            BlurLine(blurred, row, box);
        }
    }

    private static void BlurLine(ReadOnlySpan<uint> source, Span<uint> target, Box box)
    {
        int last = source.Length - 1;
        // The window around the pixel before the first.
        var sum = Load(source[0]) * (uint)(box.Radius + 1);
        for (int x = 0; x < box.Radius; x++) sum += Load(source[Math.Min(x, last)]);
        for (int x = 0; x <= last; x++)
        {
            var leaving = Load(source[Math.Max(x - box.Radius - 1, 0)]);
            sum += Load(source[Math.Min(x + box.Radius, last)]) - leaving;
            var ends = leaving + Load(source[Math.Min(x + box.Radius + 1, last)]);
            var rounded = ((sum * box.Weight) + (ends * box.EndWeight) + Vector128.Create(Half)) >>> Precision;
            var halves = Vector128.Narrow(rounded, rounded);
            target[x] = Vector128.Narrow(halves, halves).AsUInt32().ToScalar();
        }
    }

    private static void BlurColumns(Image source, Image target, Span<uint> sums, Box box)
    {
        int last = source.Height - 1;
        ReadOnlySpan<byte> top = source.Row(0);
        for (int i = 0; i < sums.Length; i++) sums[i] = (uint)(top[i] * (box.Radius + 1));
        for (int y = 0; y < box.Radius; y++)
        {
            ReadOnlySpan<byte> row = source.Row(Math.Min(y, last));
            for (int i = 0; i < sums.Length; i++) sums[i] += row[i];
        }

        for (int y = 0; y <= last; y++)
        {
            int leaving = Math.Max(y - box.Radius - 1, 0), coming = Math.Min(y + box.Radius, last),
                next = Math.Min(y + box.Radius + 1, last);
            BlurRow(source.Row(leaving), source.Row(coming), source.Row(next), sums, target.Row(y), box);
        }
    }

    /// <summary>One row of the result: all columns' windows move down by a pixel.</summary>
    private static void BlurRow(
        ReadOnlySpan<byte> leaving, ReadOnlySpan<byte> coming, ReadOnlySpan<byte> next, Span<uint> sums, Span<byte> target, Box box)
    {
        // A row is whole pixels, so four bytes per step need no remainder.
        for (int i = 0; i < sums.Length; i += Image.BytesPerPixel)
        {
            var gone = Load(MemoryMarshal.Read<uint>(leaving[i..]));
            var sum = Vector128.LoadUnsafe(ref sums[i]) + Load(MemoryMarshal.Read<uint>(coming[i..])) - gone;
            sum.StoreUnsafe(ref sums[i]);
            var ends = gone + Load(MemoryMarshal.Read<uint>(next[i..]));
            var rounded = ((sum * box.Weight) + (ends * box.EndWeight) + Vector128.Create(Half)) >>> Precision;
            var halves = Vector128.Narrow(rounded, rounded);
            MemoryMarshal.Write(target[i..], Vector128.Narrow(halves, halves).AsUInt32().ToScalar());
        }
    }

    /// <summary>The four bytes of a pixel as numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Load(uint pixel) =>
        Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalarUnsafe(pixel).AsByte()));

    /// <summary>A box blur.</summary>
    /// <param name="Radius">Whole pixels to each side.</param>
    /// <param name="Weight">Weight of each of them in 2⁻²⁴.</param>
    /// <param name="EndWeight">Weight of the two pixels beyond them in 2⁻²⁴.</param>
    internal readonly record struct Box(int Radius, uint Weight, uint EndWeight);
}
