using EfficientNetSharp.Training.Torch.Functions;
using TorchSharp;
using static TorchSharp.torch;
using static EfficientNetSharp.Training.Tests.Torch.Functions.BatchNormFunctionTests;

namespace EfficientNetSharp.Training.Tests.Torch.Functions;

/// <summary>Means, gates and their gradients against libtorch's.</summary>
public sealed class ChannelFunctionsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(16)]
    [InlineData(24)]
    [InlineData(37)]
    public void Means_and_gates_are_those_of_libtorch(int channels)
    {
        using var scope = NewDisposeScope();
        var x = Random([3, channels, 5, 6], 1).requires_grad_();
        var gate = Random([3, channels, 1, 1], 2).requires_grad_();
        var dy = Random([3, channels, 5, 6], 3);
        var expected = x.mul(gate);
        expected.backward([dy]);
        using var silent = no_grad();
        var (inner, innerGate) = (Maps.Innermost(x), Maps.Innermost(gate));
        var turned = Maps.Writable(dy.alias(), isOwn: false);

        AssertClose(x.mean([2, 3], keepdim: true), ChannelFunctions.Means(x), 1e-6);
        AssertClose(expected, ChannelFunctions.Gated(x, gate), 1e-6);
        AssertClose(gate.grad!, ChannelFunctions.GateGradient(inner, turned), 1e-6);
        ChannelFunctions.Multiply(turned, innerGate, null, turned);
        AssertClose(x.grad!, turned, 1e-6);
    }
}
