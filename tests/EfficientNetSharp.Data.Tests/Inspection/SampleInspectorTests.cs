using EfficientNetSharp.Data.Formats;
using EfficientNetSharp.Data.Inspection;
using EfficientNetSharp.Imaging.Codecs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Data.Tests.Inspection;

public sealed class SampleInspectorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Blank_images_duplicates_and_small_ones_are_named()
    {
        for (int i = 0; i < 40; i++) Save($"cat/{i}.png", i, 40, 50);
        for (int i = 100; i < 104; i++) Save($"dog/{i}.png", i, 40, 50);
        Save("dog/again.png", 101, 40, 50);
        Save("dog/tiny.png", 7777, 20, 60);
        Fill("dog/black.png", 0);
        Fill("cat/nearly grey.png", 120, noise: 4);
        File.WriteAllText(_folder["cat/broken.jpg"], "no image");
        var report = Inspect(Datasets.Open(_folder.Path).Train!);
        Assert.Equal(["cat/nearly grey.png", "dog/black.png"], report.Blank.Order());
        Assert.Equal(["dog/101.png", "dog/again.png"], Assert.Single(report.Duplicates).Order());
        Assert.Equal("dog/tiny.png", Assert.Single(report.Small));
        string warnings = string.Join('\n', report.Warnings(areClasses: true));
        foreach (string named in new[] { "black.png", "nearly grey.png", "101.png", "again.png", "tiny.png", "32×32" })
            Assert.Contains(named, warnings, StringComparison.Ordinal);
        Assert.Equal(3, report.Warnings(areClasses: true).Length);
    }

    [Fact]
    public void Few_images_and_those_of_one_class_are_told_of_and_good_ones_are_not()
    {
        for (int i = 0; i < 40; i++) Save($"cat/{i}.png", i, 40, 40);
        Save("dog/1.png", 500, 40, 40);
        var images = Datasets.Open(_folder.Path).Train!;
        Assert.Empty(Inspect(images).Warnings(areClasses: true));
        var cats = Inspect(new SubsetDataset(images, [.. Enumerable.Range(0, 40)]));
        Assert.Contains("one class", Assert.Single(cats.Warnings(areClasses: true)), StringComparison.Ordinal);
        Assert.Empty(cats.Warnings(areClasses: false));
        var few = Inspect(new SubsetDataset(images, [0, 1, 40]));
        Assert.StartsWith("only 3 images", Assert.Single(few.Warnings(areClasses: true)), StringComparison.Ordinal);
    }

    [Fact]
    public void An_order_is_spread_over_classes_and_named_by_its_seed()
    {
        for (int i = 0; i < 9; i++) Save($"cat/{i}.png", i, 8, 8);
        for (int i = 0; i < 3; i++) Save($"dog/{i}.png", 50 + i, 8, 8);
        var images = Datasets.Open(_folder.Path).Train!;
        var order = SpreadOrder.Of(images, 1);
        Assert.Equal(Enumerable.Range(0, 12), order.Order());
        Assert.Equal([0, 1, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0], order.Select(images.LabelOf));
        Assert.Equal(order, SpreadOrder.Of(images, 1));
        Assert.NotEqual(order, SpreadOrder.Of(images, 2));
    }

    [Fact]
    public void Any_images_are_opened_with_the_models_classes_their_own_or_none()
    {
        Save("set/cat/1.png", 1, 8, 8);
        Save("set/dog/2.png", 2, 8, 8);
        Save("loose/b.png", 3, 8, 8);
        Save("loose/a.png", 4, 8, 8);
        Save("wrapped/images/c.png", 5, 8, 8);
        File.WriteAllText(_folder["loose/notes.txt"], "");
        var known = Datasets.OpenAny(_folder["set"], null, new ClassList(["bird", "cat", "dog"]));
        Assert.True(known.HasLabels);
        Assert.Equal([1, 2], Enumerable.Range(0, 2).Select(known.Images.LabelOf));
        var own = Datasets.OpenAny(_folder["set"], null, new ClassList(["bird", "cat"]));
        Assert.False(own.HasLabels);
        Assert.Equal(["cat", "dog"], own.Images.Classes);
        var loose = Datasets.OpenAny(_folder["loose"], null, new ClassList([]));
        Assert.False(loose.HasLabels);
        Assert.Equal(["a.png", "b.png"], Enumerable.Range(0, loose.Images.Count).Select(loose.Images.NameOf));
        Assert.Contains("notes.txt", Assert.Single(loose.Warnings), StringComparison.Ordinal);
        Assert.Equal(1, Datasets.OpenAny(_folder["wrapped"], null, new ClassList([])).Images.Count);
        Assert.Contains("nowhere", Assert.Throws<InvalidInputException>(
            () => Datasets.OpenAny(_folder["nowhere"], null, new ClassList([]))).Message, StringComparison.Ordinal);
    }

    private static SampleReport Inspect(IImageDataset images) => SampleInspector.Inspect(images, 32, 32, TestContext.Current.CancellationToken);

    private void Fill(string name, byte value, int noise = 1)
    {
        var random = new SeededRandom(1);
        byte[] rgb = [.. Enumerable.Range(0, 40 * 40 * 3).Select(_ => (byte)(value + random.NextInt(noise)))];
        Write(name, rgb, 40, 40);
    }

    // Squares of many brightnesses, unlike any other seed's.
    private void Save(string name, int seed, int width, int height)
    {
        var random = new SeededRandom((ulong)seed);
        byte[] squares = [.. Enumerable.Range(0, 256).Select(_ => (byte)random.NextInt(256))], rgb = new byte[width * height * 3];
        for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            for (int c = 0; c < 3; c++) rgb[(((y * width) + x) * 3) + c] = squares[(y * 16 / height * 16) + (x * 16 / width)];
        Write(name, rgb, width, height);
    }

    private void Write(string name, byte[] rgb, int width, int height)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[name])!);
        File.WriteAllBytes(_folder[name], ImageEncoder.EncodePng(rgb, width, height));
    }
}
