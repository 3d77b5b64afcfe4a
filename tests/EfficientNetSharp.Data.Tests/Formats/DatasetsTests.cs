using EfficientNetSharp.Data.Formats;
using static EfficientNetSharp.Data.Tests.DatasetChecks;

namespace EfficientNetSharp.Data.Tests.Formats;

/// <summary>The door: plain folders for evaluation, lists in a folder, and images without labels.</summary>
public sealed class DatasetsTests
{
    [Fact]
    public void Evaluation_takes_a_folder_of_the_models_classes_as_it_is()
    {
        using var folder = new TemporaryFolder().With("dog/1.jpg", "cat/2.jpg", "cat/3.jpg");
        var (images, source) = Datasets.OpenForEvaluation(folder.Path, null, ["dog", "cat", "emu"]);
        Assert.Equal(["cat/2.jpg", "cat/3.jpg", "dog/1.jpg"], Names(images));
        Assert.Equal([1, 1, 0], Labels(images));
        Assert.Equal(folder.Path, source);
        AssertRefused(() => Datasets.OpenForEvaluation(folder.Path, null, ["emu"]), "1 classes (emu)", "val, test or train");
        AssertRefused(() => Datasets.OpenForEvaluation(folder.Path, null, ["dog"]), "'cat'");
        AssertRefused(() => Datasets.OpenForEvaluation(folder.Path, "test", ["dog", "cat"]), "'test'");
        AssertRefused(() => Datasets.OpenForEvaluation(folder.Path, "validation", ["dog", "cat"]), "val, test, train");
        AssertRefused(() => Datasets.OpenForEvaluation(folder["gone"], null, ["dog", "cat"]), "gone", "nothing");
    }

    [Fact]
    public void Evaluation_prefers_validation_then_test_and_looks_at_nothing_else()
    {
        // The training part has a class that the model does not know; nobody asked for it.
        using var folder = new TemporaryFolder().With(
            "train/stranger/1.jpg", "train/a/2.jpg", "Dev/a/3.jpg", "testing/b/4.jpg", "notes/x.txt");
        Assert.Equal(["a/3.jpg"], Names(Datasets.OpenForEvaluation(folder.Path, null, ["a", "b"]).Images));
        Assert.Equal(["b/4.jpg"], Names(Datasets.OpenForEvaluation(folder.Path, "test", ["a", "b"]).Images));
        AssertRefused(() => Datasets.OpenForEvaluation(folder.Path, "train", ["a", "b"]), "'stranger'");
        Directory.Delete(folder["train"], recursive: true);
        Directory.Delete(folder["Dev"], recursive: true);
        Assert.Equal(["b/4.jpg"], Names(Datasets.OpenForEvaluation(folder.Path, null, ["a", "b"]).Images));
    }

    [Fact]
    public void A_class_may_be_called_as_a_part_is()
    {
        using var folder = new TemporaryFolder().With("valid/1.jpg", "invalid/2.jpg", "val/3.jpg");
        Assert.Equal(3, Datasets.OpenForEvaluation(folder.Path, null, ["invalid", "val", "valid"]).Images.Count);
        var parts = Datasets.Open(folder.Path);
        Assert.Equal(["all"], parts.All.Select(part => part.Name));
        Assert.Equal(["invalid", "val", "valid"], parts.Train!.Classes);
    }

    [Fact]
    public void Parts_without_training_can_be_opened_and_evaluated()
    {
        using var folder = new TemporaryFolder().With("val/a/1.jpg", "val/b/2.jpg", "test/a/3.jpg", "test/b/4.jpg");
        Assert.Equal(["val", "test"], Datasets.Open(folder.Path).All.Select(part => part.Name));
        Assert.Equal(2, Datasets.OpenForEvaluation(folder.Path, null, ["a", "b"]).Images.Count);
    }

    [Fact]
    public void Images_beside_the_list_that_names_them_are_no_part_by_themselves()
    {
        using var folder = new TemporaryFolder().With("train/1.jpg", "train/2.jpg", "test/3.jpg");
        File.WriteAllText(folder["train.csv"], "path,label\ntrain/1.jpg,x\ntrain/2.jpg,y\n");
        File.WriteAllText(folder["valid.csv"], "path,label\ntest/3.jpg,x\n");
        var parts = Datasets.Open(folder.Path);
        Assert.Equal("CSV list", parts.Format);
        Assert.Equal([("train", 2), ("val", 1)], parts.All.Select(part => (part.Name, part.Images.Count)));
        File.WriteAllText(folder["val.csv"], "path,label\ntest/3.jpg,x\n");
        AssertRefused(() => Datasets.Open(folder.Path), "'val.csv', 'valid.csv'. Keep");
    }

    [Fact]
    public void Images_without_labels_are_found_in_files_and_below_folders()
    {
        using var folder = new TemporaryFolder().With(
            "b/2.JPG", "b/sub/1.png", "b/.hidden.jpg", "b/notes.txt", "b/10.jpg", "a.webp", "read.me");
        string[] found = [.. Datasets.FindImages([folder["read.me"], folder.Path])];
        // A file that is named is taken as it is; whether it is an image is seen when it is decoded.
        string[] expected = ["read.me", "a.webp", "b/10.jpg", "b/2.JPG", "b/sub/1.png"];
        Assert.Equal(expected.Select(name => folder[name]), found);
        using var none = new TemporaryFolder().With("notes.txt");
        AssertRefused(() => Datasets.FindImages([none.Path]), none.Path, ".webp");
        AssertRefused(() => Datasets.FindImages([none["gone"]]), "gone", "nothing");
    }
}
