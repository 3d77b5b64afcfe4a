using EfficientNetSharp.Data.Formats;
using static EfficientNetSharp.Data.Tests.DatasetChecks;

namespace EfficientNetSharp.Data.Tests.Folders;

/// <summary>Folders as people have them: parts in every spelling, wrappings, and classes that are called as parts are.</summary>
public sealed class FolderLayoutTests
{
    [Theory]
    [InlineData("training_set", "test_set")]
    [InlineData("Training", "Testing")]
    [InlineData("Train", "Test")]
    [InlineData("TRAIN", "VALIDATION")]
    [InlineData("training set", "validation set")]
    [InlineData("trainingSet", "testSet")]
    [InlineData("train_images", "val_images")]
    [InlineData("TrainData", "ValData")]
    [InlineData("train2017", "val2017")]
    [InlineData("seg_train", "seg_test")]
    [InlineData("asl_alphabet_train", "asl_alphabet_test")]
    [InlineData("dataset-train", "dataset-dev")]
    [InlineData("train", "holdout")]
    [InlineData("train", "hold-out")]
    [InlineData("trainset", "evalset")]
    public void Folders_are_parts_in_every_spelling(string train, string other)
    {
        string[] files = [$"{train}/a/1.jpg", $"{train}/b/2.jpg", $"{other}/a/3.jpg", $"{other}/b/4.jpg"];
        foreach (string wrapping in (string[])["", "archive/", "archive/data/"])
        {
            using var folder = new TemporaryFolder().With([.. files.Select(file => wrapping + file)]);
            var parts = Datasets.Open(folder.Path);
            Assert.Equal(["a/1.jpg", "b/2.jpg"], Names(parts.Train!));
            Assert.Equal(["a/3.jpg", "b/4.jpg"], Names(parts.Validation ?? parts.Test!));
            Assert.Empty(parts.Warnings);
            Assert.Equal(["a/3.jpg", "b/4.jpg"], Names(Datasets.OpenForEvaluation(folder.Path, null, ["b", "a", "c"]).Images));
        }

        // One folder in each part that is called as the part: the scenes of Intel's set.
        using var doubled = new TemporaryFolder().With(
            [.. files.Select(file => $"{file.Split('/')[0]}/{file}"), "seg_pred/seg_pred/9.jpg", "__MACOSX/a/1.jpg"]);
        var nested = Datasets.Open(doubled.Path);
        Assert.Equal(["a/1.jpg", "b/2.jpg"], Names(nested.Train!));
        Assert.Equal(
            [(LeftOutReason.Hidden, "__MACOSX"), (LeftOutReason.OtherFolder, "seg_pred")],
            nested.LeftOut.Select(one => (one.Reason, Assert.Single(one.Names))));
    }

    [Fact]
    public void Classes_called_as_parts_are_classes_where_images_lie_in_them()
    {
        using var vehicles = new TemporaryFolder().With("test/1.jpg", "train/2.jpg", "bus/3.jpg");
        var parts = Datasets.Open(vehicles.Path);
        Assert.Equal(["bus", "test", "train"], parts.Train!.Classes);
        Assert.Contains("'test', 'train'", Assert.Single(parts.Warnings), StringComparison.Ordinal);
        Assert.Equal(3, Datasets.OpenForEvaluation(vehicles.Path, null, ["train", "bus", "test"]).Images.Count);
        using var words = new TemporaryFolder().With(
            "freight train/1.jpg", "passenger train/2.jpg", "test tube/3.jpg", "training_shoes/4.jpg");
        Assert.Equal(4, Datasets.Open(words.Path).Train!.Classes.Length);
        Assert.Empty(Datasets.Open(words.Path).Warnings);
        // In parts, where one has a class of its own name.
        using var both = new TemporaryFolder().With("train/train/1.jpg", "train/bus/2.jpg", "val/train/3.jpg", "val/bus/4.jpg");
        Assert.Equal(["bus", "train"], Datasets.Open(both.Path).Train!.Classes);
        Assert.Equal(2, Datasets.OpenForEvaluation(both.Path, null, ["train", "bus"]).Images.Count);
    }

    [Fact]
    public void What_could_be_parts_or_classes_is_refused()
    {
        using var steam = new TemporaryFolder().With("train/steam/1.jpg", "train/diesel/2.jpg", "bus/3.jpg", "car/4.jpg");
        AssertRefused(() => Datasets.Open(steam.Path), "'train' with folders", "'bus', 'car'", "name");
        using var flat = new TemporaryFolder().With("train/1.jpg", "test/2.jpg");
        AssertRefused(() => Datasets.Open(flat.Path), "outside any class folder", "train");
        using var images = new TemporaryFolder().With("images/1.jpg", "images/2.jpg");
        AssertRefused(() => Datasets.Open(images.Path), "'images'", "list");
        using var wrapped = new TemporaryFolder().With("train/images/1.jpg", "val/images/2.jpg");
        AssertRefused(() => Datasets.Open(wrapped.Path), "'images'");
        using var pieces = new TemporaryFolder().With("HAM10000_images_part_1/1.jpg", "HAM10000_images_part_2/2.jpg");
        AssertRefused(() => Datasets.Open(pieces.Path), "'HAM10000_images_part_1'", "list");
        File.WriteAllText(pieces["metadata of lesions.csv"], "lesion,image_id,dx\na,1,nv\nb,2,mel\n");
        Assert.Equal(["mel", "nv"], Datasets.Open(pieces.Path).Train!.Classes);
        using var numbered = new TemporaryFolder().With("class_1/1.jpg", "class_2/2.jpg", "3/3.jpg");
        Assert.Equal(3, Datasets.Open(numbered.Path).Train!.Classes.Length);
        using var twice = new TemporaryFolder().With("train/a/1.jpg", "training_set/a/1.jpg");
        AssertRefused(() => Datasets.Open(twice.Path), "'train', 'training_set'. Keep");
    }

    [Fact]
    public void A_test_part_without_class_folders_is_left_out_in_every_wrapping()
    {
        foreach (string test in (string[])["test/1.jpg", "test/test/1.jpg", "test/images/1.jpg"])
        {
            using var folder = new TemporaryFolder().With("train/train/a/1.jpg", "train/train/b/1.jpg", test);
            var parts = Datasets.Open(folder.Path);
            Assert.Null(parts.Test);
            Assert.Contains("no labels", Assert.Single(parts.Warnings), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Spellings_of_a_class_in_other_parts_are_matched_and_said()
    {
        using var folder = new TemporaryFolder().With("train/Cat/1.jpg", "train/dog/2.jpg", "test/cat /3.jpg", "test/DOG/4.jpg");
        var parts = Datasets.Open(folder.Path);
        Assert.Equal([1, 0], Labels(parts.Test!));
        Assert.Equal(2, parts.Warnings.Count(warning => warning.Contains("taken for the class", StringComparison.Ordinal)));
        Assert.Equal([1, 0], Labels(Datasets.OpenForEvaluation(folder.Path, "test", ["Cat", "dog"]).Images));
        folder.With("test/Cat/5.jpg");
        AssertRefused(() => Datasets.Open(folder.Path), "'cat '");
        using var blanks = new TemporaryFolder().With("cat/1.jpg", "cat /2.jpg");
        AssertRefused(() => Datasets.Open(blanks.Path), "'cat', 'cat '", "blanks");
        using var strange = new TemporaryFolder().With("train/cat/1.jpg", "test/cat/2.jpg", "test/emu/3.jpg");
        AssertRefused(() => Datasets.Open(strange.Path), "'emu'", "test");
    }

    [Fact]
    public void What_is_left_out_is_named_with_its_reason_in_every_part()
    {
        using var folder = new TemporaryFolder().With(
            "train/a/1.jpg", "train/a/5.jpg", "train/a/2.heic", "train/a/3.TIF", "train/a/notes.txt", "train/a/._1.jpg",
            "train/.ipynb_checkpoints/x.jpg",
            "test/a/4.jpg", "test/a/Thumbs.db", "loose.jpg", "README.md");
        (LeftOutReason, string)[] expected =
        [
            (LeftOutReason.NotImage, "README.md train/a/notes.txt"), (LeftOutReason.OtherFormat, "train/a/2.heic train/a/3.TIF"),
            (LeftOutReason.Hidden, "test/a/Thumbs.db train/.ipynb_checkpoints/ train/a/._1.jpg"), (LeftOutReason.Unlabelled, "loose.jpg"),
        ];
        Assert.Equal(expected, Described(Datasets.Open(folder.Path).LeftOut));
        Assert.Equal(expected, Described(Datasets.OpenForTraining(folder.Path).LeftOut));
        var test = Datasets.OpenForEvaluation(folder.Path, "test", ["a"]);
        Assert.Equal([(LeftOutReason.Hidden, "a/Thumbs.db")], Described(test.LeftOut));
        Assert.Contains("'a/Thumbs.db'", Assert.Single(test.Warnings), StringComparison.Ordinal);
        Assert.Equal(3, Datasets.FindImages([folder["train"], folder["test"]], out var leftOut).Length);
        Assert.Equal(
            [LeftOutReason.NotImage, LeftOutReason.OtherFormat, LeftOutReason.Hidden], leftOut.Select(one => one.Reason));
        Assert.Equal(folder["train/a/2.heic"], leftOut[1].Names[0]);

        static IEnumerable<(LeftOutReason, string)> Described(IEnumerable<LeftOut> all) =>
            all.Select(one => (one.Reason, string.Join(' ', one.Names.Order(StringComparer.Ordinal))));
    }

    [Fact]
    public void A_folder_with_nothing_but_other_formats_says_so()
    {
        using var folder = new TemporaryFolder().With("a/1.jpg", "b/1.heic", "b/2.heic");
        AssertRefused(() => Datasets.Open(folder.Path), "'b'", "2 images of formats that are not read (.heic)");
        AssertRefused(() => Datasets.FindImages([folder["b"]]), ".heic");
    }
}
