using EfficientNetSharp.Architectures;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Weights.NameMaps;

/// <summary>insightface's arcface_torch: iResNet and MobileFaceNet.</summary>
internal sealed class InsightfaceNameMap : TorchNameMap
{
    public InsightfaceNameMap()
        : base("insightface", "insightface arcface_torch")
    {
    }

    public override Architecture Adapt(Architecture architecture) => SourceSemantics.PyTorch(architecture);

    public override Preprocessing Preprocess(Architecture architecture) => SourcePreprocessing.Insightface(architecture);

    private protected override string? ModuleOf(Architecture architecture, Layer layer) => architecture.Family switch
    {
        "iResNet" => ImprovedResNet(layer),
        "MobileFaceNet" => MobileFaceNet(architecture, layer),
        _ => null,
    };

    private static string? ImprovedResNet(Layer layer)
    {
        if (layer.Block is not { } block)
        {
            return layer.Part switch
            {
                "stem.conv" => "conv1",
                "stem.norm" => "bn1",
                "stem.activation" => "prelu",
                "embedding.map_norm" => "bn2",
                "embedding.linear" => "fc",
                "embedding.norm" => "features",
                _ => null,
            };
        }

        string? part = layer.Part switch
        {
            "norm" => "bn1",
            "first.conv" => "conv1",
            "first.norm" => "bn2",
            "first.activation" => "prelu",
            "second.conv" => "conv2",
            "second.norm" => "bn3",
            "shortcut.conv" => "downsample.0",
            "shortcut.norm" => "downsample.1",
            _ => null,
        };
        return part is null ? null : $"layer{block.Stage + 1}.{block.Repeat}.{part}";
    }

    // One list of layers: the stem, its mixer, then a block alone where it steps and a list of blocks where they repeat.
    private static string? MobileFaceNet(Architecture architecture, Layer layer)
    {
        int first = architecture.Stem.Mixer ? 2 : 1;
        if (layer.Block is { } block)
        {
            if (block.Row.Block != BlockKind.MBConv) return null;
            string inner = block.Row.Residual ? $".{block.Repeat}.layers" : "";
            return $"layers.{first + block.Stage}.layers{inner}.{block.Places.IndexOf(layer.Place)}.layers.{Position(layer)}";
        }

        return layer.Place switch
        {
            "stem" => $"layers.0.layers.{Position(layer)}",
            "mixer" => $"layers.1.layers.{Position(layer)}",
            "head" => $"conv_sep.layers.{Position(layer)}",
            "embedding.depthwise" => $"features.layers.0.layers.{Position(layer)}",
            "embedding" when layer.Kind == "linear" => "features.layers.2",
            "embedding" when layer.Kind == "norm" => "features.layers.3",
            _ => null,
        };
    }
}
