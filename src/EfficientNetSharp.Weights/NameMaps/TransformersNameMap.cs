using EfficientNetSharp.Architectures;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Weights.NameMaps;

/// <summary>
/// Hugging Face's transformers, <c>EfficientNetForImageClassification</c>: keras.applications' EfficientNet under names of its own (reference:
/// models/efficientnet/modeling_efficientnet.py). Its paddings are TensorFlow's at each network's own resolution.
/// </summary>
internal sealed class TransformersNameMap : TorchNameMap
{
    public TransformersNameMap()
        : base("transformers", "Hugging Face transformers")
    {
    }

    public override Architecture Adapt(Architecture architecture) => SourceSemantics.TensorFlow(architecture);

    public override Preprocessing Preprocess(Architecture architecture) => SourcePreprocessing.Transformers(architecture);

    private protected override string? ModuleOf(Architecture architecture, Layer layer)
    {
        if (architecture.Family != "EfficientNet") return null;
        if (layer.Block is not { } block)
        {
            return layer.Part switch
            {
                "stem.conv" => "efficientnet.embeddings.convolution",
                "stem.norm" => "efficientnet.embeddings.batchnorm",
                "head.conv" => "efficientnet.encoder.top_conv",
                "head.norm" => "efficientnet.encoder.top_bn",
                "classifier" => "classifier",
                _ => null,
            };
        }

        string? part = layer.Part switch
        {
            "expand.conv" => "expansion.expand_conv",
            "expand.norm" => "expansion.expand_bn",
            "depthwise.conv" => "depthwise_conv.depthwise_conv",
            "depthwise.norm" => "depthwise_conv.depthwise_norm",
            "squeeze_excite.reduce" => "squeeze_excite.reduce",
            "squeeze_excite.expand" => "squeeze_excite.expand",
            "project.conv" => "projection.project_conv",
            "project.norm" => "projection.project_bn",
            _ => null,
        };
        return part is null ? null : $"efficientnet.encoder.blocks.{block.Index}.{part}";
    }
}
