using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Randomness;
using EfficientNetSharp.Training.Torch;
using EfficientNetSharp.Training.Torch.Functions;
using TorchSharp;
using static TorchSharp.torch;

namespace EfficientNetSharp.Training.Tests.Distributed;

/// <summary>
/// The gradients of one process and of several against libtorch's autograd in double precision over the whole batch. Both are as far from
/// it as float32's rounding makes them. Where functions are smooth an error in the exchange would make several processes worse than one.
/// Where they have kinks, one rounded value on the other side moves the gradient by up to a hundredth, in one process as in several.
/// </summary>
public sealed class ExactGradientTests(ITestOutputHelper log)
{
    private const int Batch = 10;

    [Theory]
    [InlineData("efficientnet_b0", false, 1, 1e-4)]
    [InlineData("mobilenet_v3_small", false, 0.01f, 1e-3)]
    [InlineData("mobilenet_v3_small", true, 0.01f, 5e-2)]
    public void Several_processes_are_no_further_from_the_exact_gradient_than_one(string name, bool kinks, float contrast, double tolerance)
    {
        var architecture = ArchitectureRegistry.Get(name);
        if (!kinks) architecture = Smooth(architecture);
        var graph = architecture.Build(
            new BuildOptions { Height = 64, Width = 64, Classes = 5, Dropout = 0, StochasticDepth = 0 });
        var weights = WeightInitializer.Initialize(graph, 3);
        float[] images = [.. Noise(Batch * (int)graph.Input.Shape.Count).Select(value => 1 + (contrast * value))];
        double[] exact = Exact(graph, weights, images);
        double one = Distance(exact, Gradients(graph, weights, images, 1));
        Assert.InRange(one, 0, tolerance);
        foreach (int size in new[] { 2, 3, 4 })
        {
            double several = Distance(exact, Gradients(graph, weights, images, size));
            log.WriteLine($"{name} {(kinks ? "as it is" : "smooth")}, contrast {contrast}: one process {one:E1}, {size} processes {several:E1}");
            Assert.InRange(several, 0, kinks ? tolerance : Math.Max(4 * one, 1e-6));
        }
    }

    private static Architecture Smooth(Architecture architecture) => architecture with
    {
        Activation = ActivationKind.Silu,
        Stages = [.. architecture.Stages.Select(stage => stage with { Activation = ActivationKind.Silu })],
        SqueezeExcite = architecture.SqueezeExcite with { Activation = ActivationKind.Silu, Gate = ActivationKind.Sigmoid },
    };

    private static double[] Exact(Graph graph, WeightSet weights, float[] images)
    {
        using var scope = NewDisposeScope();
        var tensors = weights.ToDictionary(pair => pair.Key, pair => tensor(pair.Value.Values, [.. pair.Value.Shape.Select(side => (long)side)])
            .to(ScalarType.Float64));
        var trained = graph.Parameters.Where(parameter => parameter.IsTrainable).ToList();
        foreach (var parameter in trained) tensors[parameter.Name] = tensors[parameter.Name].requires_grad_();
        var values = new Tensor?[graph.Nodes.Length];
        values[0] = Map(graph, images).to(ScalarType.Float64);
        foreach (var node in graph.Nodes.AsSpan()[1..])
        {
            var call = new TorchOperators.Call(node, values, tensors, new TrainingNoise(1, 0), new ModuleOptions { ChannelsLast = false });
            // The operators bring a classifier's input to the width of the usual weights.
            values[node.Index] = node.Operator is Linear
                ? nn.functional.linear(call.Input.flatten(1), call.Parameter("weight"), tensors.GetValueOrDefault($"{node.Name}.bias"))
                : node.Operator.Accept(TorchOperators.Instance, call);
        }

        nn.functional.cross_entropy(values[^1]!, Labels(0, Batch)).backward();
        return [.. trained.OrderBy(parameter => parameter.Name, StringComparer.Ordinal)
            .SelectMany(parameter => tensors[parameter.Name].grad!.contiguous().data<double>().ToArray())];
    }

    // Each rank's mean over its images, weighted by their share of the batch, as the trainer has it.
    private static double[] Gradients(Graph graph, WeightSet weights, float[] images, int size)
    {
        var sums = new double[size][];
        ThreadGroup.Run(size, group =>
        {
            using var scope = NewDisposeScope();
            int first = Batch * group.Rank / size, end = Batch * (group.Rank + 1) / size, image = (int)graph.Input.Shape.Count;
            using var module = new GraphModule(graph, weights, new ModuleOptions { Synchronised = size == 1 ? null : group });
            using var pass = module.Train(Map(graph, images[(first * image)..(end * image)]), new TrainingNoise(1, 0, first));
            nn.functional.cross_entropy(pass.Output, Labels(first, end)).Times((double)(end - first) / Batch).backward();
            pass.Backward();
            var gradients = TensorMemory.SpanOf(module.Parameters.Gradients).ToArray();
            sums[group.Rank] =
            [
                .. module.Parameters.Trained.OrderBy(entry => entry.Parameter.Name, StringComparer.Ordinal)
                    .SelectMany(entry => gradients.Skip((int)entry.Offset).Take((int)entry.Parameter.Count)).Select(value => (double)value),
            ];
        });
        return [.. Enumerable.Range(0, sums[0].Length).Select(i => sums.Sum(rank => rank[i]))];
    }

    private static Tensor Labels(int first, int end) => TensorArithmetic.Range(end - first).Plus(first).remainder(Scalars.Of(5));

    private static Tensor Map(Graph graph, float[] values)
    {
        var shape = graph.Input.Shape;
        return tensor(values, values.Length / shape.Count, shape.Channels, shape.Height, shape.Width);
    }

    private static float[] Noise(int count)
    {
        var random = new SeededRandom(7);
        return [.. Enumerable.Range(0, count).Select(_ => (float)random.NextGaussian())];
    }

    private static double Distance(double[] expected, double[] actual) => Math.Sqrt(
        expected.Zip(actual, (e, a) => (e - a) * (e - a)).Sum() / expected.Sum(e => e * e));
}
