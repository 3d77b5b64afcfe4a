using System.Globalization;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Weights.NameMaps;

/// <summary>
/// keras.applications and qubvel/efficientnet: EfficientNet, V2 and NASNet. Files of version 2 name layers, those of version 3 number
/// their variables, and some of these number the layers by class too.
/// </summary>
internal sealed class KerasNameMap : TensorFlowNameMap
{
    private const string Layers = "layers/", Variables = "/vars/", Normalization = "normalization";

    private const string NasNet = "NASNet";

    private static readonly string[] NormalizationVariables = ["mean", "variance", "count"];

    public KerasNameMap()
        : base("keras", "Keras applications and qubvel/efficientnet")
    {
    }

    /// <summary>Keras's NASNet pads by a layer of its own where a pooling steps, so that zeros count in means and maxima.</summary>
    public override Architecture Adapt(Architecture architecture) => architecture.Family == NasNet
        ? base.Adapt(architecture) with { CountsPadding = true, MaximaCountPadding = true } : base.Adapt(architecture);

    public override Preprocessing Preprocess(Architecture architecture) => SourcePreprocessing.Keras(architecture);

    // The preprocessing layers' constants, of which the model card says the same, and the seeds of augmenting layers.
    public override bool Ignores(string name, IReadOnlySet<string> names)
    {
        string layer = LayerOf(name) ?? "";
        return (IsNormalization(layer) || (NormalizationVariables.Contains(name[(name.LastIndexOf('/') + 1)..])
                && NormalizationVariables[..2].All(variable => names.Contains($"{name[..name.LastIndexOf('/')]}/{variable}"))))
            || name.Contains("seed_generator", StringComparison.Ordinal) || name.EndsWith("/StateVar", StringComparison.Ordinal)
            || base.Ignores(name, names);
    }

    /// <summary>The layers that normalise images, and what their constants are called; not the batch normalisations.</summary>
    public static IEnumerable<(string Layer, string Mean, string Variance)> Normalizations(IReadOnlySet<string> names)
    {
        foreach (string name in names)
        {
            string layer = LayerOf(name) ?? "", folder = name[..(name.LastIndexOf('/') + 1)];
            if (name.EndsWith("/mean", StringComparison.Ordinal) && names.Contains($"{folder}variance"))
                yield return (layer, name, $"{folder}variance");
            else if (IsNormalization(layer) && name.EndsWith($"{Variables}0", StringComparison.Ordinal) && names.Contains($"{folder}1"))
                yield return (layer, name, $"{folder}1");
        }
    }

    // A block more than there is; numbered by class, a convolution more. All else may be a head.
    internal override bool IsOfBody(string name, IReadOnlySet<string> body)
    {
        string layer = LayerOf(name) ?? "";
        if (layer.Length > 5 && layer.StartsWith("block", StringComparison.Ordinal) && char.IsAsciiDigit(layer[5])) return true;
        return (layer.StartsWith("conv2d", StringComparison.Ordinal) || layer.StartsWith("depthwise_conv2d", StringComparison.Ordinal))
            && name.EndsWith("/0", StringComparison.Ordinal) && body.Any(own => Folder(own) == Folder(name));

        static string Folder(string numbered) => numbered[..(numbered.LastIndexOf(Variables, StringComparison.Ordinal) is var at and > 0
            ? numbered.LastIndexOf('/', at - 1) + 1 : 0)];
    }

    private static bool IsNormalization(string layer) => layer == Normalization
        || (layer.StartsWith($"{Normalization}_", StringComparison.Ordinal) && layer[(Normalization.Length + 1)..].All(char.IsAsciiDigit));

    private protected override bool Knows(Architecture architecture) => architecture.Family == NasNet
        || (base.Knows(architecture) && architecture.Stages.All(stage => stage.Experts == 1));

    private protected override Func<Layer, Parameter, int, string?> NamingFor(Architecture architecture, IReadOnlySet<string> names)
    {
        // keras calls the classifier "predictions", qubvel "probs"; a user's own is found by its shape.
        string top = names.Select(LayerOf).FirstOrDefault(layer => layer is "predictions" or "probs") ?? "predictions";
        bool numbered = names.Any(name => name.Contains(Variables, StringComparison.Ordinal));
        bool byClass = numbered && !names.Any(name => name.Contains("stem_conv", StringComparison.Ordinal));
        string prefix = PrefixOf(names, numbered);
        var counter = new LayerCounter();
        return (layer, parameter, index) =>
        {
            // NASNet's layers are numbered in an order that its branches leave open.
            string? name = architecture.Family == NasNet ? byClass ? null : KerasNasNetLayers.Of(architecture, layer, top)
                : byClass ? counter.Name(layer, "", ClassOf(layer)) : NameOf(layer, top);
            if (name is null) return null;
            if (architecture.Family == NasNet && KerasNasNetLayers.IsPointwise(layer))
                return numbered ? $"{prefix}{name}{Variables}1" : $"{prefix}{name}/pointwise_kernel";
            return numbered ? $"{prefix}{name}{Variables}{index}" : $"{prefix}{name}/{Variable(layer, parameter)}";
        };
    }

    // What stands before the layers' names, such as the name of a model within a model.
    private static string PrefixOf(IReadOnlySet<string> names, bool numbered)
    {
        foreach (string stem in (string[])["stem_conv/", "stem_conv1/"])
        {
            string anchor = names.FirstOrDefault(name => name.Contains(stem, StringComparison.Ordinal)) ?? "";
            if (anchor.Length > 0) return anchor[..anchor.IndexOf(stem, StringComparison.Ordinal)];
        }

        if (!numbered) return "";
        const string Depthwise = $"depthwise_conv2d{Variables}";
        string first = names.FirstOrDefault(name => name.Contains(Depthwise, StringComparison.Ordinal)) ?? $"{Layers}{Depthwise}";
        return first[..first.IndexOf(Depthwise, StringComparison.Ordinal)];
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
