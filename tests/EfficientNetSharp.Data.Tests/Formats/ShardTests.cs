using EfficientNetSharp.Data.Formats;
using EfficientNetSharp.Data.Loading;

namespace EfficientNetSharp.Data.Tests.Formats;

public sealed class ShardTests
{
    [Fact]
    public void A_record_that_was_damaged_is_found_out_when_it_is_read()
    {
        using var folder = GoldenSet.Copy("tfrecords");
        string file = folder["train-00000-of-00003"];
        byte[] bytes = File.ReadAllBytes(file);
        // Within the first record's image.
        bytes[700] ^= 1;
        File.WriteAllBytes(file, bytes);
        var train = Datasets.Open(folder.Path).Train!;
        var buffer = new EncodedBuffer();
        DatasetChecks.AssertRefused(() => train.ReadEncoded(0, buffer), "train-00000-of-00003/0", "checksum");
        train.ReadEncoded(1, buffer);
    }

    [Fact]
    public void Shards_are_held_back_from_the_first_as_the_recipe_does()
    {
        string path = GoldenSet.PathOf("tfrecords");
        var splits = Datasets.OpenForTraining(path, new DatasetOptions { MinivalShards = 1 });
        Assert.Equal(["train-00000-of-00003/0", "train-00000-of-00003/1"], Enumerable.Range(0, 2).Select(splits.Validation.NameOf));
        Assert.Equal((4, 2, 2), (splits.Train.Count, splits.Validation.Count, splits.Test!.Count));
        DatasetChecks.AssertRefused(() => Datasets.OpenForTraining(path, new DatasetOptions { MinivalShards = 3 }), "found 3");
    }

    [Fact]
    public void Missing_shards_are_said()
    {
        using var folder = GoldenSet.Copy("tfrecords");
        File.Delete(folder["train-00001-of-00003"]);
        var parts = Datasets.Open(folder.Path);
        Assert.Contains(
            parts.Warnings,
            warning => warning.Contains("3 shards", StringComparison.Ordinal) && warning.Contains("only 2", StringComparison.Ordinal));
        Assert.Equal(3, parts.Train!.Count);
    }

    [Fact]
    public void Places_in_shards_follow_the_files()
    {
        var train = (IShardedDataset)Datasets.Open(GoldenSet.PathOf("tfrecords")).Train!;
        Assert.Equal([0, 0, 1, 1, 1, 2], Enumerable.Range(0, 6).Select(train.ShardOf));
        Assert.Equal([0, 1, 0, 1, 2, 0], Enumerable.Range(0, 6).Select(train.PlaceOf));
        Assert.True(train.HasShards);
        Assert.Equal(3, ShardShuffle.Of(train, 2)!.ShardCount);
        Assert.Throws<ArgumentOutOfRangeException>(() => train.ShardOf(6));
    }

    [Fact]
    public void Parquet_has_the_rows_that_arrow_wrote()
    {
        var parts = Datasets.Open(GoldenSet.PathOf("parquet"));
        Assert.Equal(["ant", "bee", "cat"], parts.Train!.Classes);
        // The row without a label is left out and counted; the one without an image is broken.
        Assert.Contains(parts.Warnings, warning => warning.Contains("1 rows without a label", StringComparison.Ordinal));
        Assert.Equal([2, 0, 1, 1, 0], Enumerable.Range(0, 5).Select(parts.Train.LabelOf));
        string?[] files = ["1.png", "2.png", "a, b.png", null, "5.png"];
        var buffer = new EncodedBuffer();
        for (int i = 0; i < files.Length; i++)
        {
            if (files[i] is { } file)
            {
                parts.Train.ReadEncoded(i, buffer);
                Assert.Equal(File.ReadAllBytes(GoldenSet.PathOf($"csv/pictures/{file}")), buffer.Bytes.ToArray());
            }
            else
            {
                DatasetChecks.AssertRefused(() => parts.Train.ReadEncoded(3, buffer), "without bytes");
            }
        }

        Assert.Equal("train-00000-of-00001.parquet/1/3", parts.Train.NameOf(4));
        Assert.Equal([0, 0, 1, 1, 1], Enumerable.Range(0, 5).Select(((IShardedDataset)parts.Train).ShardOf));
        Assert.Equal(1, Assert.Single(Enumerable.Range(0, parts.Validation!.Count).Select(parts.Validation.LabelOf)));
    }

    [Fact]
    public void Images_of_one_shard_can_be_read_by_many_threads_at_once()
    {
        foreach (string name in (string[])["tfrecords", "webdataset", "parquet", "cifar-10-batches-py"])
        {
            var train = Datasets.Open(GoldenSet.PathOf(name)).Train!;
            int[] readable = [.. Enumerable.Range(0, train.Count).Where(i => name != "parquet" || i != 3)];
            var alone = readable.Select(i => Read(train, i)).ToArray();
            Parallel.For(0, 400, i => Assert.Equal(alone[i % alone.Length], Read(train, readable[i % alone.Length])));
        }

        static byte[] Read(IImageDataset images, int index)
        {
            var buffer = new EncodedBuffer();
            images.ReadEncoded(index, buffer);
            return buffer.Bytes.ToArray();
        }
    }
}
