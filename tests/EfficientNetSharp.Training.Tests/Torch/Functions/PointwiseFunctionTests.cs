using EfficientNetSharp.Training.Torch.Functions;
using EfficientNetSharp.Training.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace EfficientNetSharp.Training.Tests.Torch.Functions;

/// <summary>The products of a 1×1 convolution against libtorch's in 64 bits.</summary>
public sealed class PointwiseFunctionTests
{
    public static TheoryData<int, int, int> Cases
    {
        get
        {
            var data = new TheoryData<int, int, int>();
            // Rows below, at and above a piece; channels below, at and between the panels of all vectors, and no multiple of a tile.
            (int, int)[] channels = [(16, 16), (17, 40), (24, 19), (31, 33), (32, 64), (48, 16), (112, 67), (70, 230)];
            foreach (int rows in new[] { 16, 17, 29, 63, 64, 255, 257, 800, 3001 })
            {
                foreach (var (inputs, outputs) in channels)
                    data.Add(rows, inputs, outputs);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Products_are_those_of_libtorch(int rows, int inputs, int outputs)
    {
        using var scope = NewDisposeScope();
        var x = BatchNormFunctionTests.Random([rows, inputs], 1);
        var weight = BatchNormFunctionTests.Random([outputs, inputs], 2);
        var dy = BatchNormFunctionTests.Random([rows, outputs], 3);
        var before = BatchNormFunctionTests.Random([outputs, inputs], 4);
        var weightGradient = before.clone();

        Assert.True(PointwiseFunction.Takes(rows, inputs, outputs));
        var y = PointwiseFunction.Forward(x, weight);
        var dx = PointwiseFunction.InputGradient(dy, weight);
        PointwiseFunction.AddWeightGradient(x, dy, weightGradient);

        var (wideX, wideWeight, wideDy) = (x.to(ScalarType.Float64), weight.to(ScalarType.Float64), dy.to(ScalarType.Float64));
        BatchNormFunctionTests.AssertClose(wideX.mm(wideWeight.t()), y, 1e-6);
        BatchNormFunctionTests.AssertClose(wideDy.mm(wideWeight), dx, 1e-6);
        BatchNormFunctionTests.AssertClose(wideDy.t().mm(wideX).Plus(before), weightGradient, 2e-6);
    }

    [Fact]
    public void What_is_beside_the_results_is_left_alone()
    {
        using var scope = NewDisposeScope();
        const int inputs = 40, outputs = 19;
        var room = zeros(inputs * (outputs + 2));
        var weightGradient = room.narrow(0, inputs, inputs * outputs).view(outputs, inputs);

        PointwiseFunction.AddWeightGradient(ones(100, inputs), ones(100, outputs), weightGradient);

        Assert.Equal(100 * inputs * outputs, room.sum().Number());
        Assert.Equal(100, room.max().Number());
        Assert.Equal(0, room.narrow(0, 0, inputs).abs().sum().Number());
        Assert.Equal(0, room.narrow(0, inputs * (outputs + 1), inputs).abs().sum().Number());
    }
}
