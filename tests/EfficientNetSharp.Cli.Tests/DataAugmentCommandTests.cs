using EfficientNetSharp.Imaging;
using EfficientNetSharp.Imaging.Codecs;

namespace EfficientNetSharp.Cli.Tests;

public sealed class DataAugmentCommandTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("effnet-augment-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Sheets_of_equal_words_are_equal_and_policies_show()
    {
        byte[] plain = Sheet("a.png"), same = Sheet("b.png"), augmented = Sheet("c.png", "--augment", "rand-m9-mstd0.5-inc1"),
            other = Sheet("d.png", "--seed", "1");
        Assert.Equal(plain, same);
        Assert.NotEqual(plain, augmented);
        Assert.NotEqual(plain, other);
        using var image = ImageDecoder.Decode(plain, "a.png");
        // The original's row and four rows of four cells of 32 pixels with their captions of 16, and 4 between and around them.
        Assert.Equal((148, 264), (image.Width, image.Height));
    }

    [Fact]
    public void Unknown_policies_and_recipes_are_refused_in_one_line()
    {
        Assert.Equal(2, Tool.Run("data", "augment", Image(), "-o", Path.Combine(_root, "x.png"), "--augment", "rand-m9-z").Code);
        Assert.Equal(2, Tool.Run("data", "augment", Image(), "-o", Path.Combine(_root, "x.png"), "--recipe", "imagenet").Code);
    }

    private byte[] Sheet(string name, params string[] words)
    {
        string file = Path.Combine(_root, name);
        Assert.Equal(0, Tool.Run(["data", "augment", Image(), "-o", file, "--resolution", "32", .. words]).Code);
        return File.ReadAllBytes(file);
    }

    private string Image()
    {
        string file = Path.Combine(_root, "image.png");
        File.WriteAllBytes(file, PlantedModel.Image(true, true));
        return file;
    }
}
