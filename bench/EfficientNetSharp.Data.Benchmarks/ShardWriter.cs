using System.Formats.Tar;
using System.Globalization;
using System.Text;
using EfficientNetSharp.Data;
using EfficientNetSharp.Formats.TensorFlow;

/// <summary>Writes the images of a dataset as shards, so that formats are compared over the same images.</summary>
internal static class ShardWriter
{
    private const int PerShard = 1250; // ImageNet has 1,281,167 images in 1024 shards.

    public static string Tar(IImageDataset images, string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var (shard, first, end) in Shards(images.Count))
        {
            using var tar = new TarWriter(File.Create(Path.Combine(folder, $"train-{shard:000000}.tar")), TarEntryFormat.Ustar);
            for (int i = first; i < end; i++)
            {
                Add(tar, $"{i:0000000}.jpg", Read(images, i));
                Add(tar, $"{i:0000000}.cls", Encoding.ASCII.GetBytes(images.LabelOf(i).ToString(CultureInfo.InvariantCulture)));
            }
        }

        return folder;
    }

    public static string TfRecords(IImageDataset images, string folder)
    {
        Directory.CreateDirectory(folder);
        int count = Shards(images.Count).Count();
        foreach (var (shard, first, end) in Shards(images.Count))
        {
            using var file = File.Create(Path.Combine(folder, $"train-{shard:00000}-of-{count:00000}"));
            for (int i = first; i < end; i++)
            {
                byte[] example = Field(
                    1,
                    [.. Field(1, Entry("image/class/label", Field(3, [8, (byte)(images.LabelOf(i) + 1)]))),
                    .. Field(1, Entry("image/encoded", Field(1, Field(1, Read(images, i)))))]);
                file.Write(RecordFraming.Frame(example));
            }
        }

        return folder;
    }

    private static IEnumerable<(int Shard, int First, int End)> Shards(int count) =>
        Enumerable.Range(0, (count + PerShard - 1) / PerShard)
            .Select(shard => (shard, shard * PerShard, Math.Min(count, (shard + 1) * PerShard)));

    private static byte[] Read(IImageDataset images, int index)
    {
        var buffer = new EncodedBuffer();
        images.ReadEncoded(index, buffer);
        return buffer.Bytes.ToArray();
    }

    private static void Add(TarWriter tar, string name, byte[] data) =>
        tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(data) });

    private static byte[] Entry(string key, byte[] value) => [.. Field(1, Encoding.ASCII.GetBytes(key)), .. Field(2, value)];

    // A length-delimited protobuf field.
    private static byte[] Field(int number, byte[] data)
    {
        var bytes = new List<byte> { (byte)((number << 3) | 2) };
        for (uint length = (uint)data.Length; ; length >>= 7)
        {
            bytes.Add((byte)(length < 128 ? length : length | 128));
            if (length < 128) break;
        }

        return [.. bytes, .. data];
    }
}
