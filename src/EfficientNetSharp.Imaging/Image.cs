using System.Buffers;
using System.Runtime.InteropServices;

namespace EfficientNetSharp.Imaging;

/// <summary>
/// An 8-bit RGB image in pooled memory, rows from the top. A pixel takes four bytes, red, green, blue and a filler that is always
/// 255 (Pillow stores mode RGB the same way): decoders write this layout directly and vector code loads one pixel in one piece.
/// <see cref="CopyRgbTo"/> and <see cref="FromRgb"/> convert from and to the interleaved form [H,W,3].
/// </summary>
/// <remarks>
/// Dispose it: the memory returns to the pool. An image that nobody disposes is collected as any array is. Reading from many threads at
/// once is safe as long as nobody writes.
/// </remarks>
public sealed class Image : IDisposable
{
    /// <summary>Bytes of one pixel in <see cref="Pixels"/>.</summary>
    public const int BytesPerPixel = 4;

    /// <summary>
    /// Readable and writable bytes behind the last pixel. Vector kernels load 16 or 32 bytes from any pixel and store whole vectors at the
    /// end of a row; with this much behind the last row they need no special ends.
    /// </summary>
    internal const int Slack = 64;

    /// <summary>
    /// Larger buffers are left to the garbage collector: pooling them would hold on to memory that one odd image needed.
    /// </summary>
    private const int MaxPooledBytes = 64 << 20;

    private static readonly int MaxPixels = (Array.MaxLength - Slack) / BytesPerPixel;
    private byte[]? _buffer;

    private Image(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)width * height, MaxPixels, nameof(height));
        (Width, Height) = (width, height);
        int bytes = (width * height * BytesPerPixel) + Slack;
        _buffer = bytes <= MaxPooledBytes ? ArrayPool<byte>.Shared.Rent(bytes) : GC.AllocateUninitializedArray<byte>(bytes);
    }

    /// <summary>Columns in pixels, at least 1.</summary>
    public int Width { get; }

    /// <summary>Rows in pixels, at least 1.</summary>
    public int Height { get; }

    /// <summary>Columns and rows.</summary>
    public ImageSize Size => new(Width, Height);

    /// <summary>Bytes from one row to the next: <see cref="Width"/> · 4.</summary>
    public int Stride => Width * BytesPerPixel;

    /// <summary>All pixels [H,W,4]: red, green, blue, 255. Whoever writes keeps the fourth byte at 255.</summary>
    /// <exception cref="ObjectDisposedException">The image is disposed.</exception>
    public Span<byte> Pixels => Buffer.AsSpan(0, Stride * Height);

    /// <summary>The pixels as one 32-bit number each (red in the lowest byte on little-endian machines).</summary>
    internal Span<uint> PackedPixels => MemoryMarshal.Cast<byte, uint>(Pixels);

    /// <summary>The memory with its slack.</summary>
    internal byte[] Buffer => _buffer ?? throw new ObjectDisposedException(nameof(Image));

    /// <summary>A black image.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A side is below 1, or the pixels do not fit an array.</exception>
    public static Image Black(int width, int height)
    {
        var image = Rent(width, height);
        image.PackedPixels.Fill(OpaqueBlack);
        return image;
    }

    /// <summary>A white image, such as a sheet to put others on.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A side is below 1, or the pixels do not fit an array.</exception>
    public static Image White(int width, int height)
    {
        var image = Rent(width, height);
        image.Pixels.Fill(byte.MaxValue);
        return image;
    }

    /// <summary>An image from interleaved RGB bytes.</summary>
    /// <param name="rgb">Pixels [H,W,3].</param>
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    /// <exception cref="ArgumentException">The number of bytes is not width · height · 3.</exception>
    public static Image FromRgb(ReadOnlySpan<byte> rgb, int width, int height)
    {
        var image = Rent(width, height);
        if (rgb.Length != (long)width * height * 3)
        {
            image.Dispose();
            throw new ArgumentException(
                $"{width}×{height} RGB pixels are {(long)width * height * 3} bytes, not {rgb.Length}.", nameof(rgb));
        }

        var pixels = image.Pixels;
        for (int from = 0, to = 0; from < rgb.Length; from += 3, to += BytesPerPixel)
        {
            pixels[to] = rgb[from];
            pixels[to + 1] = rgb[from + 1];
            pixels[to + 2] = rgb[from + 2];
            pixels[to + 3] = byte.MaxValue;
        }

        return image;
    }

    /// <summary>A new image with the same pixels.</summary>
    public Image Copy()
    {
        var copy = Rent(Width, Height);
        Pixels.CopyTo(copy.Pixels);
        return copy;
    }

    /// <summary>One row [W,4].</summary>
    /// <param name="y">Row from the top.</param>
    public Span<byte> Row(int y)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)y, (uint)Height, nameof(y));
        return Buffer.AsSpan(y * Stride, Stride);
    }

    /// <summary>Writes the pixels as interleaved RGB.</summary>
    /// <param name="rgb">Receives [H,W,3]; at least width · height · 3 bytes.</param>
    public void CopyRgbTo(Span<byte> rgb)
    {
        long length = (long)Width * Height * 3;
        if (rgb.Length < length) throw new ArgumentException($"{length} bytes are needed, {rgb.Length} are given.", nameof(rgb));
        ReadOnlySpan<byte> pixels = Pixels;
        for (int from = 0, to = 0; from < pixels.Length; from += BytesPerPixel, to += 3)
        {
            rgb[to] = pixels[from];
            rgb[to + 1] = pixels[from + 1];
            rgb[to + 2] = pixels[from + 2];
        }
    }

    /// <summary>The pixels as a new array of interleaved RGB bytes [H,W,3].</summary>
    public byte[] ToRgb()
    {
        var rgb = GC.AllocateUninitializedArray<byte>(checked(Width * Height * 3));
        CopyRgbTo(rgb);
        return rgb;
    }

    /// <summary>Copies the pixels into another image.</summary>
    /// <param name="target">Receives them.</param>
    /// <param name="left">Its column for the first column.</param>
    /// <param name="top">Its row for the first row.</param>
    /// <exception cref="ArgumentOutOfRangeException">The image does not lie within the target there.</exception>
    public void CopyTo(Image target, int left, int top)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentOutOfRangeException.ThrowIfNegative(left);
        ArgumentOutOfRangeException.ThrowIfNegative(top);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)left + Width, target.Width, nameof(left));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)top + Height, target.Height, nameof(top));
        for (int y = 0; y < Height; y++) Row(y).CopyTo(target.Row(top + y)[(left * BytesPerPixel)..]);
    }

    /// <summary>Returns the memory to the pool; a second call does nothing.</summary>
    public void Dispose()
    {
        var buffer = Interlocked.Exchange(ref _buffer, null);
        // The pool takes only lengths that it hands out itself, which are powers of two.
        if (buffer is not null && (Width * (long)Height * BytesPerPixel) + Slack <= MaxPooledBytes) ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <summary>
    /// Takes over the pixels of an image of the same size and gives it its own: how a change that needs the old pixels ends.
    /// </summary>
    internal void Exchange(Image other)
    {
        if (other.Size != Size) throw new ArgumentException($"{Size} is expected, not {other.Size}.", nameof(other));
        (_buffer, other._buffer) = (other.Buffer, Buffer);
    }

    /// <summary>An image whose pixels are whatever the pool left there; the caller overwrites all of them.</summary>
    internal static Image Rent(int width, int height) => new(width, height);

    /// <summary>Black with its filler, in the byte order of this machine.</summary>
    internal static uint OpaqueBlack => BitConverter.IsLittleEndian ? 0xFF000000 : 0x000000FF;
}
