using System.Collections.Immutable;
using static EfficientNetSharp.Weights.Downloads.PreprocessingRows;

namespace EfficientNetSharp.Weights.Downloads;

/// <summary>
/// EfficientNet-PyTorch's conversions of the authors' checkpoints: <c>url_map</c> and <c>url_map_advprop</c> of
/// efficientnet_pytorch/utils.py. The digits before <c>.pth</c> start the file's SHA-256. It publishes no accuracies of its own.
/// Its evaluation (examples/imagenet/main.py) resizes the shorter side to the input's size with bicubic and takes the centre.
/// </summary>
internal static class LukemelasWeights
{
    internal static ImmutableArray<PublishedWeights> All { get; } =
    [
        .. new[] { "355c32eb", "f1951068", "8bb594d6", "5fb5a3c3", "6ed6700e", "b6417697", "c76e70fd", "dcc49843" }
            .Select((digits, i) => Row(i, "", digits)),
        .. new[] { "b64d5a18", "0f3ce85a", "6e9d97e5", "cdd7c0f4", "44fb3a87", "86493f6b", "ac80338e", "4652b6dd", "22a8fe65" }
            .Select((digits, i) => Row(i, "adv-", digits)),
    ];

    // Native resolutions of B0 to B8 (efficientnet_params in utils.py).
    private static int Size(int i) => new[] { 224, 240, 260, 300, 380, 456, 528, 600, 672 }[i];

    private static PublishedWeights Row(int i, string kind, string digits)
    {
        var preprocessing = Torchvision(Size(i), Size(i), Models.Interpolation.Bicubic);
        return new()
        {
            Name = $"{PublishedSources.Lukemelas}/efficientnet-b{i}.{(kind.Length == 0 ? "standard" : "advprop")}",
            Architecture = $"tf_efficientnet_b{i}",
            Source = PublishedSources.Lukemelas,
            Url = new Uri($"https://github.com/lukemelas/EfficientNet-PyTorch/releases/download/1.0/{kind}efficientnet-b{i}-{digits}.pth"),
            Sha256 = digits,
            Licence = "Apache-2.0",
            Preprocessing = kind.Length == 0 ? preprocessing : preprocessing.InHalves(),
        };
    }
}
