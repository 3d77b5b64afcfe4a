using EfficientNetSharp.Data.Formats;
using EfficientNetSharp.Data.Tests.Formats;
using static EfficientNetSharp.Data.Tests.DatasetChecks;

namespace EfficientNetSharp.Data.Tests;

/// <summary>What is set aside from the training part, and what judges at the end.</summary>
public sealed class DatasetSplitsTests
{
    [Fact]
    public void A_minival_is_taken_from_the_training_part_and_validation_becomes_the_judge()
    {
        using var folder = new TemporaryFolder().With([.. Files("train/", 10), "val/a/x.jpg", "val/b/y.jpg"]);
        var splits = Open(folder.Path, minival: 0.2);
        Assert.Equal((16, 4), (splits.Train.Count, splits.Validation.Count));
        Assert.Empty(Names(splits.Train).Intersect(Names(splits.Validation)));
        Assert.Equal([0, 0, 1, 1], Labels(splits.Validation));
        Assert.Equal(["a/x.jpg", "b/y.jpg"], Names(splits.Test!));
        Assert.Empty(splits.Warnings);
        // What is set aside depends on the names alone: it is the split that the training folder by itself has.
        using var bare = new TemporaryFolder().With(Files("", 10));
        Assert.Equal(Names(Open(bare.Path, validation: 0.2).Validation), Names(splits.Validation));
    }

    [Fact]
    public void With_a_minival_a_test_part_judges_and_the_validation_part_is_left_out()
    {
        using var folder = new TemporaryFolder().With(
            [.. Files("train/", 10), "val/a/x.jpg", "val/b/y.jpg", "test/a/t.jpg", "test/b/t.jpg"]);
        var splits = Open(folder.Path, minival: 0.2);
        Assert.Equal((16, 4), (splits.Train.Count, splits.Validation.Count));
        Assert.Equal(["a/t.jpg", "b/t.jpg"], Names(splits.Test!));
        Assert.Contains("left out", Assert.Single(splits.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void With_a_minival_and_a_test_part_nothing_else_is_set_aside()
    {
        using var folder = new TemporaryFolder().With([.. Files("train/", 10), "test/a/t.jpg", "test/b/t.jpg"]);
        var splits = Open(folder.Path, minival: 0.2);
        Assert.Equal((16, 4, 2), (splits.Train.Count, splits.Validation.Count, splits.Test!.Count));
    }

    [Fact]
    public void Where_nothing_judges_a_share_is_set_aside_for_that_before_the_minival()
    {
        using var folder = new TemporaryFolder().With(Files("", 10));
        var (splits, plain) = (Open(folder.Path, minival: 0.25), Open(folder.Path, validation: 0.2));
        Assert.Equal(Names(plain.Validation), Names(splits.Test!));
        Assert.Equal((12, 4, 4), (splits.Train.Count, splits.Validation.Count, splits.Test!.Count));
        Assert.Equal(Names(plain.Train).Order(), Names(splits.Train).Concat(Names(splits.Validation)).Order());
    }

    [Fact]
    public void Shards_are_set_aside_from_the_first_on_whatever_their_format()
    {
        foreach (string name in (string[])["tfrecords", "webdataset"])
        {
            var all = (IShardedDataset)Datasets.Open(GoldenSet.PathOf(name)).Train!;
            int first = Enumerable.Range(0, all.Count).Count(index => all.ShardOf(index) == 0);
            var splits = Datasets.OpenForTraining(GoldenSet.PathOf(name), new DatasetOptions { MinivalShards = 1 });
            Assert.Equal(Names(all)[..first], Names(splits.Validation));
            Assert.Equal(Names(all)[first..], Names(splits.Train));
        }
    }

    [Fact]
    public void What_cannot_be_set_aside_is_refused()
    {
        using var folder = new TemporaryFolder().With("train/a/1.jpg", "train/b/1.jpg", "val/a/1.jpg");
        AssertRefused(() => Open(folder.Path, minival: 0.2), "two images", "minival");
        AssertRefused(() => Open(folder.Path, minival: 1), "fraction");
        AssertRefused(() => Open(folder.Path, minival: -0.1), "fraction");
        AssertRefused(
            () => Datasets.OpenForTraining(folder.Path, new DatasetOptions { MinivalShards = 1 }), "shards", "files of their own");
        AssertRefused(() => Datasets.OpenForTraining(folder.Path, new DatasetOptions { MinivalShards = -1 }), "-1");
        AssertRefused(() => Datasets.OpenForTraining(folder.Path, new DatasetOptions { MinivalShards = 1, MinivalFraction = 0.1 }), "both");
    }

    private static DatasetSplits Open(string path, double validation = 0.2, double minival = 0) =>
        Datasets.OpenForTraining(path, new DatasetOptions { ValidationFraction = validation, MinivalFraction = minival, Seed = 3 });

    private static string[] Files(string prefix, int each) =>
        [.. Enumerable.Range(0, 2 * each).Select(i => $"{prefix}{(i < each ? "a" : "b")}/image {i}.jpg")];
}
