using EfficientNetSharp.Imaging.Text;

namespace EfficientNetSharp.Imaging.Tests.Text;

public sealed class ImageTextTests
{
    [Theory]
    [InlineData("tabby cat, 87.3 %")]
    [InlineData("Größe 7×7, Straße")]
    [InlineData("Кошка και γάτα")]
    public void A_line_stands_where_it_is_put_and_is_as_wide_as_it_is_measured(string text)
    {
        const int X = 10, Baseline = 30, Size = 16;
        using var image = Image.White(400, 50);
        ImageText.Draw(image, text, X, Baseline, Size, PixelColor.Black);
        var (left, top, right, bottom) = Ink(image);
        double end = X + ImageText.Width(text, Size);
        Assert.InRange(left, X - 1, X + 4);
        Assert.InRange(right, end - 5, end + 1);
        Assert.InRange(top, Baseline - Size - 3, Baseline - 8);
        Assert.InRange(bottom, Baseline - 1, Baseline + 6);
        // The filler that all images have stays.
        for (int i = 3; i < image.Pixels.Length; i += Image.BytesPerPixel) Assert.Equal(255, image.Pixels[i]);
    }

    [Fact]
    public void Every_letter_of_the_usual_names_has_a_shape_of_its_own()
    {
        var shapes = new HashSet<string>();
        string letters = string.Concat(Enumerable.Range('!', '~' - '!' + 1).Select(c => (char)c)) + "äöüßéèçñøåłşžАЯжщ";
        foreach (char letter in letters)
        {
            using var image = Image.White(40, 50);
            ImageText.Draw(image, letter.ToString(), 5, 35, 32, PixelColor.Black);
            Assert.True(Ink(image).Right > 0, $"Nothing is drawn for '{letter}'.");
            shapes.Add(Convert.ToHexString(image.Pixels));
        }

        // Cyrillic's А is Latin's A.
        Assert.InRange(shapes.Count, letters.Length - 1, letters.Length);
    }

    [Fact]
    public void Any_text_can_be_written_and_cut_to_any_width() =>
        Gen.Select(Gen.String[0, 60], Gen.Double[0, 300]).Sample((text, limit) =>
        {
            string cut = ImageText.Cut(text, 12, limit);
            if (cut != text) Assert.Contains('…', cut);
            if (cut != "…") Assert.True(ImageText.Width(cut, 12) <= limit);
            using var image = Image.White(20, 10);
            ImageText.Draw(image, cut, -5, 8, 12, PixelColor.Grey(100));
        }, iter: 300);

    [Fact]
    public void Both_ends_of_a_long_name_stay()
    {
        string cut = ImageText.Cut("IMG_20260214_183012_portrait_0007.jpg", 9, 96);
        Assert.StartsWith("IMG", cut, StringComparison.Ordinal);
        Assert.EndsWith(".jpg", cut, StringComparison.Ordinal);
    }

    private static (int Left, int Top, int Right, int Bottom) Ink(Image image)
    {
        var (left, top, right, bottom) = (int.MaxValue, int.MaxValue, -1, -1);
        for (int y = 0; y < image.Height; y++)
        {
            for (int x = 0; x < image.Width; x++)
            {
                if (image.Row(y)[x * Image.BytesPerPixel] > 200) continue;
                (left, top, right, bottom) = (Math.Min(left, x), Math.Min(top, y), Math.Max(right, x), Math.Max(bottom, y));
            }
        }

        return (left, top, right, bottom);
    }
}
