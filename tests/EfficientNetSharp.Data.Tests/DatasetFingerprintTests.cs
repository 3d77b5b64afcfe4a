using EfficientNetSharp.Data.Folders;

namespace EfficientNetSharp.Data.Tests;

public sealed class DatasetFingerprintTests
{
    private static readonly InMemoryImage[] Images =
    [
        new("tülip/a b.JPG", 1, new byte[5]), new("rose/1.png", 0, new byte[3]), new("rose/\U0001F339.png", 0, default),
    ];

    [Fact]
    public void It_is_the_published_formula()
    {
        // From Python's hashlib and struct over the same description.
        Assert.Equal(
            "59f21994a77f0d6da1ec7022ba821587edb80a3abbdbd4e0b8a4efd5a151ed36",
            DatasetFingerprint.Of(new InMemoryDataset(["rose", "tülip"], Images)));
    }

    [Fact]
    public void The_order_of_the_images_does_not_matter_and_everything_else_does()
    {
        string expected = DatasetFingerprint.Of(new InMemoryDataset(["rose", "tülip"], Images));
        Assert.Equal(expected, DatasetFingerprint.Of(new InMemoryDataset(["rose", "tülip"], Images.Reverse())));
        InMemoryImage[][] others =
        [
            [.. Images[..2]],
            [Images[0] with { Label = 0 }, .. Images[1..]],
            [Images[0] with { Name = "tülip/a c.JPG" }, .. Images[1..]],
            [Images[0] with { Encoded = new byte[6] }, .. Images[1..]],
        ];
        foreach (var other in others) Assert.NotEqual(expected, DatasetFingerprint.Of(new InMemoryDataset(["rose", "tülip"], other)));
        Assert.NotEqual(expected, DatasetFingerprint.Of(new InMemoryDataset(["rose", "tulip"], Images)));
    }

    [Fact]
    public void A_folder_and_its_copy_elsewhere_have_one_fingerprint()
    {
        using var one = new TemporaryFolder().With("a/1.jpg", "b/ü.png", "b/s/3.gif");
        using var two = new TemporaryFolder().With("b/s/3.gif", "b/ü.png", "a/1.jpg", "a/ignored.txt");
        Assert.Equal(DatasetFingerprint.Of(ClassFolderDataset.Open(one.Path)), DatasetFingerprint.Of(ClassFolderDataset.Open(two.Path)));
    }
}
