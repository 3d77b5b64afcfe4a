using EfficientNetSharp.Architectures;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Weights.NameMaps;

/// <summary>TreB1eN/InsightFace_Pytorch: MobileFaceNet, with a PReLU in each block.</summary>
internal sealed class Treb1enNameMap : TorchNameMap
{
    // By the numbers of the paper's convolutions: a module alone where it steps, a list where blocks repeat.
    private static readonly string[] StageModules = ["conv_23", "conv_3", "conv_34", "conv_4", "conv_45", "conv_5"];

    public Treb1enNameMap()
        : base("treb1en", "TreB1eN InsightFace_Pytorch")
    {
    }

    public override Architecture Adapt(Architecture architecture) => SourceSemantics.PyTorch(architecture);

    public override Preprocessing Preprocess(Architecture architecture) => SourcePreprocessing.Treb1en(architecture);

    private protected override string? ModuleOf(Architecture architecture, Layer layer)
    {
        if (architecture.Family != "MobileFaceNet" || !architecture.Stem.Mixer || architecture.Stages.Length != StageModules.Length) return null;
        if (layer.Block is { } block)
        {
            string? convolution = layer.Place switch { "expand" => "conv", "depthwise" => "conv_dw", "project" => "project", _ => null };
            string repeated = block.Row.Residual ? $".model.{block.Repeat}" : "";
            return convolution is null ? null : $"{StageModules[block.Stage]}{repeated}.{convolution}.{Named(layer)}";
        }

        return layer.Part switch
        {
            "embedding.linear" => "linear",
            "embedding.norm" => "bn",
            _ => layer.Place switch
            {
                "stem" => $"conv1.{Named(layer)}",
                "mixer" => $"conv2_dw.{Named(layer)}",
                "head" => $"conv_6_sep.{Named(layer)}",
                "embedding.depthwise" => $"conv_6_dw.{Named(layer)}",
                _ => null,
            },
        };
    }
}
