using EfficientNetSharp.Data.Formats;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Data.Tests.Formats;

/// <summary>Every format, as its true files lie.</summary>
public sealed class FormatTests
{
    public static TheoryData<string> Sets => [.. GoldenSet.Names];

    [Theory]
    [MemberData(nameof(Sets))]
    public void A_set_has_the_parts_classes_names_labels_and_images_that_were_written(string name) =>
        GoldenSet.AssertEqual(name, Datasets.Open(GoldenSet.PathOf(name)));

    [Theory]
    [InlineData("cifar-10-batches-py")]
    [InlineData("cifar-100-binary")]
    [InlineData("flowers-102")]
    [InlineData("oxford-iiit-pet")]
    [InlineData("food-101")]
    [InlineData("fgvc-aircraft-2013b")]
    [InlineData("birdsnap")]
    [InlineData("stanford_cars")]
    public void The_folder_that_an_archive_was_unpacked_in_will_do(string name)
    {
        using var folder = new TemporaryFolder();
        Directory.CreateSymbolicLink(folder[name], GoldenSet.PathOf(name));
        var parts = Datasets.Open(folder.Path);
        Assert.Equal(Datasets.Open(GoldenSet.PathOf(name)).Train!.Count, parts.Train!.Count);
    }

    [Fact]
    public void Both_versions_of_cifar_are_the_same_dataset()
    {
        foreach (string number in new[] { "10", "100" })
        {
            var binary = Datasets.Open(GoldenSet.PathOf(number == "10" ? "cifar-10-batches-bin" : "cifar-100-binary"));
            var python = Datasets.Open(GoldenSet.PathOf(number == "10" ? "cifar-10-batches-py" : "cifar-100-python"));
            Assert.Equal(DatasetFingerprint.Of(binary.Train!), DatasetFingerprint.Of(python.Train!));
            Assert.Equal(DatasetFingerprint.Of(binary.Test!), DatasetFingerprint.Of(python.Test!));
        }
    }

    [Fact]
    public void A_set_that_is_not_of_the_published_size_is_said_so()
    {
        var parts = Datasets.Open(GoldenSet.PathOf("oxford-iiit-pet"));
        Assert.Equal(PublishedDatasets.Pets, parts.Published);
        Assert.Contains(
            parts.Warnings,
            warning => warning.Contains("3680", StringComparison.Ordinal) && warning.Contains("found 5", StringComparison.Ordinal));
        Assert.Contains(parts.Warnings, warning => warning.Contains("3669", StringComparison.Ordinal));
    }

    [Fact]
    public void A_set_of_the_published_size_is_not_warned_of()
    {
        // CIFAR-10's files at their full length, of zeros: holes take no room on the disk.
        using var folder = new TemporaryFolder();
        File.WriteAllLines(folder["batches.meta.txt"], Enumerable.Range(0, 10).Select(i => $"class {i}"));
        foreach (string name in (string[])["data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch"])
        {
            using var file = File.Create(folder[name + ".bin"]);
            file.SetLength(10_000L * 3073);
        }

        var parts = Datasets.Open(folder.Path);
        Assert.Empty(parts.Warnings);
        Assert.Equal((50_000, 10_000), (parts.Train!.Count, parts.Test!.Count));
        Assert.Equal("data_batch_3/9999", parts.Train.NameOf(29_999));
    }

    [Fact]
    public void Images_that_a_list_names_and_that_are_gone_are_left_out_and_counted()
    {
        using var folder = GoldenSet.Copy("food-101");
        File.Delete(folder["images/waffles/100.jpg"]);
        var parts = Datasets.Open(folder.Path);
        Assert.Equal(4, parts.Train!.Count);
        Assert.Contains(
            parts.Warnings,
            warning => warning.Contains("1 of 5", StringComparison.Ordinal)
                && warning.Contains("images/waffles/100.jpg", StringComparison.Ordinal));
        Directory.Delete(folder["images"], recursive: true);
        Directory.CreateDirectory(folder["images"]);
        DatasetChecks.AssertRefused(() => Datasets.Open(folder.Path), "meta/train.txt", "none of its 5");
    }

    [Theory]
    [InlineData("food-101", "meta/train.txt", "soup/1\n", "soup")]
    [InlineData("food-101", "meta/train.txt", "waffles/../../../1\n", "leads out")]
    [InlineData("oxford-iiit-pet", "annotations/test.txt", "Abyssinian_1 38 1 1\n", "38")]
    [InlineData("oxford-iiit-pet", "annotations/test.txt", "Abyssinian_1\n", "Abyssinian_1")]
    [InlineData("fgvc-aircraft-2013b", "data/images_variant_val.txt", "1025794 Airship\n", "Airship")]
    [InlineData("birdsnap", "images.txt", "a\tb\n", "header")]
    [InlineData("cifar-10-batches-bin", "data_batch_2.bin", "short", "3073")]
    [InlineData("cifar-10-batches-py", "test_batch", "\u0080\u0002cos\nsystem\n", "os.system")]
    [InlineData("flowers-102", "setid.mat", "MATLAB 7.3 MAT-file", "7.3")]
    [InlineData("flowers-102", "imagelabels.mat", "no mat file", "level 5")]
    [InlineData("imagenet-devkit", "ILSVRC2012_devkit_t12/data/ILSVRC2012_validation_ground_truth.txt", "1\n77\n", "77")]
    [InlineData("imagenet-kaggle", "LOC_val_solution.csv", "ImageId,PredictionString\nx,y\n", "x,y")]
    [InlineData("tfrecords", "train-00001-of-00003", "0123456789abcdef", "checksum")]
    [InlineData("webdataset", "set-train-000001.tar", "no archive, but longer than a block would be?", "tar archive")]
    [InlineData("csv", "train.csv", "path,label\n\"images/1.png,cat\n", "quote")]
    [InlineData("csv", "train.csv", "path,label,split\nimages/1.png,cat,maybe\n", "maybe")]
    public void A_damaged_file_is_named_with_what_is_wrong(string set, string file, string contents, string said)
    {
        using var folder = GoldenSet.Copy(set);
        File.WriteAllBytes(
            folder[file],
            System.Text.Encoding.Latin1.GetBytes(
            contents.PadRight(contents.StartsWith("no archive", StringComparison.Ordinal) ? 600 : 0, 'x')));
        DatasetChecks.AssertRefused(() => Datasets.Open(folder.Path), Path.GetFileName(file), said);
    }

    [Fact]
    public void Truncated_files_are_refused_and_never_hang()
    {
        string[] files =
        [
            "cifar-10-batches-py/test_batch", "flowers-102/setid.mat", "cars-whole/cars_annos.mat", "tfrecords/validation-00000-of-00001",
            "webdataset/set-val-000000.tar", "parquet/data/validation-00000-of-00001.parquet",
        ];
        foreach (string name in files)
        {
            byte[] whole = File.ReadAllBytes(GoldenSet.PathOf(name));
            string set = name.Split('/')[0];
            using var folder = GoldenSet.Copy(set);
            for (int cut = 1; cut < whole.Length; cut += Math.Max(1, whole.Length / 41))
            {
                File.WriteAllBytes(folder[name[(set.Length + 1)..]], whole[..cut]);
                // A tar cut between members and a record cut at its end are whole files of fewer images.
                if (Record.Exception(() => Datasets.Open(folder.Path)) is { } failure) Assert.IsType<InvalidInputException>(failure);
            }
        }
    }

    [Fact]
    public void Files_with_a_wrong_byte_are_read_or_refused_and_nothing_else()
    {
        var random = new SeededRandom(11);
        string[] files =
        [
            "cifar-10-batches-py/batches.meta", "cifar-10-batches-py/test_batch", "flowers-102/setid.mat",
            "stanford_cars/devkit/cars_train_annos.mat", "tfrecords/train-00001-of-00003", "webdataset/set-train-000001.tar",
            "parquet/data/train-00000-of-00001.parquet",
        ];
        foreach (string name in files)
        {
            byte[] whole = File.ReadAllBytes(GoldenSet.PathOf(name));
            string set = name.Split('/')[0];
            using var folder = GoldenSet.Copy(set);
            for (int i = 0; i < 60; i++)
            {
                // The first and last kilobyte hold what describes the rest.
                int at = i % 2 == 0
                    ? random.NextInt(Math.Min(1000, whole.Length))
                    : whole.Length - 1 - random.NextInt(Math.Min(1000, whole.Length));
                byte[] damaged = [.. whole];
                damaged[at] ^= (byte)(1 << random.NextInt(8));
                File.WriteAllBytes(folder[name[(set.Length + 1)..]], damaged);
                if (Record.Exception(() => ReadAll(folder.Path)) is { } failure)
                    Assert.True(failure is InvalidInputException, $"{name}, byte {at}: {failure}");
            }
        }

        static void ReadAll(string path)
        {
            var buffer = new EncodedBuffer();
            foreach (var (_, images) in Datasets.Open(path).All)
            {
                for (int i = 0; i < images.Count; i++) images.ReadEncoded(i, buffer);
            }
        }
    }

    [Fact]
    public void Plain_folders_stay_what_they_are()
    {
        using var folder = new TemporaryFolder().With(
            "train/a/1.jpg", "train/b/1.jpg", "val/a/2.jpg", "labels.csv", "train.csv", "left.tar");
        Assert.Equal("folders of images, in parts", Datasets.Open(folder.Path).Format);
        Assert.Equal(2, Datasets.OpenForTraining(folder.Path).Train.Count);
        using var classes = new TemporaryFolder().With("a/1.jpg", "a/2.jpg", "b/1.jpg", "b/2.jpg");
        Assert.Equal("folders of images", Datasets.Open(classes.Path).Format);
        DatasetChecks.AssertRefused(() => Datasets.Open(classes["a/1.jpg"]), "a/1.jpg");
        DatasetChecks.AssertRefused(() => Datasets.Open(classes["nowhere"]), "nowhere");
    }

    [Fact]
    public void A_validation_part_is_split_off_where_there_is_none_and_kept_where_there_is()
    {
        var pets = Datasets.OpenForTraining(GoldenSet.PathOf("oxford-iiit-pet"), new DatasetOptions { ValidationFraction = 0.5 });
        Assert.Equal((3, 2, 2), (pets.Train.Count, pets.Validation.Count, pets.Test!.Count));
        Assert.Equal("Oxford-IIIT Pet", pets.Format);
        var flowers = Datasets.OpenForTraining(GoldenSet.PathOf("flowers-102"));
        Assert.Equal((2, 1, 3), (flowers.Train.Count, flowers.Validation.Count, flowers.Test!.Count));
        DatasetChecks.AssertRefused(
            () => Datasets.OpenForTraining(GoldenSet.PathOf("flowers-102"), new DatasetOptions { ValidationFraction = 1 }), "fraction");
    }

    [Fact]
    public void Evaluation_takes_a_part_of_any_set_by_the_models_classes()
    {
        string path = GoldenSet.PathOf("food-101");
        var test = Datasets.OpenForEvaluation(path, null, ["waffles", "other", "apple_pie", "baby_back_ribs"]).Images;
        Assert.Equal([2, 0], Enumerable.Range(0, test.Count).Select(test.LabelOf));
        Assert.Equal(5, Datasets.OpenForEvaluation(path, "train", ["apple_pie", "baby_back_ribs", "waffles"]).Images.Count);
        DatasetChecks.AssertRefused(() => Datasets.OpenForEvaluation(path, "val", ["apple_pie"]), "'val'", "train, test");
        DatasetChecks.AssertRefused(() => Datasets.OpenForEvaluation(path, null, ["apple_pie"]), "waffles");
        // Weights call ImageNet's classes by words, the set by WordNet ids.
        Assert.Equal(
            [0, 2, 1, 2],
            Labels(Datasets.OpenForEvaluation(GoldenSet.PathOf("imagenet-devkit"), "val", ["tench", "goldfish", "kit fox"]).Images));

        static IEnumerable<int> Labels(IImageDataset images) => Enumerable.Range(0, images.Count).Select(images.LabelOf);
    }

    [Fact]
    public void Imagenets_validation_part_alone_can_be_evaluated_on()
    {
        using var folder = GoldenSet.Copy("imagenet-devkit");
        Directory.Delete(folder["train"], recursive: true);
        var parts = Datasets.Open(folder.Path);
        Assert.Null(parts.Train);
        Assert.Equal(["n01440764", "n01443537", "n02119789"], parts.Validation!.Classes);
        DatasetChecks.AssertRefused(() => Datasets.OpenForTraining(folder.Path), "train");

        using var kaggle = GoldenSet.Copy("imagenet-kaggle");
        Directory.Delete(kaggle["ILSVRC/Data/CLS-LOC/train"], recursive: true);
        File.WriteAllText(
            kaggle["LOC_synset_mapping.txt"],
            "n01440764 tench, Tinca tinca\nn01443537 goldfish\nn01484850 great white shark\nn02119789 kit fox\n");
        var validation = Datasets.Open(kaggle.Path).Validation!;
        Assert.Equal(["n01440764", "n01443537", "n01484850", "n02119789"], validation.Classes);
        Assert.Equal([0, 3, 1, 3], Enumerable.Range(0, 4).Select(validation.LabelOf));
    }

    [Fact]
    public void The_published_sizes_are_those_of_the_paper()
    {
        // Table 6: train (with validation where there is one), test, classes. The paper prints 3369 for Pets' 3669 test images.
        (string, int, int, int)[] table =
        [
            ("cifar10", 50000, 10000, 10), ("cifar100", 50000, 10000, 100), ("birdsnap", 47386, 2443, 500), ("cars", 8144, 8041, 196),
            ("flowers102", 2040, 6149, 102), ("aircraft", 6667, 3333, 100), ("pets", 3680, 3669, 37), ("food101", 75750, 25250, 101),
        ];
        Assert.Equal(
            table,
            PublishedDatasets.All.Skip(1).Select(set => (set.Name, set.Train + (set.Validation ?? 0), set.Test!.Value, set.Classes)));
        Assert.Equal(PublishedDatasets.Cifar100, PublishedDatasets.Get("CIFAR-100"));
        DatasetChecks.AssertRefused(() => PublishedDatasets.Get("mnist"), "mnist", "cifar10");
    }
}
