using EfficientNetSharp.Data.Folders;
using EfficientNetSharp.Data.Formats;
using static EfficientNetSharp.Data.Tests.DatasetChecks;

namespace EfficientNetSharp.Data.Tests.Formats;

public sealed class ClassFoldersTests
{
    [Theory]
    [InlineData("train", "val", "test")]
    [InlineData("train", "validation", "test")]
    [InlineData("Train", "VALID", "Test")]
    public void Parts_are_recognised_by_their_names(string train, string validation, string test)
    {
        using var folder = new TemporaryFolder().With(
            $"{train}/a/1.jpg", $"{train}/b/2.jpg", $"{validation}/a/3.jpg", $"{validation}/b/4.jpg", $"{test}/b/5.jpg");
        var splits = Open(folder.Path, 0.5, 0);
        Assert.Equal(["a/1.jpg", "b/2.jpg"], Names(splits.Train));
        Assert.Equal(["a/3.jpg", "b/4.jpg"], Names(splits.Validation));
        Assert.Equal(["b/5.jpg"], Names(splits.Test!));
        Assert.Equal([1], Labels(splits.Test!));
        Assert.Contains("'a'", Assert.Single(splits.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Class_folders_alone_are_split()
    {
        using var folder = new TemporaryFolder().With([.. Files("", 10), "readme.txt"]);
        var splits = Open(folder.Path, 0.2, 3);
        Assert.Equal((16, 4), (splits.Train.Count, splits.Validation.Count));
        Assert.Equal([0, 0, 1, 1], Labels(splits.Validation));
        Assert.Equal(["a", "b"], splits.Validation.Classes);
        Assert.Null(splits.Test);
        Assert.Contains("1 file", Assert.Single(splits.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_train_folder_alone_is_split_as_the_same_folders_would_be()
    {
        using var bare = new TemporaryFolder().With(Files("", 10));
        using var train = new TemporaryFolder().With([.. Files("train/", 10), "test/a/x.jpg", "test/b/y.jpg"]);
        var (expected, actual) = (Open(bare.Path, 0.3, 11), Open(train.Path, 0.3, 11));
        Assert.Equal(Names(expected.Validation), Names(actual.Validation));
        Assert.Equal(Names(expected.Train), Names(actual.Train));
        Assert.Equal(2, actual.Test!.Count);
        Assert.Empty(actual.Warnings);
    }

    [Fact]
    public void The_split_does_not_depend_on_the_order_of_the_file_system()
    {
        using var folder = new TemporaryFolder().With(Files("", 25));
        var expected = Open(folder.Path, 0.37, 2);
        var actual = DatasetSplits.Of(
            new ClassFolders(path => FolderListing.OfFileSystem(path).Reverse()).TryOpen(folder.Path)!,
            new DatasetOptions { ValidationFraction = 0.37, Seed = 2 });
        Assert.Equal(Names(expected.Train), Names(actual.Train));
        Assert.Equal(Names(expected.Validation), Names(actual.Validation));
    }

    [Theory]
    [InlineData("val")]
    [InlineData("test")]
    public void A_class_that_training_lacks_is_refused_by_name(string part)
    {
        using var folder = new TemporaryFolder().With("train/a/1.jpg", $"{part}/a/1.jpg", $"{part}/stranger/2.jpg");
        AssertRefused(() => Open(folder.Path, 0.2, 0), "'stranger'", part);
    }

    [Fact]
    public void A_class_that_validation_lacks_is_reported()
    {
        using var folder = new TemporaryFolder().With("train/a/1.jpg", "train/b/1.jpg", "train/c/1.jpg", "val/c/2.jpg").WithFolder("val/b");
        var splits = Open(folder.Path, 0.2, 0);
        Assert.Equal([2], Labels(splits.Validation));
        string warning = Assert.Single(splits.Warnings);
        Assert.Contains("'a', 'b'", warning, StringComparison.Ordinal);
    }

    [Fact]
    public void A_class_of_one_image_stays_in_training_and_is_reported()
    {
        using var folder = new TemporaryFolder().With("a/1.jpg", "a/2.jpg", "lonely/1.jpg");
        var splits = Open(folder.Path, 0.5, 0);
        Assert.Contains("lonely/1.jpg", Names(splits.Train));
        Assert.Contains("'lonely'", Assert.Single(splits.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_to_set_aside_is_refused()
    {
        using var folder = new TemporaryFolder().With("a/1.jpg", "b/1.jpg");
        AssertRefused(() => Open(folder.Path, 0.5, 0), "two images");
    }

    [Fact]
    public void Words_that_are_classes_are_taken_for_classes()
    {
        using var verdicts = new TemporaryFolder().With("valid/1.jpg", "valid/2.jpg", "invalid/1.jpg", "invalid/2.jpg");
        Assert.Equal(["invalid", "valid"], Open(verdicts.Path, 0.5, 0).Train.Classes);
        using var vehicles = new TemporaryFolder().With("car/1.jpg", "car/2.jpg", "train/1.jpg", "train/2.jpg");
        Assert.Equal(["car", "train"], Open(vehicles.Path, 0.5, 0).Train.Classes);
    }

    [Fact]
    public void Parts_without_training_are_refused()
    {
        using var folder = new TemporaryFolder().With("val/a/1.jpg", "test/a/1.jpg");
        AssertRefused(() => Open(folder.Path, 0.5, 0), "'train'", "'val'");
    }

    [Fact]
    public void Two_validation_folders_are_refused()
    {
        using var folder = new TemporaryFolder().With("train/a/1.jpg", "val/a/1.jpg", "valid/a/1.jpg");
        AssertRefused(() => Open(folder.Path, 0.5, 0), "'val', 'valid'. Keep");
    }

    [Fact]
    public void Test_images_without_labels_and_other_folders_are_left_out_and_reported()
    {
        using var folder = new TemporaryFolder().With("train/a/1.jpg", "val/a/1.jpg", "test/1.jpg", "unlabelled/2.jpg");
        var splits = Open(folder.Path, 0.5, 0);
        Assert.Null(splits.Test);
        Assert.Equal(2, splits.Warnings.Length);
        Assert.Contains(splits.Warnings, warning => warning.Contains("'unlabelled'", StringComparison.Ordinal));
        Assert.Contains(splits.Warnings, warning => warning.Contains("no labels", StringComparison.Ordinal));
    }

    [Fact]
    public void Images_directly_in_train_are_refused()
    {
        using var folder = new TemporaryFolder().With("train/1.jpg", "val/a/1.jpg");
        AssertRefused(() => Open(folder.Path, 0.5, 0), "outside any class folder", "train");
    }

    [Fact]
    public void A_path_that_is_no_folder_is_refused()
    {
        using var folder = new TemporaryFolder().With("train/a/1.jpg");
        AssertRefused(() => Open(folder["nowhere"], 0.5, 0), "nowhere");
        AssertRefused(() => Open(folder.Path, 1.5, 0), "fraction", "1.5");
    }

    private static DatasetSplits Open(string path, double validationFraction, ulong seed) =>
        Datasets.OpenForTraining(path, new DatasetOptions { ValidationFraction = validationFraction, Seed = seed });

    private static string[] Files(string prefix, int each) =>
        [.. Enumerable.Range(0, 2 * each).Select(i => $"{prefix}{(i < each ? "a" : "b")}/image {i}.jpg")];
}
