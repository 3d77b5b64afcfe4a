using System.Buffers.Binary;
using EfficientNetSharp.Data.Formats;
using EfficientNetSharp.Data.Formats.Shards.RecordIo;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Data.Tests.Formats;

/// <summary>MXNet's RecordIO, as its own code frames it and as insightface and im2rec lay it out.</summary>
public sealed class RecordIoTests : IDisposable
{
    private static readonly byte[] Magic = [0x0a, 0x23, 0xd7, 0xce];

    private readonly string _root = Directory.CreateTempSubdirectory("recordio").FullName;

    private string Rec => Path.Combine(_root, "train.rec");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void A_payload_is_split_where_the_magic_lies_at_a_multiple_of_four()
    {
        using var stream = new MemoryStream();
        RecordIoFraming.Write(stream, [1, 2, 3, 4, .. Magic, 5, .. Magic, 6]);
        // dmlc-core's WriteRecord by hand: first part of 4 bytes, last of 6 with two zeros; the second magic is not aligned.
        Assert.Equal(
            [.. Magic, 4, 0, 0, 0x20, 1, 2, 3, 4, .. Magic, 6, 0, 0, 0x60, 5, .. Magic, 6, 0, 0],
            stream.ToArray());
    }

    [Fact]
    public void What_is_written_is_read_whatever_the_bytes()
    {
        Gen.Select(Gen.Int[0, 4].Array[0, 40], Gen.Int[0, 3]).Array[1, 6].Sample(records =>
        {
            string path = Path.Combine(_root, $"{Guid.NewGuid():N}.rec");
            byte[][] payloads = [.. records.Select(record => (byte[])[.. new byte[record.Item2], .. record.Item1.SelectMany(Word)])];
            using (var stream = File.Create(path))
            {
                foreach (byte[] payload in payloads) RecordIoFraming.Write(stream, payload);
            }

            using var file = InputFile.Open(path);
            long offset = 0;
            foreach (byte[] payload in payloads)
            {
                var (parts, next) = RecordIoFraming.Walk(file, offset);
                Assert.Equal(payload.Length, RecordIoFraming.LengthOf(parts));
                for (int skip = 0; skip <= payload.Length; skip += 3)
                {
                    var rest = new byte[payload.Length - skip];
                    Assert.Equal(rest.Length, RecordIoFraming.Read(file, parts, skip, rest));
                    Assert.Equal(payload[skip..], rest);
                }

                offset = next;
            }

            Assert.Equal(file.Length, offset);
        }, iter: 200);

        static byte[] Word(int kind) => kind switch { 0 => Magic, 1 => [0, 0, 0, 0], 2 => [0x0a, 0x23], 3 => Magic[1..], _ => [9, 8, 7, 6] };
    }

    [Fact]
    public void A_set_is_written_in_insightfaces_layout_and_read_again()
    {
        var images = Made(("ann", 3), ("bob", 1), ("empty", 0), ("eve", 2));
        RecordIoWriter.Write(images, Rec);
        Assert.Equal("3,112,112", File.ReadAllLines(Path.Combine(_root, "property"))[0]);
        string[] index = File.ReadAllLines(Path.Combine(_root, "train.idx"));
        Assert.Equal(Enumerable.Range(0, 10).Select(key => $"{key}"), index.Select(line => line.Split('\t')[0]));
        byte[] bytes = File.ReadAllBytes(Rec);
        // Record 0: flag 2, labels 7 and 10; the last identity's: images 5 up to 7.
        Assert.Equal([7f, 10f], Labels(bytes, 0));
        Assert.Equal([5f, 7f], Labels(bytes, int.Parse(index[9].Split('\t')[1], System.Globalization.CultureInfo.InvariantCulture)));

        var read = Datasets.Open(_root).Train!;
        Assert.Equal(["ann", "bob", "eve"], read.Classes);
        Assert.Equal([3, 1, 2], read.CountsOfClasses());
        AssertSame(images, read);

        foreach (string beside in new[] { "train.lst", "train.idx", "property" }) File.Delete(Path.Combine(_root, beside));
        read = Datasets.Open(Rec).Train!;
        Assert.Equal(["0", "1", "2"], read.Classes);
        AssertSame(images, read);
    }

    [Fact]
    public void Records_of_im2rec_are_all_images_the_first_too()
    {
        using (var stream = File.Create(Rec))
        {
            for (int i = 0; i < 5; i++) Put(stream, i, i % 2, [(byte)i, 1, 2]);
        }

        var read = Datasets.Open(_root).Train!;
        Assert.Equal(5, read.Count);
        Assert.Equal([3, 2], read.CountsOfClasses());
        Assert.Equal("train.rec/0", read.NameOf(0));
    }

    [Fact]
    public void Several_labels_stand_behind_the_header_and_the_first_counts()
    {
        using (var stream = File.Create(Rec))
        {
            for (int i = 0; i < 3; i++)
            {
                using var record = new MemoryStream();
                ImageRecord.Write(record, i, i, 77.5f, -3);
                record.Write([1, 2, 3]);
                RecordIoFraming.Write(stream, record.ToArray());
            }
        }

        var read = Datasets.Open(Rec).Train!;
        Assert.Equal([0, 1, 2], Enumerable.Range(0, 3).Select(read.LabelOf));
        Assert.Equal([1, 2, 3], Bytes(read, 2));
    }

    [Fact]
    public void A_first_record_whose_number_of_images_float_cannot_hold_does_not_bound_them()
    {
        // Glint360K's 17,091,658 images round to 17,091,658 ± 1; the keys are not counted by it.
        using (var stream = File.Create(Rec))
        {
            using var first = new MemoryStream();
            ImageRecord.Write(first, 0, 17_091_659f, 17_452_000f);
            RecordIoFraming.Write(stream, first.ToArray());
            for (int i = 1; i < 4; i++) Put(stream, i, 0, [1]);
        }

        var parts = Datasets.Open(Rec);
        Assert.Equal(3, parts.Train!.Count);
        Assert.Empty(parts.Warnings);
    }

    [Fact]
    public void What_is_damaged_or_contradicts_itself_is_said()
    {
        RecordIoWriter.Write(Made(("a", 2), ("b", 2)), Rec);
        byte[] whole = File.ReadAllBytes(Rec);
        Refused("cut off", () => File.WriteAllBytes(Rec, whole[..^12]));
        Refused("no record begins at byte 0", () => File.WriteAllBytes(Rec, [7, .. whole[1..]]));
        Refused("2015", () => File.WriteAllBytes(Rec, [.. whole[..3], 0x3e, .. whole[4..]]));
        Refused("does not follow", () => File.WriteAllBytes(Rec, [.. whole[..7], 0x60, .. whole[8..]]));
        Refused("too few for its header of 268435456 labels", () => File.WriteAllBytes(Rec, [.. whole[..8], 0, 0, 0, 0x10, .. whole[12..]]));
        Refused("none does in", () => File.AppendAllText(Path.Combine(_root, "train.idx"), "99\t17\n"));
        Refused("a key, a tab", () => File.AppendAllText(Path.Combine(_root, "train.idx"), "99 17\n"));
        Refused("says 1 classes", () => File.WriteAllText(Path.Combine(_root, "property"), "1,112,112\n"));
        foreach (float label in new[] { 0.5f, -1, float.NaN, 16_777_216 })
        {
            Refused(label > 1 ? "up to 16777216" : "the number of a class", () =>
            {
                using var stream = File.Create(Rec);
                Put(stream, 0, label, [1]);
                File.Delete(Path.Combine(_root, "train.idx"));
            });
        }

        void Refused(string expected, Action change)
        {
            RecordIoWriter.Write(Made(("a", 2), ("b", 2)), Rec);
            change();
            Assert.Contains(expected, Assert.Throws<InvalidInputException>(() => Datasets.Open(_root)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Images_that_the_index_does_not_name_are_left_out_and_told_of()
    {
        RecordIoWriter.Write(Made(("a", 3), ("b", 2)), Rec);
        string index = Path.Combine(_root, "train.idx");
        File.WriteAllLines(index, File.ReadAllLines(index).Where(line => !line.StartsWith("2\t", StringComparison.Ordinal)));
        var parts = Datasets.Open(_root);
        Assert.Equal(4, parts.Train!.Count);
        Assert.Contains(parts.Warnings, warning => warning.Contains("does not name 1 image", StringComparison.Ordinal));
    }

    [Fact]
    public void The_golden_set_is_read()
    {
        // Written by the same layout; the fuzz harness changes it.
        var parts = Datasets.Open(Path.Combine(AppContext.BaseDirectory, "Goldens", "recordio"));
        Assert.Equal(6, parts.Train!.Count);
        Assert.Equal(["circle", "square"], parts.Train.Classes);
        for (int i = 0; i < 6; i++) Assert.Equal(0x89, Bytes(parts.Train, i)[0]);
    }

    private static void Put(Stream stream, long id, float label, byte[] image)
    {
        using var record = new MemoryStream();
        ImageRecord.Write(record, id, label);
        record.Write(image);
        RecordIoFraming.Write(stream, record.ToArray());
    }

    private static float[] Labels(byte[] bytes, int offset) =>
        [BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(offset + 32)), BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(offset + 36))];

    private static InMemoryDataset Made(params (string Name, int Count)[] classes) => new(
        [.. classes.Select(one => one.Name)],
        classes.SelectMany((one, label) => Enumerable.Range(0, one.Count)
            .Select(i => new InMemoryImage($"{one.Name}/{i}.png", label, (byte[])[.. Magic, (byte)label, (byte)i, 0, 1, .. Magic]))).Reverse());

    private static void AssertSame(IImageDataset expected, IImageDataset found)
    {
        string[] Contents(IImageDataset images) =>
            [.. Enumerable.Range(0, images.Count).Select(i => Convert.ToHexString(Bytes(images, i))).Order(StringComparer.Ordinal)];
        Assert.Equal(Contents(expected), Contents(found));
    }

    private static byte[] Bytes(IImageDataset images, int index)
    {
        var buffer = new EncodedBuffer();
        images.ReadEncoded(index, buffer);
        return buffer.Bytes.ToArray();
    }
}
