using System.Collections.Immutable;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Weights.NameMaps;

/// <summary>timm (pytorch-image-models): all families of inverted bottlenecks, ResNet, NASNet.</summary>
internal sealed class TimmNameMap : TorchNameMap
{
    public TimmNameMap()
        : base("timm", "timm")
    {
    }

    /// <summary>What timm's names say: <c>tf_</c> is TensorFlow's way, all others PyTorch's.</summary>
    public override Architecture Adapt(Architecture architecture) =>
        // Its SAME average pooling pads with zeros and counts them (layers/pool2d_same.py).
        architecture.Family == "NASNet" ? architecture with { CountsPadding = true, MaximaCountPadding = false } :
        architecture.Family is "SqueezeNet" or "ShuffleNet" or "ShuffleNetV2" ? architecture :
        SourceSemantics.IsTensorFlow(architecture) ? SourceSemantics.TensorFlow(architecture) : SourceSemantics.PyTorch(architecture);

    public override Preprocessing Preprocess(Architecture architecture) => SourcePreprocessing.Timm(architecture);

    private protected override string? ModuleOf(Architecture architecture, Layer layer)
    {
        if (architecture.Family == "ResNet") return ResNetModules.Of(layer);
        if (architecture.Family == "NASNet") return NasNetModules.Of(architecture, layer);
        if (architecture.Family is "SqueezeNet" or "ShuffleNet" or "ShuffleNetV2") return null;
        if (layer.Block is not { } block) return Ends(architecture, layer);
        var (stage, repeat) = architecture.Family == "MobileNetV3" ? Grouped(architecture, block) : (block.Stage, block.Repeat);
        return Part(block, layer) is { } part ? $"blocks.{stage}.{repeat}.{part}" : null;
    }

    // An expert's kernel is flat there, and MobileNetV3's hidden layer a 1×1 convolution.
    private protected override ImmutableArray<int> ShapeOf(Parameter parameter, Layer layer) => parameter switch
    {
        { Role: ParameterRole.ExpertKernels } => [parameter.Shape[0], (int)(parameter.Count / parameter.Shape[0])],
        { Role: ParameterRole.LinearKernel } when layer.Part == "hidden" => [.. parameter.Shape, 1, 1],
        _ => parameter.Shape,
    };

    private static string? Ends(Architecture architecture, Layer layer) => layer.Part switch
    {
        "stem.conv" => "conv_stem",
        "stem.norm" => "bn1",
        // MobileNetV3's last 1×1 convolution is a stage of its own there, and what follows the pooling is the head.
        "head.conv" when architecture.HiddenFeatures > 0 => $"blocks.{Grouped(architecture)}.0.conv",
        "head.norm" when architecture.HiddenFeatures > 0 => $"blocks.{Grouped(architecture)}.0.bn1",
        "hidden" => "conv_head",
        "head.conv" => "conv_head",
        "head.norm" => "bn2",
        "classifier" => "classifier",
        _ => null,
    };

    // Where nothing expands, conv_pw is the projection; else it is the expansion and conv_pwl the projection.
    private static string? Part(Block block, Layer layer)
    {
        bool expands = block.Has("expand"), fused = block.Row.Block == BlockKind.FusedMBConv;
        return (layer.Part, fused, expands) switch
        {
            ("routing.linear", _, _) => "routing_fn",
            ("squeeze_excite.reduce", _, _) => "se.conv_reduce",
            ("squeeze_excite.expand", _, _) => "se.conv_expand",
            ("spatial.conv", _, _) => "conv",
            ("spatial.norm", _, _) => "bn1",
            ("expand.conv", true, _) => "conv_exp",
            ("expand.conv", false, _) => "conv_pw",
            ("expand.norm", _, _) => "bn1",
            ("depthwise.conv", _, _) => "conv_dw",
            ("depthwise.norm", _, true) => "bn2",
            ("depthwise.norm", _, false) => "bn1",
            ("project.conv", _, true) => "conv_pwl",
            ("project.norm", true, true) => "bn2",
            ("project.norm", false, true) => "bn3",
            ("project.conv" or "pointwise.conv", _, false) => "conv_pw",
            ("project.norm" or "pointwise.norm", _, false) => "bn2",
            _ => null,
        };
    }

    // timm counts rows of as many channels as one stage: MobileNetV3's rows differ in their expansion only.
    private static (int Stage, int Repeat) Grouped(Architecture architecture, Block block)
    {
        int stage = 0, before = 0;
        for (int row = 0; row < block.Stage; row++)
        {
            before += architecture.Stages[row].Repeats;
            if (architecture.Stages[row + 1].Channels == architecture.Stages[row].Channels) continue;
            stage++;
            before = 0;
        }

        return (stage, before + block.Repeat);
    }

    private static int Grouped(Architecture architecture) =>
        1 + Enumerable.Range(1, architecture.Stages.Length - 1)
            .Count(row => architecture.Stages[row].Channels != architecture.Stages[row - 1].Channels);
}
