using EfficientNetSharp.Graphs;
using EfficientNetSharp.Testing;
using EfficientNetSharp.Testing.Networks;
using EfficientNetSharp.Training.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace EfficientNetSharp.Training.Tests.Torch;

/// <summary>
/// The pass with kernels of its own against libtorch's autograd on generated networks. Batch normalisations have fixed statistics, as those
/// of the few values of small maps multiply every rounding; the batch's have tests of their own.
/// </summary>
public sealed class RandomTrainingPassTests
{
    public static TheoryData<int, int> Seeds => RandomNetworks.Blocks(usual: 1000);

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Outputs_and_gradients_are_those_of_autograd(int first, int count)
    {
        for (int seed = first; seed < first + count; seed++)
        {
            var whole = RandomNetwork.Build(seed);
            var graph = whole.WithOutputs(whole.Output);
            if (!graph.Parameters.Any()) continue;
            var (output, gradients) = Distances(graph, (ulong)seed);
            var nodes = graph.Nodes.Select(node => $"{node.Name} = {node.Operator} of {string.Join(" and ", node.Inputs)} → {node.Shape}");
            Assert.True(output < 1e-4 && gradients < 1e-3,
                $"Network {seed}: outputs are off by {output}, gradients by {gradients}\n{string.Join("\n", nodes)}");
        }
    }

    private static (double Output, double Gradients) Distances(Graph graph, ulong seed)
    {
        const int Batch = 2;
        var weights = SyntheticWeights.For(graph, seed, gain: 3);
        using var scope = NewDisposeScope();
        var shape = graph.Input.Shape;
        var images = tensor(SyntheticInput.Batch(shape, Batch, seed), Batch, shape.Channels, shape.Height, shape.Width);
        var options = new ModuleOptions { FixedStatistics = true };
        using var own = new GraphModule(graph, weights, options);
        using var reference = new GraphModule(graph, weights, options);
        var expected = reference.Forward(images, new TrainingNoise(1, 0));

        // Nothing that is trained leads to this result.
        if (!expected.requires_grad) return (0, 0);
        var toward = cos(TensorArithmetic.Range(expected.numel(), ScalarType.Float32)).reshape(expected.shape);
        expected.mul(toward).sum().backward();
        using var pass = own.Train(images, new TrainingNoise(1, 0));
        pass.Output.mul(toward).sum().backward();
        pass.Backward();
        return (Distance(expected.detach(), pass.Output.detach()), Distance(reference.Parameters.Gradients, own.Parameters.Gradients));
    }

    // Relative, but for what is 0.
    private static double Distance(Tensor expected, Tensor actual) =>
        (expected - actual).norm().Number() / Math.Max(expected.norm().Number(), 1e-3);
}
