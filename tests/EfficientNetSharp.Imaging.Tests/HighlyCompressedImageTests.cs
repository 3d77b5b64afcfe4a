using System.Buffers.Binary;
using System.IO.Compression;
using EfficientNetSharp.Imaging.Codecs;

namespace EfficientNetSharp.Imaging.Tests;

/// <summary>Small files of large images: blank ones are decoded, bombs are refused before memory is taken.</summary>
public sealed class HighlyCompressedImageTests
{
    // Colour types of PNG (PNG specification, 11.2.2).
    private const byte Grey = 0, Colour = 2, Palette = 3;

    [Theory]
    [InlineData(4000, 3000, 1, Grey)]
    [InlineData(4000, 3000, 8, Grey)]
    [InlineData(4000, 3000, 1, Palette)]
    [InlineData(4000, 3000, 8, Palette)]
    [InlineData(4000, 3000, 8, Colour)]
    [InlineData(6000, 5000, 8, Grey)]
    public void A_blank_photograph_is_decoded(int width, int height, byte bits, byte kind)
    {
        byte[] png = BlankPng(width, height, bits, kind);
        using var image = ImageDecoder.Decode(png, "white.png");
        Assert.Equal((width, height), (image.Width, image.Height));
        Assert.Equal(-1, image.Pixels.IndexOfAnyExcept(byte.MaxValue));
    }

    [Theory]
    [InlineData(8000, 8000, 1, Grey)]
    [InlineData(13_000, 13_000, 1, Palette)]
    public void A_blank_page_beyond_the_pixels_that_its_bytes_justify_is_refused_with_both_numbers(int width, int height, byte bits,
        byte kind)
    {
        byte[] png = BlankPng(width, height, bits, kind);
        string message = AssertRefusedInLittleMemory(png);
        Assert.Contains("16777216 pixels, or 1280 for each byte", message, StringComparison.Ordinal);
        Assert.Contains($"in {png.Length} bytes", message, StringComparison.Ordinal);
    }

    // A screen's size, a frame of it, and nothing.
    [Theory]
    [InlineData(13_377, 13_377)]
    [InlineData(65_535, 2_000)]
    public void A_bitmap_of_a_header_is_refused(int width, int height)
    {
        byte[] gif = [.. "GIF89a"u8, 0, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 255, 255, 255, (byte)',', 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 0x4C, 1,
            0, (byte)';'];
        foreach (int at in (ReadOnlySpan<int>)[6, 24])
        {
            BinaryPrimitives.WriteUInt16LittleEndian(gif.AsSpan(at), (ushort)width);
            BinaryPrimitives.WriteUInt16LittleEndian(gif.AsSpan(at + 2), (ushort)height);
        }

        AssertRefusedInLittleMemory(gif);
    }

    [Fact]
    public void A_progressive_image_of_endless_scans_is_refused_and_one_of_many_is_not()
    {
        byte[] jpeg = Golden.FileBytes("jpeg_progressive.jpg");
        // A scan that refines nothing: its header, and no bits.
        byte[] scan = [0xFF, 0xDA, 0, 8, 1, 1, 0, 1, 63, 0x10];
        Assert.Contains("scans", AssertRefusedInLittleMemory(With(600)), StringComparison.Ordinal);
        ImageDecoder.Decode(With(0), "x").Dispose();

        byte[] With(int scans) => [.. jpeg[..^2], .. Enumerable.Repeat(scan, scans).SelectMany(bytes => bytes), .. jpeg[^2..]];
    }

    [Fact]
    public async Task Images_decoded_at_the_same_time_have_no_more_pixels_than_the_limit()
    {
        long now = 0, most = 0;
        var gate = new Lock();
        var work = Enumerable.Range(0, 24).Select(i => Task.Run(() => Decode(i), TestContext.Current.CancellationToken));
        await Task.WhenAll(work).WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);
        Assert.InRange(most, 1, DecodingGate.MaxPixels);

        void Decode(int i)
        {
            long pixels = DecodingGate.MaxPixels / (2 + (i % 5));
            using var place = DecodingGate.Enter(pixels);
            lock (gate) most = Math.Max(most, now += pixels);
            Thread.Sleep(2);
            lock (gate) now -= pixels;
        }
    }

    [Fact]
    public async Task An_image_beyond_the_limit_goes_alone_and_a_thread_never_waits_for_itself() => await Task.Run(
        () =>
        {
            using var large = DecodingGate.Enter(2 * DecodingGate.MaxPixels);
            using var another = DecodingGate.Enter(DecodingGate.MaxPixels);
        },
        TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);

    private static string AssertRefusedInLittleMemory(byte[] file)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        string message = Assert.Throws<InvalidInputException>(() => ImageDecoder.Decode(file, "bomb")).Message;
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        return message;
    }

    private static byte[] BlankPng(int width, int height, byte bits, byte kind)
    {
        using var png = new MemoryStream();
        png.Write([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (bits, kind);
        Chunk("IHDR"u8, header);
        if (kind == Palette) Chunk("PLTE"u8, [.. Enumerable.Repeat(byte.MaxValue, 3 << bits)]);
        using var packed = new MemoryStream();
        using (var deflate = new ZLibStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            var row = new byte[1 + (((width * bits * (kind == Colour ? 3 : 1)) + 7) / 8)];
            // Filter 0, then white.
            row.AsSpan(1).Fill(byte.MaxValue);
            for (int y = 0; y < height; y++) deflate.Write(row);
        }

        Chunk("IDAT"u8, packed.ToArray());
        Chunk("IEND"u8, []);
        return png.ToArray();

        void Chunk(ReadOnlySpan<byte> name, byte[] contents)
        {
            Span<byte> number = stackalloc byte[4];
            BinaryPrimitives.WriteInt32BigEndian(number, contents.Length);
            png.Write(number);
            byte[] body = [.. name, .. contents];
            png.Write(body);
            BinaryPrimitives.WriteUInt32BigEndian(number, TestImages.Crc32(body));
            png.Write(number);
        }
    }
}
