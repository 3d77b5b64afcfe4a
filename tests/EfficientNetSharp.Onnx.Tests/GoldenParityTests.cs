using EfficientNetSharp.Costs;
using EfficientNetSharp.Testing;

namespace EfficientNetSharp.Onnx.Tests;

/// <summary>Exported networks, run by ONNX Runtime, against torchvision, timm and EfficientNet-PyTorch (tests/Goldens).</summary>
public sealed class GoldenParityTests
{
    public static TheoryData<string> Names => [.. Golden.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void An_exported_network_computes_what_the_other_implementation_does_folded_or_not(string name)
    {
        var golden = Golden.Load(name);
        Assert.Equal(golden.Parameters, GraphCosts.Of(golden.Graph).Parameters);
        var (weights, input) = (golden.CreateWeights(), golden.CreateInput());
        foreach (bool fold in new[] { true, false })
        {
            using var runner = OnnxRuntimeRunner.Load(
                OnnxExporter.ExportToBytes(golden.Graph, weights, new OnnxExportOptions { FoldBatchNormalization = fold }));
            var output = new float[golden.Batch * runner.OutputShape.Channels];
            runner.Run(input, golden.Batch, output);
            Assert.InRange(RelativeError.OfRows(output, golden.Output), 0, golden.Tolerance);
        }
    }
}
