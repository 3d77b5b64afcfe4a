using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Quantization;
using EfficientNetSharp.Models;
using EfficientNetSharp.Testing;
using EfficientNetSharp.Testing.IntegerMath;
using EfficientNetSharp.Testing.Networks;
using EfficientNetSharp.Training.Rounding;
using EfficientNetSharp.Training.Torch;
using EfficientNetSharp.Training.Torch.Functions;
using TorchSharp;
using static TorchSharp.torch;

namespace EfficientNetSharp.Training.Tests.Rounding;

/// <summary>Rounded passes on generated networks and plans, against autograd's and against integers'.</summary>
public sealed class RandomRoundingTests
{
    private const int Batch = 2;

    public static TheoryData<int, int> Seeds => RandomNetworks.Blocks(usual: 200);

    // A sum that rounds the other way is a step off, from where a difference spreads: seldom.
    [Theory]
    [MemberData(nameof(Seeds))]
    public void Outputs_and_gradients_are_those_of_autograd(int first, int count)
    {
        int networks = 0, others = 0;
        for (int seed = first; seed < first + count; seed++)
        {
            if (Quantized(seed) is not { } network) continue;
            var (output, gradients) = Distances(network.Graph, network.Weights, seed);
            networks++;
            if (output > 1e-4 || gradients > 1e-3) others++;
        }

        Assert.True(others <= Math.Max(1, networks / 50), $"{others} of {networks} networks differ from autograd.");
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Rounded_floats_are_near_to_integers(int first, int count)
    {
        int networks = 0, others = 0;
        for (int seed = first; seed < first + count; seed++)
        {
            if (Quantized(seed) is not { } network) continue;
            var (graph, weights) = network;
            float[] input = SyntheticInput.Batch(graph.Input.Shape, 1, (ulong)seed), expected = new float[graph.Output.Shape.Count],
                actual = new float[expected.Length];
            using var reference = new IntegerReferenceRunner(graph, weights);
            using var rounded = new TorchRunner(graph, weights);
            ((IModelRunner)reference).Run(input, 1, expected);
            rounded.Run(input, 1, actual);
            double scale = Math.Max(expected.Max(MathF.Abs), 1e-6f), worst = expected.Zip(actual, (a, b) => Math.Abs(a - b) / scale).Max();
            networks++;
            if (worst > 0.1) others++;
        }

        Assert.True(others <= Math.Max(1, networks / 10), $"{others} of {networks} networks differ from integers by over a tenth.");
    }

    private static (Graph Graph, WeightSet Weights)? Quantized(int seed)
    {
        var whole = RandomNetwork.Build(seed);
        var network = whole.WithOutputs(whole.Output);
        if (network.Nodes.Any(node => node.Operator is ConditionalConvolution) || !network.Parameters.Any()) return null;
        float[] input = SyntheticInput.Batch(network.Input.Shape, 1, (ulong)seed);
        return RandomQuantization.Of(
            network, SyntheticWeights.For(network, (ulong)seed, gain: 3), (IntegerArithmetic)(seed % 3), (ulong)seed, input, floats: 0.2);
    }

    private static (double Output, double Gradients) Distances(Graph graph, WeightSet weights, int seed)
    {
        var plan = graph.Quantization!;
        var floats = graph.WithQuantization(null);
        var rounding = new NetworkRounding(floats, plan);
        // Off the grid, and with scales that have moved.
        var extras = rounding.Parameters.Select(one => KeyValuePair.Create(
            one.Parameter.Name, new WeightTensor(one.Initial.Shape, [.. one.Initial.Values.Select((_, i) => 0.1f * MathF.Sin(i))])));
        var start = new WeightSet(weights.StoredAs(Arrays.ElementType.F32).Select(pair => KeyValuePair.Create(
            pair.Key, new WeightTensor(pair.Value.Shape, [.. pair.Value.Values.Select((value, i) => value * (1 + (0.01f * MathF.Cos(i))))])))
            .Concat(extras));
        using var scope = NewDisposeScope();
        var shape = graph.Input.Shape;
        var images = tensor(SyntheticInput.Batch(shape, Batch, (ulong)seed), Batch, shape.Channels, shape.Height, shape.Width);
        using var parameters = new FlatParameters(
            floats, start, view: new RoundedKernels(rounding), extra: [.. rounding.Parameters.Select(one => one.Parameter)]);
        using var module = new GraphModule(floats, parameters, new ModuleOptions { Rounding = rounding, FixedStatistics = true });
        using var pass = module.Train(images, new TrainingNoise(1, 0));
        var toward = cos(TensorArithmetic.Range(pass.Output.numel(), ScalarType.Float32)).reshape(pass.Output.shape);

        var leaves = parameters.Trained.ToDictionary(
            entry => entry.Parameter.Name,
            entry => tensor(start[entry.Parameter.Name].Values, [.. entry.Parameter.Shape.Select(d => (long)d)]).requires_grad_(true));
        foreach (var (parameter, _) in parameters.StatisticEntries)
            leaves.Add(parameter.Name, tensor(start[parameter].Values, [.. parameter.Shape.Select(d => (long)d)]));
        var expected = Autograd(floats, plan, rounding, leaves, images);
        pass.Output.mul(toward).sum().backward();
        pass.Backward();
        parameters.Fetch();
        if (expected.requires_grad) expected.mul(toward).sum().backward();
        double worst = 0;
        foreach (var (parameter, offset) in parameters.Trained)
        {
            var actual = parameters.Gradients.narrow(0, offset, parameter.Count);
            worst = Math.Max(worst, Distance(leaves[parameter.Name].grad?.flatten() ?? zeros(parameter.Count), actual));
        }

        return (Distance(expected.detach(), pass.Output.detach()), worst);
    }

    // As the paper's code has it: rounding is passed through, cutting off is not.
    private static Tensor Autograd(
        Graph graph, QuantizationPlan plan, NetworkRounding rounding, Dictionary<string, Tensor> leaves, Tensor images)
    {
        Tensor Scale(float scale, string name, int place) => place < 0 ? tensor(scale) : leaves[name][place].exp().Times(scale);
        static Tensor Round(Tensor x, Tensor scale, double low, double high)
        {
            var steps = x.div(scale).clamp(Scalars.Of(low - 0.5), Scalars.Of(high + 0.5)).clamp(Scalars.Of(low), Scalars.Of(high));
            // What rounds to the last integer is inside, though it lies beyond.
            var inside = x.div(scale).round().clamp(Scalars.Of(low), Scalars.Of(high)).eq(x.div(scale).round());
            var passed = where(inside, x.div(scale), steps);
            return passed.Plus(passed.round().sub(passed).detach()).mul(scale);
        }

        var tensors = new Dictionary<string, Tensor>(leaves);
        foreach (var (name, kernel) in plan.Kernels)
        {
            var grids = rounding.GridsOf(name, leaves.TryGetValue(NetworkRounding.KernelScales, out var all) ? all.data<float>().ToArray() : []);
            int place = rounding.PlaceOf(name);
            var rows = Enumerable.Range(0, kernel.Scales.Length).Select(i => Round(
                kernel.IsPerChannel ? leaves[name][i] : leaves[name],
                Scale(kernel.Scales[i], NetworkRounding.KernelScales, place < 0 ? -1 : place + i), grids[0].Low, grids[0].High)).ToArray();
            tensors[name] = kernel.IsPerChannel ? stack(rows) : rows[0];
        }

        var values = new Tensor?[graph.Nodes.Length];
        foreach (var node in graph.Nodes)
        {
            var value = node.Index == 0 ? images : node.Operator.Accept(
                TorchOperators.Instance, new TorchOperators.Call(node, values, tensors, null, new ModuleOptions { ChannelsLast = false }));
            if (plan.Of(node) is { } own)
            {
                var (min, max) = own.Bounds(plan.Arithmetic);
                value = Round(value, Scale(own.Scale, NetworkRounding.ValueScales, rounding.PlaceOf(node)), min - own.ZeroPoint, max - own.ZeroPoint);
            }

            values[node.Index] = value;
        }

        return values[graph.Output.Index]!;
    }

    // Relative, but for what is 0.
    private static double Distance(Tensor expected, Tensor actual) =>
        (expected - actual).norm().Number() / Math.Max(expected.norm().Number(), 1e-3);
}
