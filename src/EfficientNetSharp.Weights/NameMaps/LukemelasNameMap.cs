using EfficientNetSharp.Architectures;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Weights.NameMaps;

/// <summary>EfficientNet-PyTorch (lukemelas): EfficientNet as TensorFlow runs it, under names of its own.</summary>
internal sealed class LukemelasNameMap : TorchNameMap
{
    public LukemelasNameMap()
        : base("lukemelas", "EfficientNet-PyTorch")
    {
    }

    public override Architecture Adapt(Architecture architecture) => SourceSemantics.TensorFlow(architecture);

    public override Preprocessing Preprocess(Architecture architecture) => SourcePreprocessing.Lukemelas(architecture);

    private protected override string? ModuleOf(Architecture architecture, Layer layer)
    {
        if (layer.Block is not { } block)
        {
            return layer.Part switch
            {
                "stem.conv" => "_conv_stem",
                "stem.norm" => "_bn0",
                "head.conv" => "_conv_head",
                "head.norm" => "_bn1",
                "classifier" => "_fc",
                _ => null,
            };
        }

        // The normalisations keep their numbers where nothing expands: there is no _bn0 then.
        string? part = layer.Part switch
        {
            "expand.conv" => "_expand_conv",
            "expand.norm" => "_bn0",
            "depthwise.conv" => "_depthwise_conv",
            "depthwise.norm" => "_bn1",
            "squeeze_excite.reduce" => "_se_reduce",
            "squeeze_excite.expand" => "_se_expand",
            "project.conv" => "_project_conv",
            "project.norm" => "_bn2",
            _ => null,
        };
        return part is null || block.Row.Block != BlockKind.MBConv ? null : $"_blocks.{block.Index}.{part}";
    }
}
