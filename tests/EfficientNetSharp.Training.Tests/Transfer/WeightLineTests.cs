using EfficientNetSharp.Architectures;
using EfficientNetSharp.Models;
using EfficientNetSharp.Training.Transfer;

namespace EfficientNetSharp.Training.Tests.Transfer;

public sealed class WeightLineTests
{
    private static readonly WeightSet A = Draw(1), B = Draw(2);

    [Theory]
    [InlineData(0.25)]
    [InlineData(0.5)]
    [InlineData(0.75)]
    public void Between_two_lies_the_straight_line(double share)
    {
        var between = WeightLine.Between(A, B, share);
        Assert.Equal(B.Select(pair => pair.Key).Order(), between.Select(pair => pair.Key).Order());
        foreach (var (name, tensor) in between)
        {
            for (int i = 0; i < tensor.Values.Length; i++)
                Assert.Equal(((1 - share) * A[name].Values[i]) + (share * B[name].Values[i]), tensor.Values[i], 1e-6);
        }
    }

    [Fact]
    public void The_lines_ends_are_exact()
    {
        var (first, last) = (WeightLine.Between(A, B, 0), WeightLine.Between(A, B, 1));
        foreach (var (name, tensor) in A) Assert.Equal(tensor.Values, first[name].Values);
        foreach (var (name, tensor) in B) Assert.Equal(tensor.Values, last[name].Values);
    }

    private static WeightSet Draw(ulong seed) => WeightInitializer.Initialize(
        ArchitectureRegistry.Get("efficientnet_b0").Build(new BuildOptions { Classes = 3, Height = 32, Width = 32 }), seed);
}
