using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Costs;

/// <summary>
/// Multiply-adds of convolutions and linear layers for one image: what the EfficientNet paper calls FLOPs. Normalisation,
/// activations, pooling and additions count as nothing, as there.
/// </summary>
internal sealed class MultiplyAdds : IOperatorVisitor<(Graph Graph, Node Node), long>
{
    public static MultiplyAdds Instance { get; } = new();

    public long Visit(Convolution op, (Graph Graph, Node Node) at) =>
        at.Node.Shape.Count * (op.InChannels / op.Groups) * op.Kernel * op.KernelWidth;

    // Mixing the kernels costs a multiply-add for each of their values.
    public long Visit(ConditionalConvolution op, (Graph Graph, Node Node) at) =>
        Visit(op.Shape, at) + at.Node.Parameters[0].Count;

    public long Visit(Linear op, (Graph Graph, Node Node) at) => (long)op.InFeatures * op.OutFeatures;

    public long Visit(Input op, (Graph Graph, Node Node) at) => 0;

    public long Visit(BatchNormalization op, (Graph Graph, Node Node) at) => 0;

    public long Visit(Activation op, (Graph Graph, Node Node) at) => 0;

    public long Visit(PRelu op, (Graph Graph, Node Node) at) => 0;

    public long Visit(MaxPool op, (Graph Graph, Node Node) at) => 0;

    public long Visit(GlobalAveragePool op, (Graph Graph, Node Node) at) => 0;

    public long Visit(Flatten op, (Graph Graph, Node Node) at) => 0;

    public long Visit(Add op, (Graph Graph, Node Node) at) => 0;

    public long Visit(Gate op, (Graph Graph, Node Node) at) => 0;

    public long Visit(AveragePool op, (Graph Graph, Node Node) at) => 0;

    public long Visit(ZeroPad op, (Graph Graph, Node Node) at) => 0;

    public long Visit(Concatenation op, (Graph Graph, Node Node) at) => 0;

    public long Visit(ChannelSlice op, (Graph Graph, Node Node) at) => 0;

    public long Visit(ChannelShuffle op, (Graph Graph, Node Node) at) => 0;

    public long Visit(Dropout op, (Graph Graph, Node Node) at) => 0;

    public long Visit(StochasticDepth op, (Graph Graph, Node Node) at) => 0;
}
