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

    /// <summary>A new picture; make_augmentation_goldens.py has the same ones.</summary>
    internal static Picture Named(string name)
    {
        if (name == "source") return Golden.Source();
        string[] words = name.Split(' ');
        int width = int.Parse(words[1], CultureInfo.InvariantCulture), height = int.Parse(words[2], CultureInfo.InvariantCulture);
        var picture = TestPictures.Pattern(width, height);
        if (words[0] != "dim") return picture;
        for (int i = 0; i < picture.Pixels.Length; i += 4)
        {
            picture.Pixels[i] = (byte)((picture.Pixels[i] / 4) + 60);
            picture.Pixels[i + 1] = (byte)(picture.Pixels[i + 1] / 64 * 3);
            picture.Pixels[i + 2] = 77;
        }

        return picture;
    }

    internal static Picture Grey(string name)
    {
        using var picture = Named(name);
        return Luma.Grey(picture);
    }

    /// <summary>The first sixteen digits, as the file has them; also checks that no filler is lost.</summary>
    internal static string Hash(Picture picture)
    {
        for (int i = 3; i < picture.Pixels.Length; i += 4) Assert.Equal(255, picture.Pixels[i]);
        return Golden.Hash(picture)[..16];
    }

    internal static WarpFilter Filter(JsonElement name) => name.ValueKind == JsonValueKind.Null ? WarpFilter.Nearest : Enum.Parse<WarpFilter>(name.GetString()!);
}
