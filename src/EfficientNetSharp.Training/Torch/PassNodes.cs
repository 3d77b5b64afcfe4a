using EfficientNetSharp.Graphs;
using EfficientNetSharp.Training.Rounding;
using EfficientNetSharp.Training.Torch.Functions;
using static TorchSharp.torch;

namespace EfficientNetSharp.Training.Torch;

/// <summary>What a network's passes have in common.</summary>
internal sealed class PassNodes
{
    private readonly IReadOnlyDictionary<string, Tensor> _tensors;

    /// <summary>Looks at the graph.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="tensors">Parameters by name; those that learn ask for gradients and have them.</param>
    /// <param name="frozen">By node: whether it runs as at inference.</param>
    /// <param name="lastUse">By node: the last that takes its value.</param>
    /// <param name="options">How to compute.</param>
    /// <param name="onHost">Whether the layers compute on the processor.</param>
    public PassNodes(Graph graph, Dictionary<string, Tensor> tensors, bool[] frozen, int[] lastUse, ModuleOptions options, bool onHost)
    {
        (Graph, _tensors, Tensors, Frozen, LastUse, Options) = (graph, tensors, tensors, frozen, lastUse, options);
        HasOwnKernels = onHost && options.ChannelsLast && options.Precision == Precision.Fp32;
        var consumers = new List<Node>[graph.Nodes.Length];
        for (int i = 0; i < consumers.Length; i++) consumers[i] = [];
        foreach (var node in graph.Nodes)
        {
            foreach (int input in node.Inputs) consumers[input].Add(node);
        }

        var outputs = graph.Outputs.Select(output => output.Index).ToHashSet();
        HasOneUse = [.. graph.Nodes.Select(node => consumers[node.Index].Count == 1 && !outputs.Contains(node.Index))];
        Functions = [.. graph.Nodes.Select(node => HasOneUse[node.Index]
            && consumers[node.Index][0] is { Operator: Activation function } next
            && options.Rounding?.Rounds(node) != true && Differentiables.Has(function.Kind) ? next : null)];
        Learns = new bool[graph.Nodes.Length];
        foreach (var node in graph.Nodes)
        {
            Learns[node.Index] = node.Inputs.Any(input => Learns[input])
                || options.Rounding?.PlaceOf(node) >= 0
                || node.Parameters.Any(parameter => tensors.TryGetValue(parameter.Name, out var tensor) && tensor.requires_grad);
        }
    }

    public Graph Graph { get; }

    public Dictionary<string, Tensor> Tensors { get; }

    public bool[] Frozen { get; }

    public int[] LastUse { get; }

    public ModuleOptions Options { get; }

    /// <summary>Whether our kernels take this network's numbers: 32 bits, on the processor, channels innermost.</summary>
    public bool HasOwnKernels { get; }

    /// <summary>By node: whether a single other takes its value, and it is no result.</summary>
    public bool[] HasOneUse { get; }

    /// <summary>By node: the function that alone takes its value, where our kernels have it.</summary>
    public Node?[] Functions { get; }

    /// <summary>By node: whether its value depends on something that learns.</summary>
    public bool[] Learns { get; }

    /// <summary>What a node's value is rounded to; <see langword="null"/> where it is not.</summary>
    public RoundingGrid? GridOf(Node node) => Options.Rounding?.GridOf(node, LogScales);

    /// <summary>Where the gradient of the logarithm of a value's scale is added up; <see langword="null"/> where that does not learn.</summary>
    public Tensor? ScaleGradient(Node node) =>
        Options.Rounding!.PlaceOf(node) is >= 0 and int place && _tensors[NetworkRounding.ValueScales].grad is { } gradient
            ? gradient.narrow(0, place, 1) : null;

    private ReadOnlySpan<float> LogScales =>
        _tensors.TryGetValue(NetworkRounding.ValueScales, out var scales) ? TensorMemory.SpanOf(scales) : [];

    /// <summary>A parameter.</summary>
    public Tensor Parameter(Node node, string suffix) => _tensors[$"{node.Name}.{suffix}"];

    /// <summary>A parameter's gradient; <see langword="null"/> where it does not learn.</summary>
    public Tensor? Gradient(Node node, string suffix) => Parameter(node, suffix) is { requires_grad: true } parameter ? parameter.grad
        : null;
}
