using EfficientNetSharp.Architectures;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Weights.NameMaps;

/// <summary>megvii-model/ShuffleNet-Series, the ShuffleNet of its authors.</summary>
internal sealed class MegviiNameMap : TorchNameMap
{
    public MegviiNameMap()
        : base("megvii", "megvii-model ShuffleNet-Series")
    {
    }

    public override Architecture Adapt(Architecture architecture) => architecture;

    public override Preprocessing Preprocess(Architecture architecture) => SourcePreprocessing.Megvii(architecture);

    private protected override string? ModuleOf(Architecture architecture, Layer layer)
    {
        if (architecture.Family != "ShuffleNet") return null;
        if (layer.Block is not { } block)
        {
            return layer.Part switch
            {
                "stem.conv" or "stem.norm" => $"first_conv.{Position(layer)}",
                "classifier" => "classifier.0",
                _ => null,
            };
        }

        // Up to the shuffle one Sequential, the last convolution another.
        string? module = layer.Place switch
        {
            "reduce" => $"branch_main_1.{Position(layer)}",
            "depthwise" => $"branch_main_1.{3 + Position(layer)}",
            "expand" => $"branch_main_2.{Position(layer)}",
            _ => null,
        };
        return module is null ? null : $"features.{block.Index}.{module}";
    }
}
