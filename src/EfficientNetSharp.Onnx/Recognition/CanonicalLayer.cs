using System.Collections.Immutable;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Onnx.Recognition;

/// <summary>
/// A layer of a network whatever its form: a convolution or linear layer together with the normalisation that follows it, folded or not.
/// </summary>
/// <param name="Node">The layer's node.</param>
/// <param name="Norm">The normalisation that only it feeds, where there is one.</param>
/// <param name="Inputs">Positions of the layers that it takes values from.</param>
internal sealed record CanonicalLayer(Node Node, Node? Norm, ImmutableArray<int> Inputs)
{
    /// <summary>
    /// What must be equal for two layers to be the same, without what a file may say otherwise: padding, epsilon and, unless
    /// <paramref name="withFunctions"/>, which function of each value it is.
    /// </summary>
    public string Signature(bool withFunctions) => Node.Operator switch
    {
        Input => "input",
        Convolution op => Window("conv", op),
        ConditionalConvolution op => Window($"cond{op.Experts}", op.Shape),
        Linear op => $"linear {op.InFeatures} {op.OutFeatures}",
        BatchNormalization op => $"norm {op.Channels}",
        PRelu op => $"prelu {op.Channels}",
        Activation op => withFunctions ? $"function {op.Kind}" : "function",
        MaxPool op => $"maxpool {op.Kernel} {op.Stride}",
        AveragePool op => $"averagepool {op.Kernel} {op.Stride}",
        ZeroPad { Window: { } window } => $"zeropad for {window.Kernel} {window.Stride}",
        ZeroPad op => $"zeropad {op.Pads.Top} {op.Pads.Left} {op.Pads.Bottom} {op.Pads.Right}",
        ChannelSlice op => $"slice {op.First} {op.Count}",
        ChannelShuffle op => $"shuffle {op.Groups}",
        var op => op.GetType().Name,
    };

    /// <summary>The layer for people.</summary>
    public string Describe() => Node.Operator switch
    {
        Convolution op => $"a convolution {op.Kernel}×{op.KernelWidth} from {op.InChannels} to {op.OutChannels} channels"
            + (op.Stride > 1 ? $", stride {op.Stride}" : "") + (op.Groups > 1 ? $", {op.Groups} groups" : ""),
        Linear op => $"a linear layer from {op.InFeatures} to {op.OutFeatures}",
        Activation op => $"a {op.Kind}",
        var op => $"a {op.GetType().Name}",
    };

    private static string Window(string name, Convolution op) =>
        $"{name} {op.InChannels} {op.OutChannels} {op.Kernel} {op.KernelWidth} {op.Stride} {op.Groups}";
}
