using System.Collections.Immutable;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Weights.NameMaps;

/// <summary>Xiaoccer/MobileFaceNet_Pytorch: MobileFaceNet with PReLU, for images of 112×96.</summary>
internal sealed class XiaoccerNameMap : TorchNameMap
{
    public XiaoccerNameMap()
        : base("xiaoccer", "Xiaoccer MobileFaceNet_Pytorch")
    {
    }

    public override Architecture Adapt(Architecture architecture) => SourceSemantics.PyTorch(architecture);

    public override Preprocessing Preprocess(Architecture architecture) => SourcePreprocessing.Xiaoccer(architecture);

    // The last layer is a 1×1 convolution.
    private protected override ImmutableArray<int> ShapeOf(Parameter parameter, Layer layer) =>
        parameter.Role == ParameterRole.LinearKernel ? [.. parameter.Shape, 1, 1] : parameter.Shape;

    private protected override string? ModuleOf(Architecture architecture, Layer layer)
    {
        if (architecture.Family != "MobileFaceNet" || !architecture.Stem.Mixer) return null;
        if (layer.Block is { } block)
        {
            // A block is one Sequential.
            int? place = layer.Place switch { "expand" => 0, "depthwise" => 3, "project" => 6, _ => null };
            return place is null ? null : $"blocks.{block.Index}.conv.{place + Position(layer)}";
        }

        string? module = layer.Place switch
        {
            "stem" => "conv1",
            "mixer" => "dw_conv1",
            "head" => "conv2",
            "embedding.depthwise" => "linear7",
            "embedding" => "linear1",
            _ => null,
        };
        return module is null ? null : $"{module}.{Named(layer)}";
    }
}
