using EfficientNetSharp.Architectures;

namespace EfficientNetSharp.Weights.NameMaps;

/// <summary>The modules of a ResNet, which torchvision and timm name alike.</summary>
internal static class ResNetModules
{
    public static string? Of(Layer layer)
    {
        if (layer.Block is not { } block)
        {
            return layer.Part switch
            {
                "stem.conv" => "conv1",
                "stem.norm" => "bn1",
                "classifier" => "fc",
                _ => null,
            };
        }

        string kind = layer.Kind == "conv" ? "conv" : "bn";
        string? module = layer.Place switch
        {
            "reduce" or "first" => $"{kind}1",
            "spatial" or "second" => $"{kind}2",
            "expand" => $"{kind}3",
            "shortcut" => layer.Kind == "conv" ? "downsample.0" : "downsample.1",
            _ => null,
        };
        return module is null ? null : $"layer{block.Stage + 1}.{block.Repeat}.{module}";
    }
}
