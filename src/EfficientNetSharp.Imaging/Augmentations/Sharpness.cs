using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace EfficientNetSharp.Imaging.Augmentations;

/// <summary>
/// Sharpness as Pillow's <c>ImageEnhance.Sharpness</c> and torchvision's <c>adjust_sharpness</c>: away from or towards a smoothed image,
/// where each pixel is the mean of its 3×3 surroundings in which it counts five times. Pixels at the edge stay.
/// </summary>
internal static class Sharpness
{
    // Pillow's ImageFilter.SMOOTH: ones around a five, divided by their sum.
    private const float Around = 1f / 13f, Center = 5f / 13f;

    /// <summary>Changes the image in place.</summary>
    /// <param name="image">The image.</param>
    /// <param name="factor">0 gives the smoothed image, 1 the same image, 2 a sharpened one.</param>
    /// <exception cref="ArgumentOutOfRangeException">The factor is negative or not finite.</exception>
    public static void Adjust(Image image, double factor)
    {
        ArgumentNullException.ThrowIfNull(image);
        float single = Blend.CheckFactor(factor);
        // Without a surrounding there is nothing to smooth.
        if (image.Width < 3 || image.Height < 3) return;

        using var result = Image.Rent(image.Width, image.Height);
        image.Row(0).CopyTo(result.Row(0));
        for (int y = 1; y < image.Height - 1; y++) Row(image, result, y, single);
        image.Row(image.Height - 1).CopyTo(result.Row(image.Height - 1));
        image.Exchange(result);
    }

    private static void Row(Image image, Image result, int y, float factor)
    {
        int start = y * image.Stride, last = start + image.Stride - Image.BytesPerPixel;
        ref byte source = ref MemoryMarshal.GetArrayDataReference(image.Buffer);
        ref byte target = ref MemoryMarshal.GetArrayDataReference(result.Buffer);
        // Two pixels per step. A step past the row's end writes what the next row overwrites, or into the slack.
        for (int at = start + Image.BytesPerPixel; at < last; at += 2 * Image.BytesPerPixel)
        {
            // Pillow's order of additions, the lower row first; another order would round differently.
            var sum = Vector256.Create(0.5f) + Three(ref source, at + image.Stride, Around);
            sum += Three(ref source, at, Center);
            sum += Three(ref source, at - image.Stride, Around);
            // Weights add up to 1, so no sum leaves the range of bytes.
            var smooth = Vector256.ConvertToSingle(Vector256.ConvertToInt32(sum));
            var blended = smooth + (Vector256.Create(factor) * (Load(ref source, at) - smooth));
            ByteVectors.Store(ref Unsafe.Add(ref target, at), ByteVectors.Clip(blended));
        }

        // Smoothing a filler may lose a little of it.
        foreach (ref uint word in result.PackedPixels.Slice(y * image.Width, image.Width)) word |= Image.OpaqueBlack;

        image.Row(y)[..Image.BytesPerPixel].CopyTo(result.Row(y));
        image.Row(y)[^Image.BytesPerPixel..].CopyTo(result.Row(y)[^Image.BytesPerPixel..]);
    }

    /// <summary>The part of one row of the surroundings.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Three(ref byte source, int at, float middle) =>
        (Load(ref source, at - Image.BytesPerPixel) * Vector256.Create(Around))
        + (Load(ref source, at) * Vector256.Create(middle))
        + (Load(ref source, at + Image.BytesPerPixel) * Vector256.Create(Around));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Load(ref byte source, int at) =>
        Vector256.ConvertToSingle(ByteVectors.Load(ref Unsafe.Add(ref source, at)));
}
