using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Testing;
using EfficientNetSharp.Testing.Networks;

namespace EfficientNetSharp.Onnx.Tests;

/// <summary>Generated networks as ONNX: run by ONNX Runtime, and read back as a graph.</summary>
public sealed class RandomNetworkTests
{
    public static TheoryData<int, int> Seeds => RandomNetworks.Blocks(usual: 1500);

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Generated_networks_agree_with_the_reference_in_ONNX_Runtime_and_read_back(int first, int count) =>
        RandomNetworks.Check(first, count, Runners);

    private static IEnumerable<IModelRunner> Runners(Graph graph, WeightSet weights)
    {
        using var folder = new TemporaryFolder();
        foreach (bool fold in new[] { true, false })
        {
            var options = new OnnxExportOptions
            {
                FoldBatchNormalization = fold,
                OpsetVersion = 11 + (graph.Nodes.Length % 12),
                Pooling = graph.Nodes.Length % 2 == 0 ? PoolingForm.ReduceMean : PoolingForm.GlobalAveragePool,
            };
            OnnxExporter.Export(graph, weights, folder["n.onnx"], options);
            yield return OnnxRuntimeRunner.Open(folder["n.onnx"], new OnnxRuntimeOptions { Threads = 1 });
            var network = OnnxReader.Read(folder["n.onnx"]);
            yield return new ReferenceRunner(network.Graph, network.Weights);
        }
    }
}
