using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Testing;

namespace EfficientNetSharp.Onnx.Tests;

/// <summary>What every backend must do, for ONNX Runtime.</summary>
public sealed class SpecificationTests : BackendSpecification
{
    public static TheoryData<int> Opsets => [.. Enumerable.Range(11, 12)];

    /// <inheritdoc />
    protected override IEnumerable<IModelRunner> Runners(Graph graph, WeightSet weights) => [OnnxRuntimeRunner.Create(graph, weights)];

    // How it rounds depends on where in memory the values lie, also from one call to the next on one thread.
    /// <inheritdoc />
    protected override double RepeatTolerance => 1e-6;

    [Theory]
    [MemberData(nameof(Opsets))]
    public void Every_operator_agrees_with_the_reference_in_every_operator_set(int opset)
    {
        var graph = EveryOperator.Build();
        var forms = from fold in new[] { true, false }
                    from pooling in Enum.GetValues<PoolingForm>()
                    select new OnnxExportOptions { OpsetVersion = opset, FoldBatchNormalization = fold, Pooling = pooling };
        AssertAgreement(
            graph,
            SyntheticWeights.For(graph, gain: 3),
            (g, w) => forms.Select(options => OnnxRuntimeRunner.Load(OnnxExporter.ExportToBytes(g, w, options))),
            batch: 3);
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
}
