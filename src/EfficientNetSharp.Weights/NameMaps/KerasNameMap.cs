using System.Globalization;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Weights.NameMaps;

/// <summary>
/// keras.applications and qubvel/efficientnet: EfficientNet and V2. Files of version 2 name layers, those of version 3 number
/// their variables, and some of these number the layers by class too.
/// </summary>
internal sealed class KerasNameMap : TensorFlowNameMap
{
    private const string Layers = "layers/", Variables = "/vars/";

    public KerasNameMap()
        : base("keras", "Keras applications and qubvel/efficientnet")
    {
    }

    public override Preprocessing Preprocess(Architecture architecture) => SourcePreprocessing.Keras(architecture);

    // The preprocessing layers' constants; a model card says the same.
    public override bool Ignores(string name, IReadOnlySet<string> names) => name.Contains("normalization/", StringComparison.Ordinal)
        && (name.EndsWith("/mean", StringComparison.Ordinal) || name.EndsWith("/variance", StringComparison.Ordinal)
            || name.EndsWith("/count", StringComparison.Ordinal)
            || name.Contains("layers/normalization/vars/", StringComparison.Ordinal))
        || base.Ignores(name, names);

    private protected override bool Knows(Architecture architecture) => base.Knows(architecture)
        && architecture.Stages.All(stage => stage.Experts == 1);

    private protected override Func<Layer, Parameter, int, string?> NamingFor(IReadOnlySet<string> names)
    {
        // keras calls the classifier "predictions", qubvel "probs", and a user's own may be called anything.
        string top = names.Select(LayerOf).FirstOrDefault(layer => layer is "predictions" or "probs")
            ?? names.Select(LayerOf).FirstOrDefault(layer => layer is not null && layer.StartsWith("dense", StringComparison.Ordinal))
                ?? "predictions";
        bool numbered = names.Any(name => name.Contains(Variables, StringComparison.Ordinal));
        bool byClass = numbered && !names.Any(name => name.Contains("stem_conv", StringComparison.Ordinal));
        string prefix = PrefixOf(names, numbered);
        var counter = new LayerCounter();
        return (layer, parameter, index) =>
        {
            string? name = byClass ? counter.Name(layer, "", ClassOf(layer)) : NameOf(layer, top);
            if (name is null) return null;
            return numbered ? $"{prefix}{name}{Variables}{index}" : $"{prefix}{name}/{Variable(layer, parameter)}";
        };
    }

    // What stands before the layers' names, such as the name of a model within a model.
    private static string PrefixOf(IReadOnlySet<string> names, bool numbered)
    {
        string anchor = names.FirstOrDefault(name => name.Contains("stem_conv/", StringComparison.Ordinal)) ?? "";
        if (anchor.Length > 0) return anchor[..anchor.IndexOf("stem_conv/", StringComparison.Ordinal)];
        if (!numbered) return "";
        string first = names.First(name => name.Contains(Variables, StringComparison.Ordinal));
        string layer = first[..first.IndexOf(Variables, StringComparison.Ordinal)];
        return layer.Contains('/', StringComparison.Ordinal) ? layer[..(layer.LastIndexOf('/') + 1)] : Layers;
    }

    private static string? LayerOf(string name)
    {
        string[] parts = name.Split('/');
        return parts.Length < 2 ? null : parts.Length > 2 && parts[^2] == "vars" ? parts[^3] : parts[^2];
    }

    private static string ClassOf(Layer layer) => layer.Node.Operator switch
    {
        BatchNormalization => "batch_normalization",
        Linear => "dense",
        _ => layer.IsDepthwise ? "depthwise_conv2d" : "conv2d",
    };

    private static string? NameOf(Layer layer, string top)
    {
        if (layer.Block is not { } block)
        {
            return layer.Part switch
            {
                "stem.conv" => "stem_conv",
                "stem.norm" => "stem_bn",
                "head.conv" => "top_conv",
                "head.norm" => "top_bn",
                "classifier" => top,
                _ => null,
            };
        }

        // EfficientNetV2 calls its depthwise convolution otherwise; its unexpanded blocks' one convolution is the projection.
        bool second = block.Places.Contains("depthwise") && IsV2(layer);
        string? part = layer.Part switch
        {
            "expand.conv" => "expand_conv",
            "expand.norm" => "expand_bn",
            "depthwise.conv" => second ? "dwconv2" : "dwconv",
            "depthwise.norm" => "bn",
            "squeeze_excite.reduce" => "se_reduce",
            "squeeze_excite.expand" => "se_expand",
            "project.conv" or "spatial.conv" => "project_conv",
            "project.norm" or "spatial.norm" => "project_bn",
            _ => null,
        };
        if (part is null) return null;
        string letter = block.Repeat < 26 ? ((char)('a' + block.Repeat)).ToString() : block.Repeat.ToString(CultureInfo.InvariantCulture);
        return $"block{block.Stage + 1}{letter}_{part}";
    }

    private static bool IsV2(Layer layer) => layer.Block!.Family == "EfficientNetV2";
}
