using System.Collections.Immutable;
using System.Text;
using EfficientNetSharp.Data.Folders;
using static EfficientNetSharp.Data.Tests.DatasetChecks;

namespace EfficientNetSharp.Data.Tests.Folders;

public sealed class ClassFolderDatasetTests
{
    [Fact]
    public void Classes_and_images_come_in_the_order_of_ImageFolder()
    {
        // What torchvision.datasets.ImageFolder lists for these files: folders as whole paths ("sub-b" before "sub/b"), names by
        // code point (UTF-16 units would put the rose before the wide exclamation mark).
        string[] expected =
        [
            "Zebra/x.png", "a/Z.jpg", "a/z.jpg", "a/é.jpg", "a/\uFF01.jpg", "a/\U0001F339.jpg", "a/sub/1.webp", "a/sub-b/1.bmp",
            "a/sub.x/1.jpg", "a/sub/b/1.bmp", "a b/c d.PNG", "b/10.jpg", "b/2.jpg", "ä/1.jpeg", "\uFF01/1.jpg", "\U0001F339/1.JPG",
        ];
        using var folder = new TemporaryFolder().With([.. expected.Reverse()]);
        var dataset = ClassFolderDataset.Open(folder.Path);
        Assert.Equal(["Zebra", "a", "a b", "b", "ä", "\uFF01", "\U0001F339"], dataset.Classes);
        Assert.Equal(expected, Names(dataset));
        Assert.Equal([0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 3, 3, 4, 5, 6], Labels(dataset));
    }

    [Fact]
    public void Odd_names_are_read()
    {
        string[] names = ["a b/c d.JPG", "a b/ü ñ 图.PnG", "a b/dots.in.name.jpeg", "a b/100% #1 [x] 'q' &.WEBP", "class.with.jpg/1.jpg"];
        using var folder = new TemporaryFolder().With(names);
        var dataset = ClassFolderDataset.Open(folder.Path);
        Assert.Equal(names.Order(StringComparer.Ordinal), Names(dataset).Order(StringComparer.Ordinal));
        var buffer = new EncodedBuffer();
        for (int i = 0; i < dataset.Count; i++)
        {
            dataset.ReadEncoded(i, buffer);
            Assert.Equal(dataset.NameOf(i), Encoding.UTF8.GetString(buffer.Bytes));
            Assert.Equal(buffer.Length, dataset.SizeOf(i));
        }
    }

    [Fact]
    public void Hidden_names_and_other_files_are_left_out_and_named()
    {
        using var folder = new TemporaryFolder().With(
            "a/1.jpg", "a/.hidden.jpg", "a/.cache/2.jpg", ".git/3.jpg", "a/notes.txt", "README.md", "a/deep/jpg", ".DS_Store",
            "a/Thumbs.db", "a/2.HEIC", "__MACOSX/a/._1.jpg", "@eaDir/a/1.jpg");
        var dataset = ClassFolderDataset.Open(folder.Path);
        Assert.Equal(["a/1.jpg"], Names(dataset));
        Assert.Equal(["a"], dataset.Classes);
        Assert.Equal(
            [
                (LeftOutReason.NotImage, "README.md a/deep/jpg a/notes.txt"), (LeftOutReason.OtherFormat, "a/2.HEIC"),
                (LeftOutReason.Hidden, ".DS_Store .git/ @eaDir/ __MACOSX/ a/.cache/ a/.hidden.jpg a/Thumbs.db"),
            ],
            dataset.LeftOut.Select(one => (one.Reason, string.Join(' ', one.Names.Order(StringComparer.Ordinal)))));
    }

    [Fact]
    public void A_class_folder_whose_name_ends_like_an_image_is_a_folder()
    {
        using var folder = new TemporaryFolder().With("a/1.jpg", "a/album.jpg/2.jpg");
        Assert.Equal(["a/1.jpg", "a/album.jpg/2.jpg"], Names(ClassFolderDataset.Open(folder.Path)));
    }

    [Fact]
    public void Links_are_followed_and_loops_end()
    {
        using var elsewhere = new TemporaryFolder().With("images/1.jpg");
        using var folder = new TemporaryFolder().With("a/1.jpg", "a/sub/2.jpg", "b/3.jpg");
        Directory.CreateSymbolicLink(folder["c"], elsewhere["images"]);
        Directory.CreateSymbolicLink(folder["a/sub/up"], folder["a"]);
        Directory.CreateSymbolicLink(folder["a/root"], folder.Path);
        Directory.CreateSymbolicLink(folder["a/twice"], "sub");
        Directory.CreateSymbolicLink(folder["d"], ".");
        Directory.CreateSymbolicLink(folder["e"], System.IO.Path.GetTempPath());
        File.CreateSymbolicLink(folder["b/link.jpg"], folder["a/1.jpg"]);
        var dataset = ClassFolderDataset.Open(folder.Path);
        Assert.Equal(["a", "b", "c"], dataset.Classes);
        Assert.Equal(["a/1.jpg", "a/sub/2.jpg", "b/3.jpg", "b/link.jpg", "c/1.jpg"], Names(dataset));
        Assert.Equal("a/1.jpg".Length, dataset.SizeOf(3));
    }

    [Fact]
    public void Two_links_to_each_other_end()
    {
        using var folder = new TemporaryFolder().With("a/x/1.jpg", "b/y/2.jpg");
        Directory.CreateSymbolicLink(folder["a/x/to-b"], "../../b");
        Directory.CreateSymbolicLink(folder["b/y/to-a"], "../../a");
        Assert.Equal(["a/x/1.jpg", "a/x/to-b/y/2.jpg", "b/y/2.jpg", "b/y/to-a/x/1.jpg"], Names(ClassFolderDataset.Open(folder.Path)));
    }

    [Fact]
    public void The_order_of_the_file_system_does_not_matter()
    {
        using var folder = new TemporaryFolder().With(
            [.. Enumerable.Range(0, 60).Select(i => $"{(char)('a' + (i % 3))}/{(i % 2 == 0 ? "s/" : "")}{i * 7919 % 101}.jpg")]);
        string[] expected = Names(ClassFolderDataset.Open(folder.Path));
        Gen.Int.Sample(
            seed =>
            {
                var random = new Random(seed);
                var shuffled = ClassFolderDataset.Open(
                    folder.Path, default, path => FolderListing.OfFileSystem(path).OrderBy(_ => random.Next()));
                Assert.Equal(expected, Names(shuffled));
            },
            iter: 20);
    }

    [Fact]
    public void A_known_class_list_gives_the_labels()
    {
        using var folder = new TemporaryFolder().With("cat/1.jpg", "dog/1.jpg").WithFolder("emu");
        var dataset = ClassFolderDataset.Open(folder.Path, ["dog", "emu", "fox", "cat"]);
        Assert.Equal(["dog", "emu", "fox", "cat"], dataset.Classes);
        Assert.Equal(["cat/1.jpg", "dog/1.jpg"], Names(dataset));
        Assert.Equal([3, 0], Labels(dataset));
    }

    [Fact]
    public void A_folder_outside_the_known_class_list_is_refused_by_name()
    {
        using var folder = new TemporaryFolder().With("cat/1.jpg", "wolf/1.jpg");
        AssertRefused(() => ClassFolderDataset.Open(folder.Path, ["cat", "dog"]), "'wolf'");
    }

    // As ImageNet's two cranes are.
    [Fact]
    public void Classes_of_one_name_are_refused_only_where_a_folder_means_one_of_them()
    {
        using var folder = new TemporaryFolder().With("cat/1.jpg");
        Assert.Equal([2], Labels(ClassFolderDataset.Open(folder.Path, ["crane", "crane", "cat"])));
        folder.With("crane/1.jpg");
        AssertRefused(() => ClassFolderDataset.Open(folder.Path, ["crane", "crane", "cat"]), "'crane'", "several of the 3");
    }

    [Fact]
    public void Wrong_layouts_are_refused_in_one_line_that_says_what_was_found()
    {
        using var none = new TemporaryFolder().With("notes.txt");
        AssertRefused(() => ClassFolderDataset.Open(none.Path), "no folder and 1 other file");
        using var flat = new TemporaryFolder().With("1.jpg", "2.jpg");
        AssertRefused(() => ClassFolderDataset.Open(flat.Path), "2 images outside any class folder ('1.jpg', '2.jpg') and no folder");
        using var mixed = new TemporaryFolder().With("1.JPG", "a/2.jpg");
        AssertRefused(() => ClassFolderDataset.Open(mixed.Path), "'1.JPG'", "beside 1 folder");
        using var empty = new TemporaryFolder().With("a/1.jpg", "b/notes.txt").WithFolder("c");
        AssertRefused(() => ClassFolderDataset.Open(empty.Path), "'b', 'c'", ".webp");
        AssertRefused(() => ClassFolderDataset.Open(empty["b"], ["x"]), "no folder");
        AssertRefused(() => ClassFolderDataset.Open(empty["gone"]), "found nothing");
        AssertRefused(() => ClassFolderDataset.Open(empty["a/1.jpg"]), "found a file");
    }

    [Fact]
    public void An_image_that_vanished_is_refused_by_name_and_has_no_size()
    {
        using var folder = new TemporaryFolder().With("a/1.jpg", "a/2.jpg");
        File.CreateSymbolicLink(folder["a/3.jpg"], "nowhere.jpg");
        var dataset = ClassFolderDataset.Open(folder.Path);
        File.Delete(folder["a/2.jpg"]);
        foreach (int index in new[] { 1, 2 })
        {
            Assert.Equal(-1, dataset.SizeOf(index));
            AssertRefused(() => dataset.ReadEncoded(index, new EncodedBuffer()), $"{index + 1}.jpg");
        }
    }

    [Fact]
    public void Indices_outside_the_dataset_are_the_callers_error()
    {
        using var folder = new TemporaryFolder().With("a/1.jpg");
        var dataset = ClassFolderDataset.Open(folder.Path);
        foreach (int index in new[] { -1, 1 })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => dataset.LabelOf(index));
            Assert.Throws<ArgumentOutOfRangeException>(() => dataset.NameOf(index));
            Assert.Throws<ArgumentOutOfRangeException>(() => dataset.SizeOf(index));
            Assert.Throws<ArgumentOutOfRangeException>(() => dataset.ReadEncoded(index, new EncodedBuffer()));
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => new SubsetDataset(dataset, [0, 1]));
        Assert.Throws<ArgumentException>(() => new InMemoryDataset(["a"], [new InMemoryImage("x", 1, default)]));
    }

    [Fact]
    public void A_subset_shows_the_images_chosen()
    {
        using var folder = new TemporaryFolder().With("a/1.jpg", "b/2.jpg", "b/3.jpg");
        var subset = new SubsetDataset(ClassFolderDataset.Open(folder.Path), [2, 0, 2]);
        var buffer = new EncodedBuffer();
        subset.ReadEncoded(0, buffer);
        Assert.Equal("b/3.jpg", Encoding.UTF8.GetString(buffer.Bytes));
        Assert.Equal(["b/3.jpg", "a/1.jpg", "b/3.jpg"], Names(subset));
        Assert.Equal([1, 0, 1], Labels(subset));
        Assert.Equal(["a", "b"], subset.Classes);
    }
}
