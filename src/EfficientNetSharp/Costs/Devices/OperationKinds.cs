using EfficientNetSharp.Files;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Costs.Devices;

/// <summary>What a device does for a node; <see langword="null"/> where it does nothing.</summary>
internal sealed class OperationKinds : IOperatorVisitor<Node, DeviceOperationKind?>
{
    public static OperationKinds Instance { get; } = new();

    public DeviceOperationKind? Visit(Input op, Node node) => null;

    public DeviceOperationKind? Visit(Convolution op, Node node) =>
        op.IsDepthwise ? DeviceOperationKind.Depthwise : DeviceOperationKind.Convolution;

    public DeviceOperationKind? Visit(ConditionalConvolution op, Node node) =>
        throw new InvalidInputException(
            $"The device has no convolutions whose kernels are mixed for each image, such as {OneLine.Quote(node.Name)}; take another network.");

    public DeviceOperationKind? Visit(BatchNormalization op, Node node) =>
        DeviceOperationKind.Normalization;

    public DeviceOperationKind? Visit(Activation op, Node node) => DeviceOperationKind.Function;

    public DeviceOperationKind? Visit(PRelu op, Node node) => DeviceOperationKind.Function;

    public DeviceOperationKind? Visit(MaxPool op, Node node) => DeviceOperationKind.Pool;

    public DeviceOperationKind? Visit(AveragePool op, Node node) => DeviceOperationKind.Pool;

    public DeviceOperationKind? Visit(ZeroPad op, Node node) => DeviceOperationKind.Copy;

    public DeviceOperationKind? Visit(Concatenation op, Node node) => DeviceOperationKind.Copy;

    public DeviceOperationKind? Visit(ChannelSlice op, Node node) => DeviceOperationKind.Copy;

    public DeviceOperationKind? Visit(ChannelShuffle op, Node node) => DeviceOperationKind.Copy;

    public DeviceOperationKind? Visit(GlobalAveragePool op, Node node) => DeviceOperationKind.Mean;

    public DeviceOperationKind? Visit(Flatten op, Node node) => null;

    public DeviceOperationKind? Visit(Linear op, Node node) => DeviceOperationKind.Convolution;

    public DeviceOperationKind? Visit(Add op, Node node) => DeviceOperationKind.Add;

    public DeviceOperationKind? Visit(Gate op, Node node) => DeviceOperationKind.Gate;

    public DeviceOperationKind? Visit(Dropout op, Node node) => null;

    public DeviceOperationKind? Visit(StochasticDepth op, Node node) => null;
}
