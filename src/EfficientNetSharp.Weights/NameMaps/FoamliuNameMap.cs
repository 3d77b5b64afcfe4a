using System.Collections.Immutable;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Weights.NameMaps;

/// <summary>foamliu/MobileFaceNet: MobileFaceNet with ReLU6.</summary>
internal sealed class FoamliuNameMap : TorchNameMap
{
    public FoamliuNameMap()
        : base("foamliu", "foamliu MobileFaceNet")
    {
    }

    public override Architecture Adapt(Architecture architecture) => SourceSemantics.PyTorch(architecture);

    public override Preprocessing Preprocess(Architecture architecture) => SourcePreprocessing.Foamliu(architecture);

    // The last layer is a 1×1 convolution.
    private protected override ImmutableArray<int> ShapeOf(Parameter parameter, Layer layer) =>
        parameter.Role == ParameterRole.LinearKernel ? [.. parameter.Shape, 1, 1] : parameter.Shape;

    private protected override string? ModuleOf(Architecture architecture, Layer layer)
    {
        if (architecture is not { Family: "MobileFaceNet", Stages: [{ Block: BlockKind.DepthwiseSeparable }, ..] }) return null;
        if (layer.Block is { Index: 0 }) return Separable(layer);
        if (layer.Block is { } block) return Bottleneck(layer) is { } part ? $"features.{block.Index - 1}.conv.{part}" : null;
        return layer.Part switch
        {
            "embedding.depthwise.conv" => "gdconv.depthwise",
            "embedding.depthwise.norm" => "gdconv.bn",
            "embedding.linear" => "conv3",
            "embedding.norm" => "bn",
            _ => layer.Place switch
            {
                "stem" => $"conv1.{Position(layer)}",
                "head" => $"conv2.{Position(layer)}",
                _ => null,
            },
        };
    }

    private static string? Separable(Layer layer) => layer.Part switch
    {
        "depthwise.conv" => "dw_conv.depthwise",
        "depthwise.norm" => "dw_conv.bn1",
        "pointwise.conv" => "dw_conv.pointwise",
        "pointwise.norm" => "dw_conv.bn2",
        _ => null,
    };

    private static string? Bottleneck(Layer layer) => layer.Place switch
    {
        "expand" => $"0.{Position(layer)}",
        "depthwise" => $"1.{Position(layer)}",
        "project" => $"{2 + Position(layer)}",
        _ => null,
    };
}
