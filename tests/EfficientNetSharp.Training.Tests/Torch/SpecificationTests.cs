using EfficientNetSharp.Testing;
using EfficientNetSharp.Training.Torch;

namespace EfficientNetSharp.Training.Tests.Torch;

/// <summary>What every backend is held against, for libtorch.</summary>
public sealed class SpecificationTests
{
    public static TheoryData<string> Families => [.. BackendSpecification.Families];

    [Theory]
    [MemberData(nameof(Families))]
    public void Every_family_agrees_with_the_reference(string name)
    {
        foreach (var graph in BackendSpecification.GraphsOf(name))
            Check(BackendSpecification.Errors(graph, SyntheticWeights.For(graph, gain: BackendSpecification.Gain), (g, w) => new TorchRunner(g, w)));
    }

    [Fact]
    public void Every_operator_agrees_with_the_reference()
    {
        var graph = EveryOperator.Build();
        Check(BackendSpecification.Errors(graph, SyntheticWeights.For(graph, gain: 3), (g, w) => new TorchRunner(g, w), batch: 3));
    }

    [Fact]
    public void The_first_output_alone_is_what_all_of_them_begin_with()
    {
        var graph = EveryOperator.Build();
        using var runner = new TorchRunner(graph, SyntheticWeights.For(graph, gain: 3));
        float[] input = SyntheticInput.Batch(graph.Input.Shape, 2), row = new float[10];
        runner.Run(input, 2, row);
        Assert.Equal(BackendSpecification.RunAll(runner, input, 2)[0], row);
        Assert.Throws<ArgumentException>(() => runner.RunAll(input, 2, row));
        Assert.Throws<ArgumentException>(() => runner.RunAll(input, 2, row, row, row, row));
    }

    private static void Check(double[] errors) => Assert.All(errors, error => Assert.InRange(error, 0, BackendSpecification.Tolerance));
}
