using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Weights.NameMaps;

namespace EfficientNetSharp.Weights.Tests.NameMaps;

/// <summary>Each value's place by the definition of the layouts.</summary>
public sealed class TensorLayoutTests
{
    [Fact]
    public void A_convolution_kernel_of_TensorFlow_is_rows_columns_in_out()
    {
        var parameter = new Parameter("w", [5, 3, 2, 4], ParameterRole.ConvolutionKernel);
        var ours = Convert(parameter, depthwise: false, [2, 4, 3, 5]);
        for (int o = 0; o < 5; o++)
        for (int i = 0; i < 3; i++)
        for (int h = 0; h < 2; h++)
        for (int w = 0; w < 4; w++)
            Assert.Equal((((((h * 4) + w) * 3) + i) * 5) + o, ours[(((((o * 3) + i) * 2) + h) * 4) + w]);
    }

    [Fact]
    public void A_depthwise_kernel_of_TensorFlow_is_rows_columns_channels_1()
    {
        var parameter = new Parameter("w", [6, 1, 3, 3], ParameterRole.ConvolutionKernel);
        var ours = Convert(parameter, depthwise: true, [3, 3, 6, 1]);
        for (int c = 0; c < 6; c++)
        for (int k = 0; k < 9; k++)
            Assert.Equal((k * 6) + c, ours[(c * 9) + k]);
    }

    [Fact]
    public void A_linear_layer_of_TensorFlow_is_in_out()
    {
        var ours = Convert(new Parameter("w", [2, 3], ParameterRole.LinearKernel), depthwise: false, [3, 2]);
        Assert.Equal([0, 2, 4, 1, 3, 5], ours);
    }

    [Fact]
    public void Experts_lie_flat_one_after_the_other_in_TensorFlows_order()
    {
        var parameter = new Parameter("w", [2, 3, 2, 1, 1], ParameterRole.ExpertKernels);
        var mapped = new MappedParameter(parameter, "w", TensorLayout.TensorFlow, false);
        Assert.True(mapped.Fits([2, 6]));
        Assert.Equal([0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11],
            mapped.ToOurs(new WeightTensor([2, 6], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])).Values);
    }

    [Fact]
    public void A_linear_layer_may_be_a_convolution_of_one_pixel_but_not_of_another_size()
    {
        var mapped = new MappedParameter(new Parameter("w", [4, 3], ParameterRole.LinearKernel), "w", TensorLayout.PyTorch, false);
        Assert.True(mapped.Fits([4, 3, 1, 1]));
        Assert.False(mapped.Fits([4, 3, 1, 2]));
        Assert.False(mapped.Fits([3, 4]));
        var vector = new MappedParameter(new Parameter("b", [1], ParameterRole.Bias), "b", TensorLayout.PyTorch, false);
        Assert.True(vector.Fits([1]));
        Assert.False(vector.Fits([2]));
    }

    private static float[] Convert(Parameter parameter, bool depthwise, int[] theirs)
    {
        var mapped = new MappedParameter(parameter, "w", TensorLayout.TensorFlow, depthwise);
        Assert.Equal(theirs, mapped.SourceShape);
        Assert.True(mapped.Fits([.. theirs]));
        var tensor = new WeightTensor([.. theirs], [.. Enumerable.Range(0, (int)parameter.Count).Select(i => (float)i)]);
        return mapped.ToOurs(tensor).Values;
    }
}
