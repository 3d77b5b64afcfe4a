using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Weights.NameMaps;

/// <summary>torchvision (and TorchSharp, which took its names over): EfficientNet, V2, MobileNetV2 and V3, MnasNet, ResNet,
/// SqueezeNet, ShuffleNetV2.</summary>
internal sealed class TorchvisionNameMap : TorchNameMap
{
    // Trained as TensorFlow does and run with symmetric padding (reference: torchvision models/efficientnet.py, the norm_layer of these).
    private static readonly string[] Converted = ["efficientnet_b5", "efficientnet_b6", "efficientnet_b7"];

    public TorchvisionNameMap()
        : base("torchvision", "torchvision")
    {
    }

    public override Architecture Adapt(Architecture architecture)
    {
        string name = SourceSemantics.PyTorch(architecture).Name;
        return SourceSemantics.Torchvision(architecture, architecture.Family switch
        {
            "EfficientNet" when Converted.Contains(name) => Normalization.TensorFlow,
            "EfficientNetV2" => Normalization.TorchvisionEfficientNetV2,
            "MobileNetV3" => Normalization.TensorFlow,
            "MnasNet" => Normalization.TorchvisionMnasNet,
            _ when ArchitectureRegistry.Find(name) is not null => Normalization.PyTorch,
            _ => architecture.Normalization,
        });
    }

    public override Preprocessing Preprocess(Architecture architecture) => SourcePreprocessing.Torchvision(architecture);

    private protected override string? ModuleOf(Architecture architecture, Layer layer) => architecture.Family switch
    {
        "ResNet" => ResNetModules.Of(layer),
        "MobileNetV2" => MobileNetV2(architecture, layer),
        "MobileNetV3" => MobileNetV3(architecture, layer),
        "MnasNet" => MnasNet(layer),
        "SqueezeNet" => SqueezeNet(architecture, layer),
        "ShuffleNetV2" => ShuffleNetV2(layer),
        "ShuffleNet" or "NASNet" => null,
        _ => EfficientNet(architecture, layer),
    };

    // A block is a Sequential of Sequentials of convolution and normalisation; squeeze-excite takes a place of its own.
    private static string? EfficientNet(Architecture architecture, Layer layer)
    {
        if (layer.Block is not { } block) return Ends(layer, $"features.{architecture.Stages.Length + 1}");
        return Part(block, layer) is { } part ? $"features.{block.Stage + 1}.{block.Repeat}.block.{part}" : null;
    }

    private static string? MobileNetV3(Architecture architecture, Layer layer)
    {
        if (layer.Node.Name == "hidden") return "classifier.0";
        if (layer.Node.Name == "classifier") return "classifier.3";
        if (layer.Block is not { } block) return Ends(layer, $"features.{architecture.BlockCount + 1}");
        return Part(block, layer) is { } part ? $"features.{block.Index + 1}.block.{part}" : null;
    }

    // The projection's convolution and normalisation lie beside the Sequentials of the others.
    private static string? MobileNetV2(Architecture architecture, Layer layer)
    {
        if (layer.Block is not { } block) return Ends(layer, $"features.{architecture.BlockCount + 1}");
        int place = block.Places.IndexOf(layer.Place);
        return layer.Place switch
        {
            "expand" or "depthwise" => $"features.{block.Index + 1}.conv.{place}.{Position(layer)}",
            "project" => $"features.{block.Index + 1}.conv.{place + Position(layer)}",
            _ => null,
        };
    }

    // One Sequential for all: the stem and the first block take 0 to 7, each stage one more, the head 14 and 15.
    private static string? MnasNet(Layer layer)
    {
        if (layer.Block is not { } block)
        {
            return layer.Part switch
            {
                "stem.conv" => "layers.0",
                "stem.norm" => "layers.1",
                "head.conv" => "layers.14",
                "head.norm" => "layers.15",
                "classifier" => "classifier.1",
                _ => null,
            };
        }

        // Convolution, normalisation and a function make three of each part; the function of the projection is left out.
        int position = (3 * block.Places.IndexOf(layer.Place)) + Position(layer);
        if (block.Has("squeeze_excite")) return null;
        return block.Stage == 0 ? $"layers.{3 + position}" : $"layers.{7 + block.Stage}.{block.Repeat}.layers.{position}";
    }

    // One Sequential: the stem, its function and its pooling, then Fire modules and the poolings before some of them.
    private static string? SqueezeNet(Architecture architecture, Layer layer)
    {
        if (layer.Block is not { } block) return layer.Node.Name switch
        {
            "stem.conv" => "features.0",
            "classifier" => "classifier.1",
            _ => null,
        };
        int pools = architecture.Stages.Take(block.Stage + 1).Count(stage => stage.Stride > 1);
        return layer.Kind == "conv" ? $"features.{3 + block.Index + pools}.{layer.Place}" : null;
    }

    // Convolution, normalisation and function of each part, but no function after the depthwise one.
    private static string? ShuffleNetV2(Layer layer)
    {
        if (layer.Block is not { } block)
        {
            return layer.Part switch
            {
                "stem.conv" or "stem.norm" => $"conv1.{Position(layer)}",
                "head.conv" or "head.norm" => $"conv5.{Position(layer)}",
                "classifier" => "fc",
                _ => null,
            };
        }

        (string Branch, int First)? place = layer.Place switch
        {
            "side.depthwise" => ("branch1", 0),
            "side.pointwise" => ("branch1", 2),
            "expand" => ("branch2", 0),
            "depthwise" => ("branch2", 3),
            "project" => ("branch2", 5),
            _ => null,
        };
        return place is { } at ? $"stage{block.Stage + 2}.{block.Repeat}.{at.Branch}.{at.First + Position(layer)}" : null;
    }

    private static string? Ends(Layer layer, string head) => layer.Part switch
    {
        "stem.conv" => "features.0.0",
        "stem.norm" => "features.0.1",
        "head.conv" => $"{head}.0",
        "head.norm" => $"{head}.1",
        "classifier" => "classifier.1",
        _ => null,
    };

    private static string? Part(Block block, Layer layer)
    {
        int place = block.Places.IndexOf(layer.Part.Split('.')[0]);
        return layer.Part switch
        {
            "squeeze_excite.reduce" => $"{place}.fc1",
            "squeeze_excite.expand" => $"{place}.fc2",
            _ when layer.Kind is "conv" or "norm" && layer.Place is "expand" or "depthwise" or "project" or "spatial" =>
            $"{place}.{Position(layer)}",
            _ => null,
        };
    }
}
