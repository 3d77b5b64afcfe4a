using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using EfficientNetSharp.Imaging.Codecs;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Imaging.Tests;

/// <summary>What Pillow and torchvision gave; see Goldens/README.md.</summary>
internal static class Golden
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Goldens");

    internal static Goldens All { get; } =
        JsonSerializer.Deserialize<Goldens>(File.ReadAllBytes(Path.Combine(Folder, "goldens.json")), JsonSerializerOptions.Web)!;

    internal static string FilePath(string name) => Path.Combine(Folder, "files", name);

    internal static byte[] FileBytes(string name) => File.ReadAllBytes(FilePath(name));

    internal static byte[] Bytes(string name) => File.ReadAllBytes(Path.Combine(Folder, name));

    internal static Image Source() => ImageDecoder.Decode(Bytes("source.png"), "source.png");

    internal static Image Named(string name)
    {
        if (name == "source") return Source();
        if (name == "lattice") return TestImages.Lattice();
        string[] words = name.Split(' ');
        return TestImages.Pattern(int.Parse(words[1]), int.Parse(words[2]));
    }

    internal static string Hash(Image image) => Hash(image.ToRgb());

    internal static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}

internal sealed record Goldens(
    string MadeWith,
    DecodedGolden[] Decoded,
    string PatternHash,
    string LatticeHash,
    string SourceLumaHash,
    string LatticeLumaHash,
    ResampledGolden[] Resampled,
    ResizedCropGolden[] ResizedCrops,
    EvaluationGolden[] Evaluations,
    AugmentedGolden[] Augmented);

internal sealed record DecodedGolden(string File, int Width, int Height, string Sha256);

internal sealed record ResampledGolden(
    [property: JsonPropertyName("picture")] string Image, string Filter, int Width, int Height, double[]? Box, string Sha256)
{
    internal Interpolation Interpolation => Enum.Parse<Interpolation>(Filter);
}

internal sealed record ResizedCropGolden(string Filter, int[] Crop, int Width, int Height, string Sha256);

internal sealed record EvaluationGolden(
    string Rule, [property: JsonPropertyName("picture")] int[] Image, int ResizeTo, int Width, int Height, string Filter, string Pixels,
    string? Values, string? GreyValues);

internal sealed record AugmentedGolden(
    string Operation, double Factor, [property: JsonPropertyName("picture")] string Image, string Sha256);
