using EfficientNetSharp.Training.Torch.Functions;
using EfficientNetSharp.Training.Torch;
using TorchSharp;
using static TorchSharp.torch;
using static EfficientNetSharp.Training.Tests.Torch.Functions.BatchNormFunctionTests;

namespace EfficientNetSharp.Training.Tests.Torch.Functions;

/// <summary>The depthwise convolution and its gradients against libtorch's in 64 bits.</summary>
public sealed class DepthwiseFunctionTests
{
    public static TheoryData<int, int, int, int, int> Cases
    {
        get
        {
            var data = new TheoryData<int, int, int, int, int>();
            // With a kernel of 1 and a stride of 2 or 3 some inputs have no tap at all.
            foreach (int kernel in new[] { 1, 3, 5, 7 })
            {
                foreach (int stride in new[] { 1, 2, 3 })
                {
                    foreach (int channels in new[] { 1, 5, 8, 17, 40 }) data.Add(kernel, stride, channels, 11, 8);
                }
            }

            // Maps smaller than the kernel, and wide ones.
            data.Add(5, 1, 16, 3, 2);
            data.Add(5, 2, 24, 1, 1);
            data.Add(3, 2, 32, 2, 37);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Values_and_gradients_are_those_of_libtorch(int kernel, int stride, int channels, int height, int width)
    {
        int pad = (kernel - 1) / 2;
        Check(kernel, stride, channels, height, width, pad, pad, pad, pad);
    }

    [Theory]
    [InlineData(3, 2, 0, 0, 1, 1)]
    [InlineData(5, 2, 1, 2, 2, 1)]
    [InlineData(3, 1, 0, 2, 2, 0)]
    [InlineData(5, 1, 0, 0, 0, 0)]
    public void Unequal_zeros_are_minded(int kernel, int stride, int top, int left, int bottom, int right) =>
        Check(kernel, stride, 24, 10, 9, top, left, bottom, right);

    [Fact]
    public void The_gradient_of_the_kernel_is_added_to()
    {
        using var scope = NewDisposeScope();
        var (x, weight) = (Random([2, 8, 6, 6], 1), Random([8, 1, 3, 3], 2));
        using var function = DepthwiseFunction.Forward(x, weight, 1, 1, 1, 1, 1, out var y);
        var dy = Maps.Innermost(Random(y.shape, 3));
        var (once, twice) = (zeros(8, 1, 3, 3), zeros(8, 1, 3, 3));
        function.AddWeightGradient(dy, once);

        function.AddWeightGradient(dy, twice);
        function.AddWeightGradient(dy, twice);

        AssertClose(once.Times(2), twice, 1e-6);
    }

    [Fact]
    public void Gradients_are_those_of_finite_differences()
    {
        using var scope = NewDisposeScope();
        var (x, weight) = (Random([1, 3, 5, 4], 1), Random([3, 1, 3, 3], 2));
        using var function = DepthwiseFunction.Forward(x, weight, 2, 1, 1, 1, 1, out var y);
        var dy = Random(y.shape, 3);
        var dx = function.InputGradient(Maps.Innermost(dy));
        var dw = zeros(3, 1, 3, 3);
        function.AddWeightGradient(Maps.Innermost(dy), dw);

        // The convolution is linear in both, so the step may be large.
        for (int at = 0; at < 60; at++) Assert.Equal(Change(x, at, input: true), dx.flatten()[at].Number(), 1e-4);
        for (int at = 0; at < 27; at++) Assert.Equal(Change(weight, at, input: false), dw.flatten()[at].Number(), 1e-4);

        double Change(Tensor of, int at, bool input)
        {
            var moved = of.clone();
            moved.view(-1)[at].add_(Scalars.One, Scalars.One);
            return Loss(input ? moved : x, input ? weight : moved) - Loss(x, weight);
        }

        double Loss(Tensor input, Tensor kernel)
        {
            using var one = DepthwiseFunction.Forward(input, kernel, 2, 1, 1, 1, 1, out var value);
            return value.to(ScalarType.Float64).mul(dy).sum().Number();
        }
    }

    private static void Check(int kernel, int stride, int channels, int height, int width, int top, int left, int bottom, int right)
    {
        using var scope = NewDisposeScope();
        var (x, weight) = (Random([3, channels, height, width], 1), Random([channels, 1, kernel, kernel], 2));
        using var function = DepthwiseFunction.Forward(x, weight, stride, top, left, bottom, right, out var y);
        var dy = Random(y.shape, 3);
        var dx = function.InputGradient(Maps.Innermost(dy));
        var dw = zeros(channels, 1, kernel, kernel);
        function.AddWeightGradient(Maps.Innermost(dy), dw);

        var wideX = x.to(ScalarType.Float64).requires_grad_();
        var wideWeight = weight.to(ScalarType.Float64).requires_grad_();
        var padded = nn.functional.pad(wideX, [left, right, top, bottom]);
        var expected = nn.functional.conv2d(padded, wideWeight, strides: [stride, stride], groups: channels);
        expected.backward([dy.to(ScalarType.Float64)]);

        AssertClose(expected.detach(), y, 2e-6);
        AssertClose(wideX.grad!, dx, 2e-6);
        AssertClose(wideWeight.grad!, dw, 5e-6);
    }
}
