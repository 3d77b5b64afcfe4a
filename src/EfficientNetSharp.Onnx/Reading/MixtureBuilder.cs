using System.Collections.Immutable;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Onnx.Reading;

/// <summary>
/// Puts conditional convolutions together from what <see cref="Writing.ConditionalWriter"/> makes of them: a convolution an
/// expert, times the expert's share, and the sum.
/// </summary>
internal static class MixtureBuilder
{
    /// <summary>A convolution times a share; <see langword="null"/> where it is something else.</summary>
    public static GraphValue? Multiply(OnnxNode node, ValueBuilder steps, GraphValue a, GraphValue b) => (a, b) switch
    {
        (Layer { Operator: Convolution { HasBias: false } } convolution, Share share) => Finish(node, steps, [(convolution, share)]),
        (Share share, Layer { Operator: Convolution { HasBias: false } } convolution) => Finish(node, steps, [(convolution, share)]),
        _ => null,
    };

    /// <summary>The sum of two parts; <see langword="null"/> where it is something else.</summary>
    public static GraphValue? Add(OnnxNode node, ValueBuilder steps, GraphValue a, GraphValue b) => a is Mixture x && b is Mixture y
        ? Finish(node, steps, [.. x.Parts, .. y.Parts]) : null;

    private static GraphValue Finish(OnnxNode node, ValueBuilder steps, ImmutableArray<(Layer Convolution, Share Share)> parts)
    {
        var (first, share) = parts[0];
        var shares = share.Inputs[0];
        if (parts.Any(part => !ReferenceEquals(part.Share.Inputs[0], shares)
            || !ReferenceEquals(part.Convolution.Inputs[0], first.Inputs[0])
            || part.Convolution.Operator != first.Operator) || parts.DistinctBy(part => part.Share.Expert).Count() < parts.Length)
            throw node.Refuse("convolutions alike of one map, each with a share of its own", "others");
        if (parts.Length < shares.Shape.Channels) return new Mixture(node.Name, parts);

        var ordered = parts.OrderBy(part => part.Share.Expert).Select(part => part.Convolution).ToArray();
        var shape = ordered[0].Tensors[0].Shape;
        var kernels = new WeightTensor([parts.Length, .. shape], [.. ordered.SelectMany(layer => layer.Tensors[0].Values)]);
        const string Suffix = ".0";
        string name = ordered[0].Name;
        if (name.EndsWith(Suffix, StringComparison.Ordinal)) name = name[..^Suffix.Length];
        return ValueBuilder.Layer(
            node, name, new ConditionalConvolution((Convolution)first.Operator, parts.Length), [first.Inputs[0], steps.AsRow(node, shares)],
            kernels);
    }
}
