using System.Collections.Immutable;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Weights.NameMaps;

/// <summary>A source whose tensors lie as TensorFlow's do and are called <c>kernel</c>, <c>gamma</c>, <c>moving_mean</c> …</summary>
public abstract class TensorFlowNameMap : NameMap
{
    private protected TensorFlowNameMap(string name, string title)
        : base(name, title)
    {
    }

    /// <inheritdoc />
    public override Architecture Adapt(Architecture architecture) => SourceSemantics.TensorFlow(architecture);

    /// <inheritdoc />
    public sealed override ImmutableArray<MappedParameter> Map(Architecture architecture, Graph graph, IReadOnlySet<string> names)
    {
        if (!Knows(architecture)) return [];
        var naming = NamingFor(architecture, names);
        var mapped = ImmutableArray.CreateBuilder<MappedParameter>();
        foreach (var layer in Layer.Of(architecture, graph))
        {
            foreach (var (index, parameter) in layer.Node.Parameters.Index())
            {
                if (naming(layer, parameter, index) is not { } name) return [];
                mapped.Add(new MappedParameter(parameter, name, TensorLayout.TensorFlow, layer.IsDepthwise));
            }
        }

        return mapped.ToImmutable();
    }

    /// <summary>Whether the source has networks of this kind.</summary>
    private protected virtual bool Knows(Architecture architecture) =>
        architecture.Embedding is null && architecture.HiddenFeatures == 0
        && architecture.Stages.All(stage => stage.Block is BlockKind.MBConv or BlockKind.FusedMBConv);

    /// <summary>What names the tensors of a file; it is called for each layer in order of use.</summary>
    private protected abstract Func<Layer, Parameter, int, string?> NamingFor(Architecture architecture, IReadOnlySet<string> names);

    /// <summary>What a variable of the role is called.</summary>
    private protected static string Variable(Layer layer, Parameter parameter) => parameter.Role switch
    {
        ParameterRole.ConvolutionKernel => layer.IsDepthwise ? "depthwise_kernel" : "kernel",
        ParameterRole.ExpertKernels => layer.IsDepthwise ? "depthwise_condconv_kernel" : "condconv_kernel",
        ParameterRole.LinearKernel => "kernel",
        ParameterRole.Bias => "bias",
        ParameterRole.NormScale => "gamma",
        ParameterRole.NormShift => "beta",
        ParameterRole.RunningMean => "moving_mean",
        ParameterRole.RunningVariance => "moving_variance",
        _ => parameter.Name[(parameter.Name.LastIndexOf('.') + 1)..],
    };
}

/// <summary>Numbers layers of a class as TensorFlow does: <c>conv2d</c>, <c>conv2d_1</c>, <c>conv2d_2</c> …</summary>
internal sealed class LayerCounter
{
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);
    private readonly Dictionary<Layer, string> _names = [];

    /// <summary>The name of a layer of the class in the scope; the same again for the same layer.</summary>
    public string Name(Layer layer, string scope, string className)
    {
        if (_names.TryGetValue(layer, out string? known)) return known;
        string key = $"{scope}/{className}";
        int count = _counts.GetValueOrDefault(key);
        _counts[key] = count + 1;
        return _names[layer] = count == 0 ? className : $"{className}_{count}";
    }
}
