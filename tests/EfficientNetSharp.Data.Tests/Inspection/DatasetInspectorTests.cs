using EfficientNetSharp.Data.Folders;
using EfficientNetSharp.Data.Formats;
using EfficientNetSharp.Data.Inspection;
using EfficientNetSharp.Data.Tests.Formats;
using EfficientNetSharp.Imaging;
using EfficientNetSharp.Imaging.Codecs;
using EfficientNetSharp.Imaging.Resampling;
using EfficientNetSharp.Models;
using static EfficientNetSharp.Data.Tests.Inspection.PerceptualHashTests;

namespace EfficientNetSharp.Data.Tests.Inspection;

public sealed class DatasetInspectorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Counts_sizes_kinds_broken_images_duplicates_and_leaks_are_found()
    {
        Save("train/cat/1.png", 1, 100, 50);
        Save("train/cat/2.png", 2, 100, 200);
        Save("train/cat/2 again.png", 2, 100, 200);
        Save("train/dog/3.jpg", 3, 300, 100);
        Save("train/dog/other.png", 5, 60, 60);
        // The same file in validation, a smaller copy of another, and one that is a dog there and a cat here.
        Save("val/cat/leak.png", 1, 100, 50);
        Save("val/dog/small.jpg", 3, 150, 50);
        Save("val/cat/dog.png", 5, 60, 60);
        File.WriteAllText(_folder["train/dog/broken.jpg"], "no image");

        var found = Datasets.Open(_folder.Path);
        var report = DatasetInspector.Inspect(found, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(["train", "val"], report.Parts.Select(part => part.Name));
        var (train, val) = (report.Parts[0], report.Parts[1]);
        Assert.Equal(6, train.Count);
        Assert.Equal([3, 3], train.ClassCounts);
        Assert.Equal([2, 1], val.ClassCounts);
        Assert.Equal(new Spread(60, 100, 300), train.Widths);
        Assert.Equal(new Spread(50, 100, 200), train.Heights);
        Assert.Equal(new Spread(0.5, 1, 3), train.Aspects);
        Assert.Equal([("PNG", 4), ("JPEG", 1)], train.Formats.Select(pair => (pair.Key, pair.Value)));
        Assert.Equal("train/dog/broken.jpg", Place(Assert.Single(report.Broken).Image));

        string[] exact = [.. report.Duplicates.Where(group => group.IsExact).Select(group => string.Join(" ", group.Images.Select(Place)))];
        Assert.Equal(3, exact.Length);
        Assert.Contains("train/cat/1.png val/cat/leak.png", exact);
        Assert.Contains("train/dog/other.png val/cat/dog.png", exact);
        Assert.Contains("train/cat/2 again.png train/cat/2.png", exact);
        var near = Assert.Single(report.Duplicates, group => !group.IsExact);
        Assert.Equal("train/dog/3.jpg val/dog/small.jpg", string.Join(" ", near.Images.Select(Place)));
        Assert.Equal(3, report.Duplicates.Count(group => group.IsLeak));
        Assert.Single(report.Duplicates, group => group.IsContradiction);
        // Leaks come before what is only there twice.
        Assert.False(report.Duplicates.Last(group => group.IsExact).IsLeak);
    }

    [Fact]
    public void Workers_do_not_change_what_is_found_and_near_ones_can_be_left_out()
    {
        for (int i = 0; i < 12; i++) Save($"a/{i}.png", i % 7, 40, 30);
        Save("b/0.png", 11, 40, 30);
        var found = Datasets.Open(_folder.Path);
        Assert.Equal("all", Assert.Single(found.All).Name);
        int told = 0;
        DatasetReport Inspect(int workers, int distance) => DatasetInspector.Inspect(
            found, new InspectionOptions { Workers = workers, NearDistance = distance }, new Counter(() => Interlocked.Increment(ref told)),
            TestContext.Current.CancellationToken);
        static string Text(DatasetReport report) =>
            string.Join("\n", report.Duplicates.Select(group => string.Join(" ", group.Images.Select(Place))));
        Assert.Equal(Text(Inspect(1, 3)), Text(Inspect(4, 3)));
        Assert.Equal(26, told);
        Assert.All(Inspect(2, -1).Duplicates, group => Assert.True(group.IsExact));
        Assert.Equal(5, Inspect(2, -1).Duplicates.Length);
    }

    [Fact]
    public void Cancelling_ends_it()
    {
        Save("a/0.png", 1, 10, 10);
        var found = Datasets.Open(_folder.Path);
        Assert.ThrowsAny<OperationCanceledException>(() => DatasetInspector.Inspect(found, cancellationToken: new CancellationToken(true)));
    }

    [Fact]
    public void Parts_are_as_they_lie_on_disk()
    {
        Assert.Equal(["train", "val", "test"], Datasets.Open(GoldenSet.PathOf("flowers-102")).All.Select(part => part.Name));
        using var folder = new TemporaryFolder().With("train/a/1.jpg", "train/a/2.jpg", "train/b/1.jpg", "train/b/2.jpg", "test/a/3.jpg");
        var parts = Datasets.Open(folder.Path).All;
        Assert.Equal([("train", 4), ("test", 1)], parts.Select(part => (part.Name, part.Images.Count)));
    }

    [Fact]
    public void A_contact_sheet_has_a_row_a_class()
    {
        using var red = Image.FromRgb(Enumerable.Repeat(new byte[] { 200, 10, 10 }, 50 * 50).SelectMany(pixel => pixel).ToArray(), 50, 50);
        Directory.CreateDirectory(_folder["blue"]);
        Directory.CreateDirectory(_folder["red"]);
        for (int i = 0; i < 3; i++) File.WriteAllBytes(_folder[$"red/{i}.png"], ImageEncoder.EncodePng(red));
        Save("blue/0.png", 4, 200, 100);
        File.WriteAllText(_folder["blue/broken.png"], "");
        var (sheet, rows) = ContactSheet.Make(ClassFolderDataset.Open(_folder.Path), columns: 4);
        using (sheet)
        {
            Assert.Equal(["blue", "red"], rows);
            // Cells of 96 with gaps of 4 between them, 22 above for the class's name and 14 below for the files'.
            Assert.Equal(new ImageSize(404, 2 * 132), sheet.Size);
            Assert.Equal([200, 10, 10, 255], sheet.Row(200)[(50 * 4)..(51 * 4)].ToArray());
            Assert.Equal([255, 255, 255, 255], sheet.Row(200)[(350 * 4)..(351 * 4)].ToArray());
            // Names above each row and below each image, and a word where the broken one should be.
            foreach (int row in new[] { 0, 1 })
            {
                Assert.True(HasInk(sheet, 0, row * 132, 404, 22));
                Assert.True(HasInk(sheet, 4, (row * 132) + 118, 96, 14));
            }

            Assert.True(HasInk(sheet, 104, 22, 96, 96));
            Assert.False(HasInk(sheet, 204, 22, 96, 110));
        }
    }

    private static bool HasInk(Image image, int left, int top, int width, int height)
    {
        for (int y = top; y < top + height; y++)
        {
            if (image.Row(y)[(4 * left)..(4 * (left + width))].ContainsAnyInRange((byte)0, (byte)150)) return true;
        }

        return false;
    }

    [Theory]
    [InlineData("FFD8FFE000104A46494600010101006000600000FFC0000B080010001001011100", "JPEG", "grey")]
    [InlineData("FFD8FFC2001108001000100301220002110103110100", "JPEG", "RGB")]
    [InlineData("89504E470D0A1A0A0000000D49484452000000010000000108060000001F15C489", "PNG", "RGBA")]
    [InlineData("89504E470D0A1A0A0000000D49484452000000010000000108030000001F15C489", "PNG", "palette")]
    [InlineData("474946383961", "GIF", "palette")]
    [InlineData("00112233", "unknown", "unknown")]
    [InlineData("FFD8FF", "JPEG", "unknown")]
    public void Headers_tell_format_and_channels(string hex, string format, string channels) =>
        Assert.Equal(new EncodedKind(format, channels), EncodedKind.Of(Convert.FromHexString(hex)));

    private static string Place(InspectedImage image) => image.Part == "all" ? image.Name : $"{image.Part}/{image.Name}";

    private void Save(string name, int seed, int width, int height)
    {
        using var whole = Scene(seed, 300, 300);
        using var image = Resampler.Resize(whole, width, height, Interpolation.Bicubic);
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[name])!);
        File.WriteAllBytes(
            _folder[name],
            name.EndsWith(".jpg", StringComparison.Ordinal) ? ImageEncoder.EncodeJpeg(image) : ImageEncoder.EncodePng(image));
    }

    private sealed class Counter(Action count) : IProgress<int>
    {
        public void Report(int value) => count();
    }
}
