using System.Runtime.InteropServices;
using SkiaSharp;

namespace EfficientNetSharp.Imaging.Codecs;

/// <summary>
/// An opened image file: its size is known, its pixels are not decoded yet. This is the one place that touches the decoder library.
/// </summary>
internal sealed class ImageSource : IDisposable
{
    /// <summary>
    /// Keeps the resampler's tables, a few numbers for each input column, far below what one array can hold. JPEG ends at 65,535 and
    /// WebP at 16,383.
    /// </summary>
    private const int MaxSide = 1_000_000;

    /// <summary>
    /// Columns decoded to either side of those wanted: one block of an image with chroma of half width. Such chroma is interpolated
    /// between neighbouring samples; at the edge of what is decoded one is missing, and one or two columns go wrong.
    /// </summary>
    private const int SideMargin = 16;

    private readonly SKData _data;
    private readonly SKCodec _codec;
    private readonly string _name;
    private readonly ImageFormat _format;
    private readonly int _orientation;
    private readonly (byte Red, byte Green, byte Blue) _hidden;
    private (int Red, int Green, int Blue)? _channels;
    private DecodingGate.Place? _place;

    private ImageSource(SKData data, SKCodec codec, string name, ImageFormat format, int orientation, (byte, byte, byte) hidden)
    {
        (_data, _codec, _name, _format, _orientation, _hidden) = (data, codec, name, format, orientation, hidden);
        var stored = codec.Info;
        Size = Orientation.SwapsSides(orientation) ? new(stored.Height, stored.Width) : new(stored.Width, stored.Height);
    }

    /// <summary>The size after the orientation is applied.</summary>
    internal ImageSize Size { get; }

    /// <summary>Opens an image that is to be decoded; its header is checked against the limit, its end for being there.</summary>
    internal static ImageSource Open(ReadOnlySpan<byte> encoded, string name, DecodeOptions options)
    {
        var source = OpenHeader(encoded, name);
        try
        {
            source.CheckPixels(encoded, options.MaxPixels);
            if (!Completeness.IsComplete(encoded, source._format)) source.Check(SKCodecResult.IncompleteInput);
            if (source._format == ImageFormat.Jpeg) JpegScans.Check(encoded, name);
            source._place = DecodingGate.Enter((long)source.Size.Width * source.Size.Height);
            return source;
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <summary>Opens an image of which only the header may be there.</summary>
    internal static ImageSource OpenHeader(ReadOnlySpan<byte> encoded, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (encoded.IsEmpty) throw new InvalidInputException($"Expected an image, but '{name}' is empty (0 bytes); replace or remove it.");
        var format = ImageFormats.Detect(encoded);
        if (format == ImageFormat.Unknown)
        {
            throw new InvalidInputException(
                $"Expected a JPEG, PNG, WebP, BMP or GIF image, but '{name}' begins with {ImageFormats.Describe(encoded)}; " +
                "convert or remove it.");
        }

        var data = SKData.CreateCopy(encoded);
        var codec = SKCodec.Create(data);
        if (codec is null || codec.Info.Width <= 0 || codec.Info.Height <= 0)
        {
            codec?.Dispose();
            data.Dispose();
            throw new InvalidInputException(
                $"Expected an image, but the {format} header of '{name}' is broken or cut off; replace or remove it.");
        }

        var hidden = format == ImageFormat.Gif ? GifHiddenColour.Find(encoded) : default;
        return new ImageSource(data, codec, name, format, StatedOrientation.Of(encoded, format), hidden)
        {
            _channels = format == ImageFormat.Bmp ? BmpChannels.Find(encoded) : null,
        };
    }

    /// <summary>Decodes the whole image, upright.</summary>
    internal Image Decode()
    {
        var info = PixelLayout();
        var image = Image.Rent(info.Width, info.Height);
        try
        {
            Check(Read(image, info));
            if (_channels is { } bits) BmpChannels.Widen(image, bits);
            if (info.AlphaType != SKAlphaType.Opaque) DropAlpha(image);
            return Orientation.Apply(image, _orientation);
        }
        catch
        {
            image.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Decodes at least the pixels asked for. For an upright JPEG little else is: rows above are passed over, decoding ends with the last
    /// row wanted, and blocks well to the left and right are not transformed. The pixels are those of the whole; a file cut off below
    /// has been found out when it was opened.
    /// </summary>
    internal ImageBand Decode(PixelRectangle needed)
    {
        if (!needed.IsWithin(Size)) throw new ArgumentOutOfRangeException(nameof(needed), needed, $"Not within {Size}.");
        bool canDecodeParts = _format == ImageFormat.Jpeg && _orientation <= Orientation.Upright;
        if (!canDecodeParts || needed == PixelRectangle.Whole(Size)) return ImageBand.Whole(Decode());

        int left = Math.Max(0, needed.Left - SideMargin), right = Math.Min(Size.Width, needed.Right + SideMargin);
        var part = Image.Rent(right - left, needed.Height);
        try
        {
            // Rows are chosen by passing over and stopping, columns by the library's own means, which knows only whole columns.
            var columns = new SKCodecOptions(new SKRectI(left, 0, right, Size.Height));
            Check(_codec.StartScanlineDecode(PixelLayout(), part.Width == Size.Width ? SKCodecOptions.Default : columns));
            if (needed.Top > 0 && !_codec.SkipScanlines(needed.Top)) Check(SKCodecResult.IncompleteInput);
            if (ReadRows(part) != part.Height) Check(SKCodecResult.IncompleteInput);
            return new ImageBand(part, left, needed.Top, Size);
        }
        catch
        {
            part.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _codec.Dispose();
        _data.Dispose();
        _place?.Dispose();
    }

    private unsafe SKCodecResult Read(Image image, SKImageInfo info)
    {
        fixed (byte* pixels = image.Buffer) return _codec.GetPixels(info, (nint)pixels, info.RowBytes, SKCodecOptions.Default);
    }

    private unsafe int ReadRows(Image image)
    {
        fixed (byte* pixels = image.Buffer) return _codec.GetScanlines((nint)pixels, image.Height, image.Stride);
    }

    /// <summary>Red, green, blue, alpha, not multiplied by alpha, and without a colour space, so that no profile is applied.</summary>
    private SKImageInfo PixelLayout()
    {
        var stored = _codec.Info;
        var alpha = stored.AlphaType == SKAlphaType.Opaque ? SKAlphaType.Opaque : SKAlphaType.Unpremul;
        return new SKImageInfo(stored.Width, stored.Height, SKColorType.Rgba8888, alpha, null);
    }

    /// <summary>Makes every pixel opaque and leaves its colour as it is.</summary>
    private void DropAlpha(Image image)
    {
        if (_format == ImageFormat.Gif)
        {
            ReadOnlySpan<byte> hidden = [_hidden.Red, _hidden.Green, _hidden.Blue, byte.MaxValue];
            image.PackedPixels.Replace(0u, MemoryMarshal.Read<uint>(hidden));
        }

        foreach (ref uint pixel in image.PackedPixels) pixel |= Image.OpaqueBlack;
    }

    private void CheckPixels(ReadOnlySpan<byte> encoded, long limit)
    {
        long pixels = (long)Size.Width * Size.Height;
        if (pixels > limit)
        {
            throw new InvalidInputException(
                $"Expected an image of at most {limit} pixels, but '{_name}' is {Size} = {pixels}; scale it down or raise the limit.");
        }

        if (Math.Max(Size.Width, Size.Height) > MaxSide)
        {
            throw new InvalidInputException(
                $"Expected an image with sides of at most {MaxSide} pixels, but '{_name}' is {Size}; cut it into parts.");
        }

        long perByte = ImageFormats.MaxPixelsPerByte(_format, encoded);
        if (perByte > 0 && pixels > perByte * encoded.Length)
        {
            throw new InvalidInputException(
                $"Expected a whole image, but '{_name}' promises {Size} pixels in {encoded.Length} bytes, so it is truncated; " +
                "replace or remove it.");
        }

        if (pixels > Math.Max(DecodeOptions.FreePixels, DecodeOptions.MaxPixelsPerByte * encoded.Length))
        {
            throw new InvalidInputException(
                $"Expected an image of at most {DecodeOptions.FreePixels} pixels, or {DecodeOptions.MaxPixelsPerByte} for each byte, but " +
                $"'{_name}' promises {Size} = {pixels} in {encoded.Length} bytes; replace it, or scale it down.");
        }
    }

    private void Check(SKCodecResult result)
    {
        switch (result)
        {
            case SKCodecResult.Success:
                return;
            case SKCodecResult.IncompleteInput:
                throw new InvalidInputException($"Expected a whole image, but '{_name}' is truncated; replace or remove it.");
            default:
                throw new InvalidInputException(
                    $"Expected an image that decodes, but '{_name}' is broken ({result}); replace or remove it.");
        }
    }
}
