using System.Globalization;
using System.Text.Json;
using EfficientNetSharp.Imaging.Augmentations;

namespace EfficientNetSharp.Imaging.Tests.Augmentations;

/// <summary>What Pillow and torchvision gave for operations; see Goldens/README.md.</summary>
internal static class AugmentationGoldens
{
    internal static readonly PixelColor Fill = new(124, 116, 104);

    private static readonly JsonElement Root = JsonDocument.Parse(Golden.Bytes("augmentations.json")).RootElement;

    internal static IEnumerable<JsonElement> Cases(string section) => Root.GetProperty(section).EnumerateArray();

    internal static JsonElement Section(string section) => Root.GetProperty(section);

    /// <summary>A new image; make_augmentation_goldens.py has the same ones.</summary>
    internal static Image Named(string name)
    {
        if (name == "source") return Golden.Source();
        string[] words = name.Split(' ');
        int width = int.Parse(words[1], CultureInfo.InvariantCulture), height = int.Parse(words[2], CultureInfo.InvariantCulture);
        var image = TestImages.Pattern(width, height);
        if (words[0] != "dim") return image;
        for (int i = 0; i < image.Pixels.Length; i += 4)
        {
            image.Pixels[i] = (byte)((image.Pixels[i] / 4) + 60);
            image.Pixels[i + 1] = (byte)(image.Pixels[i + 1] / 64 * 3);
            image.Pixels[i + 2] = 77;
        }

        return image;
    }

    internal static Image Grey(string name)
    {
        using var image = Named(name);
        return Luma.Grey(image);
    }

    /// <summary>The first sixteen digits, as the file has them; also checks that no filler is lost.</summary>
    internal static string Hash(Image image)
    {
        for (int i = 3; i < image.Pixels.Length; i += 4) Assert.Equal(255, image.Pixels[i]);
        return Golden.Hash(image)[..16];
    }

    internal static WarpFilter Filter(JsonElement name) =>
        name.ValueKind == JsonValueKind.Null ? WarpFilter.Nearest : Enum.Parse<WarpFilter>(name.GetString()!);
}
