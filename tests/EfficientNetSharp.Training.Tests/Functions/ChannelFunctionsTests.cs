using EfficientNetSharp.Training.Torch.Functions;
using TorchSharp;
using static TorchSharp.torch;
using static EfficientNetSharp.Training.Tests.Functions.BatchNormFunctionTests;

namespace EfficientNetSharp.Training.Tests.Functions;

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

    [Fact]
    public void Gradients_add_up_whoever_owns_them()
    {
        using var scope = NewDisposeScope();
        using var table = new GradientTable(1);
        var shared = ones(3);
        table.Add(0, shared.alias(), isOwn: false);
        table.Add(0, shared.alias(), isOwn: false);
        table.Add(0, ones(3));
        table.Add(0, shared.alias(), isOwn: false);

        var (sum, isOwn) = table.Take(0);

        Assert.True(isOwn);
        Assert.Equal([4f, 4f, 4f], sum!.data<float>().ToArray());
        Assert.Equal([1f, 1f, 1f], shared.data<float>().ToArray());
        Assert.Null(table.Take(0).Gradient);
    }
}
