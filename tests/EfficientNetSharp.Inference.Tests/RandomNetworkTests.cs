using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Testing.Networks;

namespace EfficientNetSharp.Inference.Tests;

/// <summary>The engine on generated networks, at every level, on one thread and on two.</summary>
public sealed class RandomNetworkTests
{
    public static TheoryData<int, int> Seeds => RandomNetworks.Blocks(usual: 2000);

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Generated_networks_agree_with_the_reference(int first, int count) => RandomNetworks.Check(first, count, Runners);

    private static IEnumerable<IModelRunner> Runners(Graph graph, WeightSet weights) =>
        from level in SimdLevels.Available
        from threads in new[] { 1, 2 }
        select EngineRunner.Create(graph, weights, new PlanOptions { Level = level, Threads = threads, ImagesPerPass = threads });
}
