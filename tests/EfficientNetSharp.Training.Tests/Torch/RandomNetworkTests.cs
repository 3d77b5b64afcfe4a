using EfficientNetSharp.Testing.Networks;
using EfficientNetSharp.Training.Torch;

namespace EfficientNetSharp.Training.Tests.Torch;

/// <summary>Generated networks on libtorch.</summary>
public sealed class RandomNetworkTests
{
    public static TheoryData<int, int> Seeds => RandomNetworks.Blocks(usual: 1500);

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Generated_networks_agree_with_the_reference(int first, int count) =>
        RandomNetworks.Check(first, count, (graph, weights) => [new TorchRunner(graph, weights)]);
}
