using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace EfficientNetSharp.Imaging.Augmentations;

/// <summary>
/// Sharpness as Pillow's <c>ImageEnhance.Sharpness</c> and torchvision's <c>adjust_sharpness</c>: away from or towards a smoothed picture,
/// where each pixel is the mean of its 3×3 surroundings in which it counts five times. Pixels at the edge stay.
/// </summary>
public static class Sharpness
{
    // Pillow's ImageFilter.SMOOTH: ones around a five, divided by their sum.
    private const float Around = 1f / 13f, Center = 5f / 13f;

    /// <summary>Changes the picture in place.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="factor">0 gives the smoothed picture, 1 the same picture, 2 a sharpened one.</param>
    /// <exception cref="ArgumentOutOfRangeException">The factor is negative or not finite.</exception>
    public static void Adjust(Picture picture, double factor)
    {
        ArgumentNullException.ThrowIfNull(picture);
        float single = Blend.CheckFactor(factor);
        // Without a surrounding there is nothing to smooth.
        if (picture.Width < 3 || picture.Height < 3) return;

        using var result = Picture.Rent(picture.Width, picture.Height);
        picture.Row(0).CopyTo(result.Row(0));
        for (int y = 1; y < picture.Height - 1; y++) Row(picture, result, y, single);
        picture.Row(picture.Height - 1).CopyTo(result.Row(picture.Height - 1));
        picture.Exchange(result);
    }

    private static void Row(Picture picture, Picture result, int y, float factor)
    {
        int start = y * picture.Stride, last = start + picture.Stride - Picture.BytesPerPixel;
        ref byte source = ref MemoryMarshal.GetArrayDataReference(picture.Buffer);
        ref byte target = ref MemoryMarshal.GetArrayDataReference(result.Buffer);
        // Two pixels a step. A step past the row's end writes what the next row overwrites, or into the slack.
        for (int at = start + Picture.BytesPerPixel; at < last; at += 2 * Picture.BytesPerPixel)
        {
            // Pillow's order of additions, the lower row first; another order would round differently.
            var sum = Vector256.Create(0.5f) + Three(ref source, at + picture.Stride, Around);
            sum += Three(ref source, at, Center);
            sum += Three(ref source, at - picture.Stride, Around);
            // Weights add up to 1, so no sum leaves the range of bytes.
            var smooth = Vector256.ConvertToSingle(Vector256.ConvertToInt32(sum));
            var blended = smooth + (Vector256.Create(factor) * (Load(ref source, at) - smooth));
            ByteVectors.Store(ref Unsafe.Add(ref target, at), ByteVectors.Clip(blended));
        }

        // Smoothing a filler may lose a little of it.
        foreach (ref uint word in result.Words.Slice(y * picture.Width, picture.Width)) word |= Picture.BlackWord;

        picture.Row(y)[..Picture.BytesPerPixel].CopyTo(result.Row(y));
        picture.Row(y)[^Picture.BytesPerPixel..].CopyTo(result.Row(y)[^Picture.BytesPerPixel..]);
    }

    /// <summary>The part of one row of the surroundings.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Three(ref byte source, int at, float middle) =>
        (Load(ref source, at - Picture.BytesPerPixel) * Vector256.Create(Around))
        + (Load(ref source, at) * Vector256.Create(middle))
        + (Load(ref source, at + Picture.BytesPerPixel) * Vector256.Create(Around));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Load(ref byte source, int at) =>
        Vector256.ConvertToSingle(ByteVectors.Load(ref Unsafe.Add(ref source, at)));
}
