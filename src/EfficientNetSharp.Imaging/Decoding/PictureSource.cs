using System.Runtime.InteropServices;
using SkiaSharp;

namespace EfficientNetSharp.Imaging.Decoding;

/// <summary>
/// An opened picture file: its size is known, its pixels are not decoded yet. This is the one place that touches the decoder library.
/// </summary>
internal sealed class PictureSource : IDisposable
{
    /// <summary>
    /// Keeps the resampler's tables, a few numbers for each input column, far below what one array can hold. JPEG ends at 65,535 and
    /// WebP at 16,383.
    /// </summary>
    private const int LongestSide = 1_000_000;

    private readonly SKData _data;
    private readonly SKCodec _codec;
    private readonly string _name;
    private readonly PictureFormat _format;
    private readonly int _orientation;
    private readonly (byte Red, byte Green, byte Blue) _hidden;

    private PictureSource(SKData data, SKCodec codec, string name, PictureFormat format, int orientation, (byte, byte, byte) hidden)
    {
        (_data, _codec, _name, _format, _orientation, _hidden) = (data, codec, name, format, orientation, hidden);
        var stored = codec.Info;
        Size = Orientation.SwapsSides(orientation) ? new(stored.Height, stored.Width) : new(stored.Width, stored.Height);
    }

    /// <summary>The size after the orientation is applied.</summary>
    internal PictureSize Size { get; }

    /// <summary>Opens a picture that is to be decoded; its header is checked against the limit, its end for being there.</summary>
    internal static PictureSource Open(ReadOnlySpan<byte> encoded, string name, DecodeOptions options)
    {
        var source = OpenHeader(encoded, name);
        try
        {
            source.CheckPixels(encoded, options.MaxPixels);
            if (!Completeness.IsComplete(encoded, source._format)) source.Check(SKCodecResult.IncompleteInput);
            return source;
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <summary>Opens a picture of which only the header may be there.</summary>
    internal static PictureSource OpenHeader(ReadOnlySpan<byte> encoded, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (encoded.IsEmpty) throw new InvalidInputException($"Expected a picture, but '{name}' is empty (0 bytes); replace or remove it.");
        var format = PictureFormats.Detect(encoded);
        if (format == PictureFormat.Unknown)
        {
            throw new InvalidInputException(
                $"Expected a JPEG, PNG, WebP, BMP or GIF picture, but '{name}' begins with {PictureFormats.Describe(encoded)}; convert or remove it.");
        }

        var data = SKData.CreateCopy(encoded);
        var codec = SKCodec.Create(data);
        if (codec is null || codec.Info.Width <= 0 || codec.Info.Height <= 0)
        {
            codec?.Dispose();
            data.Dispose();
            throw new InvalidInputException($"Expected a picture, but the {format} header of '{name}' is broken or cut off; replace or remove it.");
        }

        int orientation = format == PictureFormat.Png ? PngExif.Orientation(encoded) : (int)codec.EncodedOrigin;
        var hidden = format == PictureFormat.Gif ? GifHiddenColour.Find(encoded) : default;
        return new PictureSource(data, codec, name, format, orientation, hidden);
    }

    /// <summary>Decodes the whole picture, upright.</summary>
    internal Picture Decode()
    {
        var info = PixelLayout();
        var picture = Picture.Rent(info.Width, info.Height);
        try
        {
            Check(Read(picture, info));
            if (info.AlphaType != SKAlphaType.Opaque) DropAlpha(picture);
            return Orientation.Apply(picture, _orientation);
        }
        catch
        {
            picture.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Decodes at least the rows asked for. For an upright JPEG nothing else is decoded: rows above are passed over and decoding ends
    /// with the last row wanted; a file cut off below that has been found out when it was opened.
    /// </summary>
    internal PictureBand DecodeRows(int top, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(top);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(top + count, Size.Height, nameof(count));
        bool canDecodeRows = _format == PictureFormat.Jpeg && _orientation <= Orientation.Upright;
        if (!canDecodeRows || count == Size.Height) return new PictureBand(Decode(), 0, Size.Height);

        var info = PixelLayout();
        var band = Picture.Rent(info.Width, count);
        try
        {
            Check(_codec.StartScanlineDecode(info));
            if (top > 0 && !_codec.SkipScanlines(top)) Check(SKCodecResult.IncompleteInput);
            if (ReadRows(band, info, count) != count) Check(SKCodecResult.IncompleteInput);
            return new PictureBand(band, top, Size.Height);
        }
        catch
        {
            band.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _codec.Dispose();
        _data.Dispose();
    }

    private unsafe SKCodecResult Read(Picture picture, SKImageInfo info)
    {
        fixed (byte* pixels = picture.Buffer) return _codec.GetPixels(info, (nint)pixels, info.RowBytes, SKCodecOptions.Default);
    }

    private unsafe int ReadRows(Picture picture, SKImageInfo info, int count)
    {
        fixed (byte* pixels = picture.Buffer) return _codec.GetScanlines((nint)pixels, count, info.RowBytes);
    }

    /// <summary>Red, green, blue, alpha, not multiplied by alpha, and without a colour space, so that no profile is applied.</summary>
    private SKImageInfo PixelLayout()
    {
        var stored = _codec.Info;
        var alpha = stored.AlphaType == SKAlphaType.Opaque ? SKAlphaType.Opaque : SKAlphaType.Unpremul;
        return new SKImageInfo(stored.Width, stored.Height, SKColorType.Rgba8888, alpha, null);
    }

    /// <summary>Makes every pixel opaque and leaves its colour as it is.</summary>
    private void DropAlpha(Picture picture)
    {
        if (_format == PictureFormat.Gif)
        {
            ReadOnlySpan<byte> hidden = [_hidden.Red, _hidden.Green, _hidden.Blue, byte.MaxValue];
            picture.Words.Replace(0u, MemoryMarshal.Read<uint>(hidden));
        }

        foreach (ref uint pixel in picture.Words) pixel |= Picture.BlackWord;
    }

    private void CheckPixels(ReadOnlySpan<byte> encoded, long limit)
    {
        long pixels = (long)Size.Width * Size.Height;
        if (pixels > limit)
        {
            throw new InvalidInputException(
                $"Expected a picture of at most {limit} pixels, but '{_name}' is {Size} = {pixels}; scale it down or raise the limit.");
        }

        if (Math.Max(Size.Width, Size.Height) > LongestSide)
        {
            throw new InvalidInputException(
                $"Expected a picture with sides of at most {LongestSide} pixels, but '{_name}' is {Size}; cut it into parts.");
        }

        long perByte = PictureFormats.MostPixelsPerByte(_format);
        if (perByte > 0 && pixels > perByte * encoded.Length)
        {
            throw new InvalidInputException(
                $"Expected a whole picture, but '{_name}' promises {Size} pixels in {encoded.Length} bytes, so it is truncated; replace or remove it.");
        }
    }

    private void Check(SKCodecResult result)
    {
        switch (result)
        {
            case SKCodecResult.Success:
                return;
            case SKCodecResult.IncompleteInput:
                throw new InvalidInputException($"Expected a whole picture, but '{_name}' is truncated; replace or remove it.");
            default:
                throw new InvalidInputException($"Expected a picture that decodes, but '{_name}' is broken ({result}); replace or remove it.");
        }
    }
}
