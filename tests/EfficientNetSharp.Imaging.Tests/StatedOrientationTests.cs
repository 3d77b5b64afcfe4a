using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using EfficientNetSharp.Imaging.Codecs;

namespace EfficientNetSharp.Imaging.Tests;

/// <summary>
/// Orientation wherever a file may state it. What is expected was held against Pillow's <c>ImageOps.exif_transpose</c> over 368 such files;
/// where Pillow raises an error for a broken statement, the image is expected as it is stored.
/// </summary>
public sealed class StatedOrientationTests
{
    private const int Width = 23, Height = 14;

    private static readonly Image Stored = TestImages.Noise(Width, Height, 5);

    private static ReadOnlySpan<byte> XmpHead => "http://ns.adobe.com/xap/1.0/\0"u8;

    [Fact]
    public void Every_orientation_is_applied_from_every_place()
    {
        for (int value = 0; value <= 9; value++)
        {
            foreach (bool isLittle in (bool[])[true, false])
            {
                byte[] tiff = Tiff(3, value, isLittle), exif = [.. "Exif\0\0"u8, .. tiff];
                AssertOrientation(value, Png(Chunk("eXIf", tiff)));
                AssertOrientation(value, Png(Chunk("tEXt", [.. "Raw profile type exif\0"u8, .. Hexadecimal(exif)])));
                AssertOrientation(value, Png(Chunk("zTXt", [.. "Raw profile type exif\0\0"u8, .. Zip(Hexadecimal(exif))])));
                AssertOrientation(value, Png(Chunk("iTXt", [.. "Raw profile type exif\0\0\0\0\0"u8, .. Hexadecimal(tiff)])));
                AssertOrientation(value, Jpeg(App(0xE1, exif)));
                AssertOrientation(value, Jpeg(App(0xE2, new byte[40_000]), App(0xE5, new byte[60_000]), App(0xE1, exif)));
                AssertOrientation(value, WebP(0x08, ("EXIF", tiff)));
                AssertOrientation(value, WebP(0x08, ("EXIF", exif)));
            }

            foreach (byte[] xmp in (byte[][])[Xmp($" tiff:Orientation=\"{value}\"/>"), Xmp($"><tiff:Orientation>{value}</tiff:Orientation>")])
            {
                AssertOrientation(value, Png(Chunk("iTXt", [.. "XML:com.adobe.xmp\0\0\0\0\0"u8, .. xmp])));
                AssertOrientation(value, Png(Chunk("iTXt", [.. "XML:com.adobe.xmp\0\u0001\0\0\0"u8, .. Zip(xmp)])));
                AssertOrientation(value, Jpeg(App(0xE1, [.. XmpHead, .. xmp])));
                AssertOrientation(value, WebP(0x04, ("XMP ", xmp)));
            }
        }
    }

    // TIFF 6.0: SHORT 3, LONG 4, RATIONAL 5, SBYTE 6, SSHORT 8, SLONG 9, SRATIONAL 10, FLOAT 11, DOUBLE 12, IFD 13; BigTIFF: LONG8 16.
    [Theory]
    [InlineData(3, 6)]
    [InlineData(4, 6)]
    [InlineData(5, 6)]
    [InlineData(6, 6)]
    [InlineData(8, 6)]
    [InlineData(9, 6)]
    [InlineData(10, 6)]
    [InlineData(11, 6)]
    [InlineData(12, 6)]
    [InlineData(13, 6)]
    [InlineData(16, 6)]
    [InlineData(1, 1)] // BYTE, ASCII and UNDEFINED are bytes to Pillow and no number.
    [InlineData(2, 1)]
    [InlineData(7, 1)]
    [InlineData(99, 1)]
    public void The_tag_may_have_any_type_of_numbers(int type, int expected)
    {
        foreach (bool isLittle in (bool[])[true, false])
        {
            AssertOrientation(expected, Png(Chunk("eXIf", Tiff(type, 6, isLittle))));
            AssertOrientation(expected, Jpeg(App(0xE1, [.. "Exif\0\0"u8, .. Tiff(type, 6, isLittle)])));
        }
    }

    [Fact]
    public void Of_several_statements_the_one_that_Pillow_takes_counts()
    {
        byte[] six = Tiff(3, 6, true), three = Tiff(3, 3, true), xmpSix = Xmp(" tiff:Orientation=\"6\"/>");
        byte[] xmpChunk = Chunk("iTXt", [.. "XML:com.adobe.xmp\0\0\0\0\0"u8, .. xmpSix]);
        byte[] Raw(byte[] tiff) => Chunk("tEXt", [.. "Raw profile type exif\0"u8, .. Hexadecimal(tiff)]);
        AssertOrientation(3, Png(Raw(six), Chunk("eXIf", three)));
        AssertOrientation(3, Png(Raw(six), Raw(three)));
        AssertOrientation(3, Png(Chunk("eXIf", three), xmpChunk));
        // A tag that is there is what the file says, also where it says nothing that can be done.
        AssertOrientation(1, Png(Chunk("eXIf", Tiff(3, 0, true)), xmpChunk));
        AssertOrientation(1, Png(Chunk("eXIf", Tiff(1, 3, true)), xmpChunk));
        AssertOrientation(6, Png(Chunk("eXIf", [.. "II*\0\u0008\0\0\0\0\0\0\0\0\0"u8]), xmpChunk));
        AssertOrientation(6, Jpeg(App(0xE1, [.. "Exif\0\0"u8, .. six]), App(0xE1, [.. "Exif\0\0"u8, .. three])));
        AssertOrientation(3, Jpeg(App(0xE1, [.. XmpHead, .. xmpSix]), App(0xE1, [.. "Exif\0\0"u8, .. three])));
        AssertOrientation(3, WebP(0x0C, ("EXIF", three), ("XMP ", xmpSix)));
        // Chunks that the header does not announce are none.
        AssertOrientation(1, WebP(0, ("EXIF", three), ("XMP ", xmpSix)));
    }

    [Fact]
    public void What_stands_behind_the_pixels_or_behind_large_segments_counts_for_the_size_too()
    {
        byte[] png = Png(Chunk("tEXt", new byte[70_000]), Chunk("eXIf", Tiff(3, 6, false)));
        byte[] jpeg = Jpeg(App(0xE2, new byte[65_000]), App(0xE1, [.. "Exif\0\0"u8, .. Tiff(4, 6, true)]));
        byte[] webp = WebP(0x08, ("ICCP", new byte[70_000]), ("EXIF", Tiff(3, 6, true)));
        string path = Path.Combine(Path.GetTempPath(), $"effnet-{Guid.NewGuid():N}");
        try
        {
            foreach (byte[] file in (byte[][])[png, jpeg, webp])
            {
                File.WriteAllBytes(path, file);
                Assert.Equal(new ImageSize(Height, Width), ImageDecoder.ReadFileSize(path));
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Broken_statements_are_none_and_cost_no_memory()
    {
        byte[] tiff = Tiff(3, 6, true), huge = Zip(new byte[300 << 20]);
        byte[][] broken =
        [
            Chunk("eXIf", tiff[..20]), Chunk("eXIf", [.. "XX*\0"u8, .. tiff[4..]]), Chunk("eXIf", [.. "II*\0\xFF\xFF\xFF\x7F\0\0"u8]),
            Chunk("eXIf", Tiff(3, 6, true, count: uint.MaxValue)), Chunk("eXIf", Tiff(3, 6, true, count: 0)),
            Chunk("tEXt", [.. "Raw profile type exif\0\nexif\n   12\nno digits\n"u8]), Chunk("tEXt", [.. "Raw profile type exif\0"u8]),
            Chunk("zTXt", [.. "Raw profile type exif\0\0"u8, 1, 2, 3]), Chunk("zTXt", [.. "Raw profile type exif\0"u8]),
            Chunk("zTXt", [.. "Raw profile type exif\0\0"u8, .. huge]), Chunk("iTXt", [.. "XML:com.adobe.xmp\0\u0001\0\0\0"u8, .. huge]),
            Chunk("iTXt", [.. "XML:com.adobe.xmp\0"u8]), Chunk("iTXt", [.. "XML:com.adobe.xmp\0\0\0en"u8]),
            Chunk("iTXt", [.. "XML:com.adobe.xmp\0\0\0\0\0tiff:Orientation=\""u8]),
        ];
        foreach (byte[] chunk in broken)
        {
            byte[] png = Png(chunk);
            long before = GC.GetAllocatedBytesForCurrentThread();
            AssertOrientation(1, png);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8 << 20);
        }
    }

    [Fact]
    public void The_last_text_alone_is_unpacked()
    {
        byte[] bomb = Chunk("zTXt", [.. "Raw profile type exif\0\0"u8, .. Zip(new byte[1 << 20])]);
        byte[] good = Chunk("zTXt", [.. "Raw profile type exif\0\0"u8, .. Zip(Hexadecimal(Tiff(3, 8, true)))]);
        byte[] png = Png([.. Enumerable.Repeat(bomb, 500), good]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        AssertOrientation(8, png);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8 << 20);
    }

    // Where pixel (x, y) of the upright image lies in the stored one (TIFF 6.0, Orientation).
    private static (int X, int Y) StoredPlace(int orientation, int x, int y) => orientation switch
    {
        2 => (Width - 1 - x, y),
        3 => (Width - 1 - x, Height - 1 - y),
        4 => (x, Height - 1 - y),
        5 => (y, x),
        6 => (y, Height - 1 - x),
        7 => (Width - 1 - y, Height - 1 - x),
        8 => (Width - 1 - y, x),
        _ => (x, y),
    };

    private static void AssertOrientation(int orientation, byte[] file)
    {
        bool isJpeg = file[0] == 0xFF;
        // JPEG loses something: what is stored is decoded from the same pixels without a statement.
        using var plain = isJpeg ? ImageDecoder.Decode(Jpeg(), "plain") : null;
        var stored = plain ?? Stored;
        using var image = ImageDecoder.Decode(file, "oriented");
        bool swaps = orientation is >= 5 and <= 8;
        Assert.Equal(swaps ? (Height, Width) : (Width, Height), (image.Width, image.Height));
        for (int y = 0; y < image.Height; y++)
        {
            for (int x = 0; x < image.Width; x++)
            {
                var (storedX, storedY) = StoredPlace(orientation, x, y);
                Assert.True(
                    image.Row(y).Slice(x * 4, 3).SequenceEqual(stored.Row(storedY).Slice(storedX * 4, 3)), $"{orientation} at {x}, {y}");
            }
        }
    }

    private static byte[] Png(params byte[][] chunks)
    {
        byte[] png = ImageEncoder.EncodePng(Stored);
        // In front of IEND, which has 12 bytes: behind the pixels.
        return [.. png[..^12], .. chunks.SelectMany(chunk => chunk), .. png[^12..]];
    }

    private static byte[] Jpeg(params byte[][] segments)
    {
        byte[] jpeg = ImageEncoder.EncodeJpeg(Stored);
        return [.. jpeg[..2], .. segments.SelectMany(segment => segment), .. jpeg[2..]];
    }

    // A lossless image in the extended format.
    private static byte[] WebP(byte flags, params (string Kind, byte[] Data)[] chunks)
    {
        byte[] simple = TestImages.WebP(Stored);
        byte[] header = [flags, 0, 0, 0, Width - 1, 0, 0, Height - 1, 0, 0];
        var body = new List<byte>();
        void Add(string kind, ReadOnlySpan<byte> data)
        {
            body.AddRange(Encoding.ASCII.GetBytes(kind));
            body.AddRange(BitConverter.GetBytes(data.Length));
            body.AddRange(data);
            if (data.Length % 2 != 0) body.Add(0);
        }

        Add("VP8X", header);
        body.AddRange(simple[12..]);
        foreach (var (kind, data) in chunks) Add(kind, data);
        return [.. "RIFF"u8, .. BitConverter.GetBytes(body.Count + 4), .. "WEBP"u8, .. body];
    }

    private static byte[] App(byte marker, byte[] data) =>
        [0xFF, marker, (byte)((data.Length + 2) >> 8), (byte)(data.Length + 2), .. data];

    private static byte[] Chunk(string kind, byte[] data)
    {
        byte[] typed = [.. Encoding.ASCII.GetBytes(kind), .. data];
        var length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, data.Length);
        var checksum = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(checksum, TestImages.Crc32(typed));
        return [.. length, .. typed, .. checksum];
    }

    private static byte[] Hexadecimal(byte[] data) =>
        Encoding.ASCII.GetBytes($"\nexif\n{data.Length,8}\n{string.Join('\n', Convert.ToHexStringLower(data).Chunk(72).Select(line => new string(line)))}\n");

    private static byte[] Xmp(string description) => Encoding.UTF8.GetBytes(
        $"<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:Description xmlns:tiff=\"http://ns.adobe.com/tiff/1.0/\"{description}</x:xmpmeta>");

    private static byte[] Zip(byte[] data)
    {
        var stream = new MemoryStream();
        using (var zip = new ZLibStream(stream, CompressionLevel.Fastest)) zip.Write(data);
        return stream.ToArray();
    }

    // A header, a directory of one entry, and its value where it does not fit into the entry.
    private static byte[] Tiff(int type, int value, bool isLittle, uint count = 1)
    {
        byte[] Ordered(byte[] little) => isLittle ? little : [.. little.Reverse()];
        byte[] data = type switch
        {
            1 or 2 or 6 or 7 => [(byte)value],
            4 or 9 or 13 => Ordered(BitConverter.GetBytes(value)),
            5 or 10 => [.. Ordered(BitConverter.GetBytes(value)), .. Ordered(BitConverter.GetBytes(1))],
            11 => Ordered(BitConverter.GetBytes((float)value)),
            12 => Ordered(BitConverter.GetBytes((double)value)),
            16 => Ordered(BitConverter.GetBytes((long)value)),
            _ => Ordered(BitConverter.GetBytes((short)value)),
        };
        byte[] inline = data.Length <= 4 ? [.. data, .. new byte[4 - data.Length]] : Ordered(BitConverter.GetBytes(26));
        return
        [
            .. isLittle ? "II"u8 : "MM"u8, .. Ordered(BitConverter.GetBytes((short)42)), .. Ordered(BitConverter.GetBytes(8)),
            .. Ordered(BitConverter.GetBytes((short)1)), .. Ordered(BitConverter.GetBytes((short)0x0112)),
            .. Ordered(BitConverter.GetBytes((short)type)), .. Ordered(BitConverter.GetBytes(count)), .. inline, 0, 0, 0, 0,
            .. data.Length > 4 ? data : [],
        ];
    }
}
