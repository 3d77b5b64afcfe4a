using EfficientNetSharp.Graphs;
using EfficientNetSharp.Testing;

namespace EfficientNetSharp.Inference.Tests;

/// <summary>Every operator, alone and fused, on random shapes against the slow reference, at every level.</summary>
public sealed class OperatorTests
{
    private const double Tolerance = 1e-5;

    private static readonly Gen<ActivationKind> AnyActivation = Gen.Enum<ActivationKind>();

    [Fact]
    public void Convolutions_of_all_shapes_agree_with_the_reference()
    {
        var shape = Gen.Select(Gen.Int[1, 40], Gen.Int[1, 70], Gen.Int[1, 7], Gen.Int[1, 3], Gen.Enum<PaddingStyle>(), Gen.Int[1, 4]);
        Gen.Select(shape, Gen.Int[1, 30], Gen.Int[1, 30], AnyActivation, Gen.Int[0, 3], Gen.ULong).Sample(
            (s, height, width, activation, tail, seed) =>
            {
                var (inputs, outputs, kernel, stride, padding, groups) = s;
                if (inputs % groups != 0 || outputs % groups != 0) groups = 1;
                Check(seed, TensorShape.Map(3, height, width), graph =>
                {
                    graph.Append("before", new Convolution(3, inputs, 1, 1, 1, PaddingStyle.None, HasBias: true));
                    graph.Append("conv", new Convolution(inputs, outputs, kernel, stride, groups, padding, HasBias: tail % 2 == 0));
                    var shortcut = graph.Last;
                    if (tail > 0)
                    {
                        graph.Append("again", new Convolution(outputs, outputs, 1, 1, 1, PaddingStyle.None, HasBias: true));
                        if (tail > 1) graph.Append("inner_norm", new BatchNormalization(outputs, 1e-3, 0.1));
                        if (tail > 2) graph.AppendActivation("inner", ActivationKind.Silu);
                        graph.Append("add", new Add(), graph.Last, shortcut);
                    }

                    graph.AppendActivation("activation", activation);
                });
            },
            iter: 400, threads: 1);
    }

    [Theory]
    [InlineData(ActivationKind.Relu)]
    [InlineData(ActivationKind.Relu6)]
    public void Bounds_hold_in_every_row_and_column_of_a_tile(ActivationKind activation)
    {
        // So steep that hardly a value lies between the bounds; widths that need tiles of every size.
        for (int width = 1; width <= 30; width++)
        {
            Check((ulong)width, TensorShape.Map(5, 1, width), gain: 300, append: graph =>
            {
                graph.Append("one", new Convolution(5, 48, 1, 1, 1, PaddingStyle.None, HasBias: true));
                graph.AppendActivation("bounded", activation);
            });
        }
    }

    [Fact]
    public void Minimal_filtering_agrees_with_the_reference()
    {
        var shape = Gen.Select(Gen.Int[1, 50], Gen.Int[20, 80], Gen.Enum<PaddingStyle>());
        Gen.Select(shape, Gen.Int[3, 40], Gen.Int[3, 40], AnyActivation, Gen.Int[0, 3], Gen.ULong).Sample(
            (s, height, width, activation, tail, seed) =>
            {
                var (inputs, outputs, padding) = s;
                Check(seed, TensorShape.Map(3, height, width), graph =>
                {
                    var shortcut = graph.Append("before", new Convolution(3, outputs, 1, 1, 1, PaddingStyle.None, HasBias: true));
                    graph.Append("narrow", new Convolution(outputs, inputs, 1, 1, 1, PaddingStyle.None, HasBias: true));
                    var filter = graph.Append("conv", new Convolution(inputs, outputs, 3, 1, 1, padding, HasBias: tail % 2 == 0));
                    if (tail > 1) graph.AppendActivation("inner", ActivationKind.Silu);
                    if (tail > 0 && filter.Shape == shortcut.Shape) graph.Append("add", new Add(), graph.Last, shortcut);
                    graph.AppendActivation("activation", activation);
                    Assert.Equal(padding is PaddingStyle.Same or PaddingStyle.Symmetric, filter.Shape == shortcut.Shape);
                });
            },
            iter: 200, threads: 1);
    }

    [Fact]
    public void Depthwise_convolutions_of_all_shapes_agree_with_the_reference_also_with_an_expansion_before_them()
    {
        var shape = Gen.Select(Gen.Int[1, 70], Gen.Int[1, 7], Gen.Int[1, 9], Gen.Int[1, 3], Gen.Enum<PaddingStyle>());
        Gen.Select(shape, Gen.Int[1, 60], Gen.Int[1, 30], AnyActivation, Gen.Int[0, 4], Gen.ULong).Sample(
            (s, height, width, activation, before, seed) =>
            {
                var (channels, kernel, kernelWidth, stride, padding) = s;
                Check(seed, TensorShape.Map(3, height, width), graph =>
                {
                    graph.Append("stem", new Convolution(3, 5, 3, 1, 1, PaddingStyle.Same, HasBias: true));
                    graph.AppendActivation("stem_activation", activation);
                    if (before == 0) graph.Append("conv", new Convolution(5, channels, 3, 1, 1, PaddingStyle.Symmetric, HasBias: true));
                    else graph.Append("expand", new Convolution(5, channels, 1, 1, 1, PaddingStyle.None, HasBias: before == 1));
                    if (before > 1) graph.AppendActivation("expanded", before == 2 ? ActivationKind.PRelu : ActivationKind.Silu);
                    var filter = new Convolution(channels, channels, kernel, stride, channels, padding, HasBias: true);
                    var body = graph.Append("depthwise", before == 4 ? filter with { KernelWidth = kernelWidth } : filter);
                    if (activation != ActivationKind.Identity) body = graph.AppendActivation("activation", activation);
                    graph.Append("pool", new GlobalAveragePool());
                    var gate = graph.AppendActivation("gate", ActivationKind.Sigmoid);
                    graph.Append("scale", new Gate(), body, gate);
                    if (before == 0) return;
                    graph.Append("project", new Convolution(channels, before * 8, 1, 1, 1, PaddingStyle.None, HasBias: true));
                });
            },
            iter: 400, threads: 1);
    }

    [Fact]
    public void Stems_of_all_shapes_agree_with_the_reference_with_the_depthwise_convolution_behind_them()
    {
        // From one channel, which lies in planes, to more than the widest vectors have lanes.
        var stem = Gen.Select(Gen.Int[1, 20], Gen.Int[1, 70], Gen.Int[1, 7], Gen.Int[1, 7], Gen.Int[1, 4], Gen.Enum<PaddingStyle>());
        var filter = Gen.Select(Gen.Int[1, 7], Gen.Int[1, 40], Gen.Enum<PaddingStyle>(), AnyActivation);
        Gen.Select(stem, filter, Gen.Int[1, 90], Gen.Int[1, 40], AnyActivation, Gen.ULong).Sample(
            (s, f, height, width, activation, seed) =>
            {
                var (inputs, channels, kernel, kernelWidth, stride, padding) = s;
                var (size, step, around, after) = f;
                Check(seed, TensorShape.Map(inputs, height, width), graph =>
                {
                    var op = new Convolution(inputs, channels, kernel, stride, 1, padding, HasBias: true);
                    graph.Append("stem", op with { KernelWidth = kernelWidth });
                    graph.AppendActivation("stem_activation", activation);
                    var windows = new Convolution(channels, channels, size, Math.Max(1, step - 30), channels, around, HasBias: true);
                    graph.Append("depthwise", windows);
                    var body = graph.AppendActivation("activation", after);
                    graph.Append("pool", new GlobalAveragePool());
                    graph.Append("scale", new Gate(), body, graph.Last);
                });
            },
            iter: 400, threads: 1);
    }

    [Fact]
    public void Conditional_convolutions_agree_with_the_reference()
    {
        Gen.Select(Gen.Int[1, 24], Gen.Int[1, 40], Gen.Int[1, 5], Gen.Int[1, 2], Gen.Int[1, 4], Gen.Int[0, 2], Gen.ULong).Sample(
            (inputs, outputs, kernel, stride, experts, grouping, seed) =>
            {
                int groups = grouping == 0 ? 1 : grouping == 1 || inputs % 2 > 0 ? inputs : 2;
                if (groups > 1) outputs = grouping == 1 ? inputs : inputs * 2;
                Check(seed, TensorShape.Map(3, 13, 11), graph =>
                {
                    var x = graph.Append("stem", new Convolution(3, inputs, 3, 2, 1, PaddingStyle.Same, HasBias: true));
                    graph.Append("pool", new GlobalAveragePool());
                    graph.Append("flatten", new Flatten());
                    graph.Append("linear", new Linear(inputs, experts, HasBias: true));
                    var mixture = graph.AppendActivation("shares", ActivationKind.Sigmoid);
                    graph.Append("expand", new Convolution(inputs, inputs, 1, 1, 1, PaddingStyle.None, HasBias: false), x);
                    var shape = new Convolution(inputs, outputs, kernel, stride, groups, PaddingStyle.Symmetric, HasBias: true);
                    graph.Append("conditional", new ConditionalConvolution(shape, experts), graph.Last, mixture);
                    graph.AppendActivation("activation", ActivationKind.Silu);
                });
            },
            iter: 100, threads: 1);
    }

    [Fact]
    public void Maximum_pooling_agrees_with_the_reference()
    {
        var padding = Gen.OneOf(PaddingStyle.Same, PaddingStyle.None);
        Gen.Select(Gen.Int[1, 20], Gen.Int[1, 5], Gen.Int[1, 3], padding, Gen.Int[5, 20], Gen.Int[5, 20]).Sample(
            (channels, kernel, stride, padding, height, width) => Check(1, TensorShape.Map(channels, height, width), graph =>
            {
                graph.Append("pool", new MaxPool(kernel, stride, padding));
                graph.AppendActivation("activation", ActivationKind.Relu);
                graph.AppendActivation("again", ActivationKind.Sigmoid);
            }),
            iter: 50, threads: 1);
    }

    [Fact]
    public void A_network_of_everything_that_no_kernel_can_take_along_agrees_with_the_reference() =>
        Check(5, TensorShape.Map(3, 21, 17), AppendEverything);

    private static void AppendEverything(OperatorGraph graph)
    {
        var image = graph.Last;
        graph.Append("input_norm", new BatchNormalization(3, 1e-3, 0.01));
        graph.Append("sum_with_image", new Add(), graph.Last, image);
        graph.Append("conv", new Convolution(3, 10, 5, 2, 1, PaddingStyle.Same, HasBias: false));
        graph.Append("twice", new Add(), graph.Last, graph.Last);
        var trunk = graph.AppendActivation("prelu", ActivationKind.PRelu);
        graph.Append("norm", new BatchNormalization(10, 1e-3, 0.01));
        graph.Append("silu", new Activation(ActivationKind.Silu));
        graph.Append("identity", new Activation(ActivationKind.Identity));
        graph.Append("grouped", new Convolution(10, 10, 3, 1, 5, PaddingStyle.Symmetric, HasBias: true));
        graph.AppendActivation("grouped_activation", ActivationKind.HardSwish);
        graph.Append("add", new Add(), graph.Last, trunk);
        graph.Append("depthwise", new Convolution(10, 20, 3, 2, 10, PaddingStyle.Same, HasBias: true));
        var left = graph.Append("left", new Convolution(20, 6, 1, 2, 1, PaddingStyle.None, HasBias: true));
        var right = graph.Append("right", new Convolution(20, 6, 1, 2, 1, PaddingStyle.None, HasBias: true), graph["depthwise"]);
        graph.Append("both", new Add(), left, right);
        graph.AppendActivation("relu", ActivationKind.Relu);
        graph.Append("flatten", new Flatten());
        graph.Append("flat_norm", new BatchNormalization(graph.Last.Shape.Channels, 1e-3, 0.01));
        graph.Append("hidden", new Linear(graph.Last.Shape.Channels, 12, HasBias: false));
        graph.Append("hidden_norm", new BatchNormalization(12, 1e-5, 0.1));
        graph.AppendActivation("hidden_activation", ActivationKind.HardSigmoid);
        graph.Append("dropout", new Dropout(0.5));
        graph.Append("linear", new Linear(12, 7, HasBias: true));
        graph.AppendActivation("linear_activation", ActivationKind.PRelu);
    }

    [Fact]
    public void A_linear_layer_on_a_flattened_map_and_flattenings_as_results_agree_with_the_reference()
    {
        Check(1, TensorShape.Map(5, 4, 3), graph =>
        {
            graph.Append("conv", new Convolution(5, 21, 1, 1, 1, PaddingStyle.None, HasBias: true));
            graph.Append("flatten", new Flatten());
            graph.Append("linear", new Linear(21 * 12, 33, HasBias: true));
        });
        Check(2, TensorShape.Map(5, 4, 3), graph => graph.Append("flatten", new Flatten()));
        Check(3, TensorShape.Map(5, 4, 3), _ => { });
        Check(4, TensorShape.Map(40, 1, 1), graph =>
        {
            graph.Append("flatten", new Flatten());
            graph.Append("linear", new Linear(40, 3, HasBias: false));
        });
    }

    internal static void Check(ulong seed, TensorShape input, Action<OperatorGraph> append, double gain = 3)
    {
        var builder = new OperatorGraph(input);
        try
        {
            append(builder);
        }
        catch (ArgumentException)
        {
            return; // The random window does not fit the random map; building says so.
        }

        var graph = builder.Build();
        if (graph.Nodes.Any(IsEmpty)) return;
        const int Batch = 3;
        var weights = SyntheticWeights.For(graph, seed, gain);
        float[] images = SyntheticInput.Batch(graph.Input.Shape, Batch, seed), expected = new float[Batch * graph.Output.Shape.Count];
        using var reference = new ReferenceRunner(graph, weights);
        reference.Run(images, Batch, expected);
        foreach (var level in SimdLevels.Available)
        foreach (var (threads, perPass) in new[] { (1, 2), (3, 1) })
        {
            var options = new PlanOptions { Level = level, Threads = threads, ImagesPerPass = perPass };
            using var runner = EngineRunner.Create(graph, weights, options);
            var output = new float[expected.Length];
            ((IModelRunner)runner).Run(images, Batch, output);
            double error = Difference(output, expected);
            var nodes = graph.Nodes.Select(node => $"{node.Operator} → {node.Shape}");
            Assert.True(error <= Tolerance, $"{level}, {threads} threads: {error} on {string.Join(", ", nodes)}");
        }
    }

    // A window that is larger than its map yields none.
    private static bool IsEmpty(Node node) => node.Operator is Convolution or ConditionalConvolution or MaxPool && node.Shape.IsVector;

    // Relative over all images, as a single value of a small map may be near 0.
    private static double Difference(float[] actual, float[] expected)
    {
        double difference = 0, norm = 1e-30;
        for (int i = 0; i < expected.Length; i++)
        {
            difference += Math.Pow(actual[i] - (double)expected[i], 2);
            norm += (double)expected[i] * expected[i];
        }

        return Math.Sqrt(difference / norm);
    }
}

/// <summary>A graph builder that also finds its nodes again by name.</summary>
internal sealed class OperatorGraph(TensorShape input)
{
    private readonly GraphBuilder _builder = new(input);
    private readonly Dictionary<string, Node> _nodes = [];

    public Node Last => _builder.Last;

    public Node this[string name] => _nodes[name];

    public Node Append(string name, Operator op, params ReadOnlySpan<Node> inputs) => _nodes[name] = _builder.Append(name, op, inputs);

    public Node AppendActivation(string name, ActivationKind kind) => _builder.AppendActivation(name, kind);

    public Graph Build() => _builder.Build();
}
