using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using EfficientNetSharp.Data.Formats;
using EfficientNetSharp.Imaging;
using EfficientNetSharp.Imaging.Codecs;
using EfficientNetSharp.Randomness;
using static EfficientNetSharp.Data.Tests.DatasetChecks;

namespace EfficientNetSharp.Data.Tests.Formats;

/// <summary>TFRecord shards as the common tools write them, written here by the formats' definitions.</summary>
public sealed class TfRecordTests
{
    // A PNG's signature is what tells a file of an image from pixels.
    private static readonly byte[] File1 = [0x89, .. "PNG\r\n\u001a\n first"u8], File2 = [0xFF, 0xD8, 0xFF, .. " second"u8];

    private const string Features =
        """
        {"pythonClassName": "x.FeaturesDict", "featuresDict":
        {"features": {"image": {"image": {}}, "LABEL": {"classLabel": {"numClasses": "3"}}}}}
        """;

    [Fact]
    public void TensorFlow_Datasets_count_from_0_and_write_their_names_beside()
    {
        using var folder = new TemporaryFolder().WithFolder("flowers/3.0.1");
        string version = folder["flowers/3.0.1"];
        Write(
            $"{version}/flowers-train.tfrecord-00000-of-00001", Example(("image", File1), ("label", 2), ("image/filename", "x.jpg")),
            Example(("image", File2), ("label", 1)));
        Write(
            $"{version}/flowers-test.tfrecord-00000-of-00001", Example(("image", File1), ("label", -1)),
            Example(("image", File2), ("label", 2)));
        var parts = Datasets.Open(folder["flowers"]);
        Assert.Equal(["0", "1", "2"], parts.Train!.Classes);
        Assert.Equal([2, 1], Labels(parts.Train));
        Assert.Equal([2], Labels(parts.Test!));
        var left = Assert.Single(parts.LeftOut);
        Assert.Equal((LeftOutReason.Unlabelled, "flowers-test.tfrecord-00000-of-00001/0"), (left.Reason, Assert.Single(left.Names)));
        Assert.Equal([File1, File2], Contents(parts.Train));
        File.WriteAllText($"{version}/label.labels.txt", "daisy\nrose\ntulip\n");
        Assert.Equal(["daisy", "rose", "tulip"], Datasets.Open(version).Train!.Classes);
        File.WriteAllText($"{version}/label.labels.txt", "daisy\nrose\n");
        AssertRefused(() => Datasets.Open(version), "label.labels.txt", "2 classes", "from 1 to 2");
        // Which feature is the label, the declaration says.
        File.WriteAllText($"{version}/features.json", Features.Replace("LABEL", "kind", StringComparison.Ordinal));
        File.WriteAllText($"{version}/kind.labels.txt", "a\nb\nc\n");
        Write(
            $"{version}/flowers-train.tfrecord-00000-of-00001", Example(("image", File1), ("kind", 0), ("label", 7)));
        File.Delete($"{version}/flowers-test.tfrecord-00000-of-00001");
        Assert.Equal(["a", "b", "c"], Datasets.Open(version).Train!.Classes);
        Assert.Equal([0], Labels(Datasets.Open(version).Train!));
    }

    [Fact]
    public void The_tutorials_flowers_have_class_name_and_one_hot()
    {
        using var folder = new TemporaryFolder().WithFolder("train").WithFolder("val").WithFolder("test");
        Write(
            folder["train/00-192x192-798.tfrec"],
            Example(
                ("image", File1), ("class", 1), ("label", "tulip"), ("one_hot_class", new float[] { 0, 1 }), ("size", new long[] { 3, 4 })),
            Example(("image", File2), ("class", 0), ("label", "rose"), ("one_hot_class", new float[] { 1, 0 })));
        Write(folder["val/00.tfrec"], Example(("image", File1), ("one_hot_class", new float[] { 1, 0 })));
        Write(folder["test/00.tfrec"], Example(("image", File1), ("id", "x")), Example(("image", File2), ("id", "y")));
        var parts = Datasets.Open(folder.Path);
        Assert.Equal(["rose", "tulip"], parts.Train!.Classes);
        Assert.Equal([1, 0], Labels(parts.Train));
        Assert.Equal([0], Labels(parts.Validation!));
        Assert.Null(parts.Test);
        Assert.Contains(parts.Warnings, warning => warning.Contains("'test'", StringComparison.Ordinal));
        Assert.Equal(2, Assert.Single(parts.LeftOut).Count);
    }

    [Fact]
    public void Detection_records_of_one_class_are_labelled_images()
    {
        using var folder = new TemporaryFolder().WithFolder("train");
        string shard = folder["train/Pets.tfrecord"];
        (string, object) text = ("image/object/class/text", "cat");
        Write(
            shard, Example(("image/encoded", File1), ("image/object/class/label", new long[] { 7, 7 }), text),
            Example(("image/encoded", File2), ("image/object/class/label", 9), ("image/object/class/text", "dog")),
            Example(("image/encoded", File2), ("image/object/class/label", Array.Empty<long>())));
        File.WriteAllText(
            folder["train/Pets_label_map.pbtxt"],
            "item {\n name: \"cat\",\n id: 7,\n display_name: \"Cat\"\n}\n" +
            "item {\n  id: 9\n  name: 'dog'\n}\nitem { name: \"emu\" id: 11 }");
        var parts = Datasets.Open(folder.Path);
        Assert.Equal(["cat", "dog", "emu"], parts.Train!.Classes);
        Assert.Equal([0, 1], Labels(parts.Train));
        Assert.Equal("Pets.tfrecord/2", Assert.Single(Assert.Single(parts.LeftOut).Names));
        Assert.Contains(parts.Warnings, warning => warning.Contains("'emu'", StringComparison.Ordinal));
        Write(shard, Example(("image/encoded", File1), ("image/object/class/label", new long[] { 0, 1 })));
        AssertRefused(() => Datasets.Open(folder.Path), "record 0", "several classes");
        Write(shard, Example(("image/encoded", File1), ("image/object/class/label", 8)));
        AssertRefused(() => Datasets.Open(folder.Path), "'8'", "3 classes");
    }

    [Theory]
    [InlineData("0:a\n1:b\n2:c\n", "1 2", "a b c", "1 2")]
    [InlineData("1:a\n2:b\n3:c\n", "1 2", "a b c", "0 1")]
    [InlineData("a\nb\nc\n", "0 2", "a b c", "0 2")]
    [InlineData("a\nb\nc\n", "1 3", "a b c", "0 2")]
    [InlineData("a\nb\nc\n", "1 2", null, "from 0 or from 1")]
    [InlineData("a\nb\nc\n", "0 3", null, "3 classes")]
    [InlineData("1:a\n1:b\n", "1 2", null, "two classes")]
    public void Where_numbers_begin_the_file_says_or_it_is_asked(string names, string labels, string? classes, string expected)
    {
        using var folder = new TemporaryFolder();
        long[] numbers = [.. labels.Split(' ').Select(long.Parse)];
        foreach (string key in (string[])["label", "image/class/label"])
        {
            Write(folder["train.tfrecord"], Example(("image", File1), (key, numbers[0])), Example(("image", File2), (key, numbers[1])));
            File.WriteAllText(folder["labels.txt"], names);
            if (classes is null)
            {
                AssertRefused(() => Datasets.Open(folder.Path), expected);
                continue;
            }

            var train = Datasets.Open(folder.Path).Train!;
            Assert.Equal(classes.Split(' '), train.Classes);
            Assert.Equal(expected.Split(' ').Select(int.Parse), Labels(train));
        }
    }

    [Fact]
    public void Texts_are_labels()
    {
        using var folder = new TemporaryFolder();
        Write(folder["a.tfrecords"], Example(("image_raw", File1), ("label", "wolf")), Example(("image_raw", File2), ("label", "bear")));
        var train = Datasets.Open(folder["a.tfrecords"]).Train!;
        Assert.Equal(["bear", "wolf"], train.Classes);
        Assert.Equal([1, 0], Labels(train));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("zlib")]
    public void Compressed_shards_are_unpacked(string kind)
    {
        using var folder = new TemporaryFolder();
        byte[] plain = Records(Example(("image", File1), ("label", 0)), Example(("image", File2), ("label", 1)));
        byte[] packed = Pack(plain, kind);
        File.WriteAllBytes(folder[kind == "gzip" ? "train.tfrecord.gz" : "train.tfrecord"], packed);
        var train = Datasets.Open(folder.Path).Train!;
        Assert.Equal([File1, File2], Contents(train));
        Assert.Equal([0, 1], Labels(train));
        var random = new SeededRandom(3);
        for (int i = 0; i < 100; i++)
        {
            byte[] damaged = [.. packed];
            damaged[random.NextInt(damaged.Length)] ^= (byte)(1 << random.NextInt(8));
            File.WriteAllBytes(folder["damaged.tfrecord"], i % 3 == 0 ? damaged[..random.NextInt(damaged.Length)] : damaged);
            if (Record.Exception(() => Contents(Datasets.Open(folder["damaged.tfrecord"]).Train!)) is { } failure)
                Assert.IsType<InvalidInputException>(failure);
        }

        File.WriteAllBytes(folder["damaged.tfrecord"], Pack(new byte[200 << 20], kind));
        AssertRefused(() => Datasets.Open(folder["damaged.tfrecord"]), "damaged.tfrecord", "unpack to more than");
    }

    [Fact]
    public void Pixels_with_their_shape_are_images()
    {
        using var folder = new TemporaryFolder();
        byte[] colours = [.. Enumerable.Range(0, 5 * 3 * 3).Select(i => (byte)(i * 7))], greys = [.. "BM"u8, .. colours[..13]];
        Write(
            folder["mnist.tfrecords"],
            Example(("image_raw", colours), ("height", 5), ("width", 3), ("depth", 3), ("label", 0)),
            Example(("image_raw", greys), ("height", 5), ("width", 3), ("depth", 1), ("label", 1)),
            Example(("image_raw", colours), ("height", 5), ("width", 3), ("label", 1)));
        byte[][] files = Contents(Datasets.Open(folder.Path).Train!);
        byte[][] expected = [colours, [.. greys.SelectMany(grey => new[] { grey, grey, grey })], colours];
        for (int i = 0; i < files.Length; i++)
        {
            using var image = ImageDecoder.Decode(files[i], "pixels");
            Assert.Equal(new ImageSize(3, 5), image.Size);
            Assert.Equal(expected[i], image.ToRgb());
        }

        Write(folder["mnist.tfrecords"], Example(("image_raw", colours), ("label", 0)));
        AssertRefused(() => Datasets.Open(folder.Path), "45 bytes", "height, width and depth");
        Write(folder["mnist.tfrecords"], Example(("image_raw", new byte[60]), ("height", 5), ("width", 3), ("depth", 1), ("label", 0)));
        AssertRefused(() => Datasets.Open(folder.Path), "60 bytes", "floats");
    }

    [Fact]
    public void What_is_no_labelled_image_is_named()
    {
        using var folder = new TemporaryFolder();
        string shard = folder["x.tfrecord"];
        Write(shard, Example(("pixels", new float[] { 1, 2 }), ("label", 0)));
        AssertRefused(() => Datasets.Open(shard), "'pixels', 'label'", "image/encoded");
        Write(shard, Example(("image", File1), ("caption", "a dog")));
        AssertRefused(() => Datasets.Open(shard), "1 records without a label");
        Write(shard, Example(("image", File1), ("label", new long[] { 3, 5 })));
        AssertRefused(() => Datasets.Open(shard), "record 0", "'label'", "several");
        Write(shard, Example(("image", File1), ("label", long.MaxValue)));
        AssertRefused(() => Datasets.Open(shard), $"{long.MaxValue}");
    }

    private static byte[][] Contents(IImageDataset images)
    {
        var buffer = new EncodedBuffer();
        return [.. Enumerable.Range(0, images.Count).Select(index =>
        {
            images.ReadEncoded(index, buffer);
            return buffer.Bytes.ToArray();
        })];
    }

    private static byte[] Pack(byte[] plain, string kind)
    {
        var stream = new MemoryStream();
        using (Stream packing = kind == "gzip"
            ? new GZipStream(stream, CompressionLevel.Optimal) : new ZLibStream(stream, CompressionLevel.Optimal)) packing.Write(plain);
        return stream.ToArray();
    }

    private static void Write(string path, params byte[][] examples) => File.WriteAllBytes(path, Records(examples));

    // Length, its checksum, the record, its checksum.
    private static byte[] Records(params byte[][] examples) => [.. examples.SelectMany(example =>
    {
        byte[] length = BitConverter.GetBytes((long)example.Length);
        return (byte[])[.. length, .. Masked(length), .. example, .. Masked(example)];
    })];

    // example.proto: Example.features = 1, Features.feature = 1 (a map), Feature.bytes_list = 1, float_list = 2, int64_list = 3.
    private static byte[] Example(params (string Key, object Value)[] features) => Message(1, [.. features.SelectMany(feature =>
        Message(1, [.. Message(1, Encoding.UTF8.GetBytes(feature.Key)), .. Message(2, Value(feature.Value))]))]);

    private static byte[] Value(object value) => value switch
    {
        byte[] bytes => Message(1, Message(1, bytes)),
        string text => Message(1, Message(1, Encoding.UTF8.GetBytes(text))),
        float[] floats => Message(2, Message(1, [.. floats.SelectMany(BitConverter.GetBytes)])),
        long[] numbers => Message(3, Message(1, [.. numbers.SelectMany(number => Varint((ulong)number))])),
        // As older writers do: not packed.
        long number => Message(3, [8, .. Varint((ulong)number)]),
        _ => Message(3, [8, .. Varint((ulong)(int)value)]),
    };

    private static byte[] Message(int number, byte[] content) =>
        [(byte)((number << 3) | 2), .. Varint((ulong)content.Length), .. content];

    private static IEnumerable<byte> Varint(ulong number)
    {
        for (; number >= 0x80; number >>= 7) yield return (byte)(number | 0x80);
        yield return (byte)number;
    }

    // CRC-32C bit by bit, and LevelDB's mask.
    private static byte[] Masked(byte[] data)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in data)
        {
            crc ^= b;
            for (int i = 0; i < 8; i++) crc = (crc >> 1) ^ ((crc & 1) * 0x82F63B78);
        }

        crc = ~crc;
        var masked = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(masked, ((crc >> 15) | (crc << 17)) + 0xA282EAD8);
        return masked;
    }
}
