using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Weights.NameMaps;

/// <summary>
/// Checkpoints of tensorflow/tpu and google/automl: all in the scope of the model's name, layers numbered by class within their
/// block, moving averages beside the weights.
/// </summary>
internal sealed class TpuNameMap : TensorFlowNameMap
{
    private const string Average = "/ExponentialMovingAverage";
    private const string Anchor = "stem/conv2d/kernel";

    public TpuNameMap()
        : base("tpu", "tensorflow/tpu and google/automl")
    {
    }

    /// <summary>Whether the averaged weights are taken where a file has them; they are the ones whose accuracy is published.</summary>
    public bool PreferAverage { get; init; } = true;

    public override Preprocessing Preprocess(Architecture architecture) => SourcePreprocessing.Tpu(architecture);

    // Optimizer slots, the step, and the raw or averaged twins of what is taken.
    public override bool Ignores(string name, IReadOnlySet<string> names) =>
        name is "global_step" || name.EndsWith(Average, StringComparison.Ordinal) || names.Contains(name + Average)
        || Slots.Any(slot => name.EndsWith(slot, StringComparison.Ordinal)) || base.Ignores(name, names);

    private static readonly string[] Slots = ["/RMSProp", "/RMSProp_1", "/Momentum", "/Adam", "/Adam_1"];

    private protected override Func<Layer, Parameter, int, string?> NamingFor(Architecture architecture, IReadOnlySet<string> names)
    {
        string anchor = names.FirstOrDefault(name => name.EndsWith(Anchor, StringComparison.Ordinal)) ?? Anchor;
        string scope = anchor[..^Anchor.Length];
        string norm = names.Count == 0 || names.Any(name => name.Contains("/tpu_batch_normalization", StringComparison.Ordinal))
            ? "tpu_batch_normalization" : "batch_normalization";
        var counter = new LayerCounter();
        return (layer, parameter, _) =>
        {
            string place = layer.Block is { } block ? $"blocks_{block.Index}" : layer.Part.StartsWith("stem", StringComparison.Ordinal)
                ? "stem" : "head";
            if (layer.Place == "squeeze_excite") place += "/se";
            string className = layer.Node.Operator switch
            {
                BatchNormalization => norm,
                Linear => "dense",
                ConditionalConvolution => layer.IsDepthwise ? "depthwise_cond_conv2d" : "cond_conv2d",
                _ => layer.IsDepthwise ? "depthwise_conv2d" : "conv2d",
            };
            string name = $"{scope}{place}/{counter.Name(layer, place, className)}/{Variable(layer, parameter)}";
            return PreferAverage && names.Contains(name + Average) ? name + Average : name;
        };
    }
}
