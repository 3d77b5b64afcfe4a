using EfficientNetSharp.Graphs;
using EfficientNetSharp.Testing;

namespace EfficientNetSharp.Onnx.Tests;

/// <summary>What every backend is held against, for ONNX Runtime.</summary>
public sealed class SpecificationTests
{
    public static TheoryData<string> Families => [.. BackendSpecification.Families];

    public static TheoryData<int> Opsets => [.. Enumerable.Range(11, 12)];

    [Theory]
    [MemberData(nameof(Families))]
    public void Every_family_agrees_with_the_reference(string name)
    {
        foreach (var graph in BackendSpecification.GraphsOf(name))
            Check(BackendSpecification.Errors(graph, SyntheticWeights.For(graph, gain: BackendSpecification.Gain), (g, w) => OnnxRuntimeRunner.Create(g, w)));
    }

    [Theory]
    [MemberData(nameof(Opsets))]
    public void Every_operator_agrees_with_the_reference_in_every_operator_set(int opset)
    {
        var graph = EveryOperator.Build();
        var weights = SyntheticWeights.For(graph, gain: 3);
        foreach (bool fold in new[] { true, false })
        foreach (var pooling in Enum.GetValues<PoolingForm>())
        {
            var options = new OnnxExportOptions { OpsetVersion = opset, FoldBatchNormalization = fold, Pooling = pooling };
            Check(BackendSpecification.Errors(graph, weights, (g, w) => OnnxRuntimeRunner.Load(OnnxExporter.ExportToBytes(g, w, options)), batch: 3));
        }
    }

    [Fact]
    public void The_network_of_every_operator_has_every_operator_and_function()
    {
        var used = EveryOperator.Build().Nodes.Select(node => node.Operator).ToArray();
        var operators = typeof(Operator).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Operator)) && !type.IsAbstract);
        Assert.Empty(operators.Except(used.Select(op => op.GetType())));
        var functions = Enum.GetValues<ActivationKind>().Except([ActivationKind.PRelu]);
        Assert.Empty(functions.Except(used.OfType<Activation>().Select(activation => activation.Kind)));
    }

    private static void Check(double[] errors) => Assert.All(errors, error => Assert.InRange(error, 0, BackendSpecification.Tolerance));
}
