using System.Collections.Immutable;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Onnx.Writing;

namespace EfficientNetSharp.Onnx.Reading;

/// <summary>Makes the graph and its weights of the steps that its outputs need.</summary>
internal sealed class GraphAssembler
{
    private readonly GraphBuilder _builder;
    private readonly UniqueNames _names = new();
    private readonly Dictionary<GraphValue, Node> _nodes = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<GraphValue, int> _uses = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<GraphValue, Operator> _biases = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<string, WeightTensor> _weights = new(StringComparer.Ordinal);
    private readonly PlanAssembler _plan = new();
    private readonly FoldingBudget _budget;

    private GraphAssembler(ImageValue image, FoldingBudget budget)
    {
        _budget = budget;
        _builder = new GraphBuilder(image.Shape);
        _nodes[image] = _builder.Last;
        _names.Claim(_builder.Last.Name);
    }

    public static (Graph Graph, WeightSet Weights) Assemble(ImageValue image, IReadOnlyList<GraphValue> outputs, FoldingBudget budget)
    {
        var assembler = new GraphAssembler(image, budget);
        var order = InOrder(outputs);
        foreach (var input in order.SelectMany(step => step.Inputs).Concat(outputs))
            assembler._uses[input] = assembler._uses.GetValueOrDefault(input) + 1;
        assembler.FindBiases(order);
        foreach (var step in order) assembler.Append(step);
        var nodes = ImmutableArray.CreateBuilder<Node>();
        foreach (var output in outputs)
        {
            // A graph yields a node once; a file may yield a value under two names.
            var node = assembler._nodes[output];
            nodes.Add(nodes.Contains(node) ? assembler.Append($"{node.Name}.again", new Activation(ActivationKind.Identity), [node], [])
                : node);
        }

        return assembler._plan.Finish(assembler._builder.Build(nodes.ToImmutable()), assembler._weights);
    }

    // Each step after its inputs, with a stack of its own: a file may be deeper than the thread's.
    private static List<GraphValue> InOrder(IReadOnlyList<GraphValue> outputs)
    {
        var order = new List<GraphValue>();
        var seen = new HashSet<GraphValue>(ReferenceEqualityComparer.Instance);
        var stack = new Stack<(GraphValue Value, bool InputsDone)>(outputs.Reverse().Select(output => (output, false)));
        while (stack.TryPop(out var entry))
        {
            if (entry.InputsDone) order.Add(entry.Value);
            else if (seen.Add(entry.Value))
            {
                stack.Push((entry.Value, true));
                foreach (var input in entry.Value.Inputs.Reverse()) stack.Push((input, false));
            }
        }

        return order;
    }

    private void Append(GraphValue step)
    {
        if (step is Layer layer && !_biases.ContainsKey(layer)) _nodes[step] = Append(layer, layer.Operator, layer.Tensors);
        if (step is Affine affine) _nodes[step] = AppendAffine(affine);
        if (step is Rounded rounded) _nodes[step] = AppendRounded(rounded);
    }

    // What rounds a value that others take as it is, or that is rounded already, is a converter; else it belongs to what yields the value.
    private Node AppendRounded(Rounded rounded)
    {
        var node = _nodes[rounded.From];
        if (_uses[rounded.From] > 1 || _plan.IsRounded(node)) node =
            Append(rounded.Name, new Activation(ActivationKind.Identity), [node], []);
        _plan.Round(node, rounded.Quantization);
        return node;
    }

    // A lone shift after a layer without a bias is that bias, and comes with the layer.
    private void FindBiases(IEnumerable<GraphValue> order)
    {
        foreach (var affine in order.OfType<Affine>())
        {
            if (affine.From is Layer layer && _uses[layer] == 1 && Array.TrueForAll(affine.Scale, scale => scale == 1)
                && WithBias(layer.Operator) is { } op)
                _biases[layer] = op;
        }
    }

    private static Operator? WithBias(Operator op) => op switch
    {
        Linear { HasBias: false } linear => linear with { HasBias = true },
        Convolution { HasBias: false } convolution => convolution with { HasBias = true },
        ConditionalConvolution { Shape.HasBias: false } conditional =>
        conditional with { Shape = conditional.Shape with { HasBias = true } },
        _ => null,
    };

    private Node AppendAffine(Affine affine)
    {
        int channels = affine.Shape.Channels;
        _budget.Take(4L * channels);
        if (affine.From is Layer layer && _biases.TryGetValue(layer, out var op))
            return Append(layer, op, layer.Tensors.Add(Vector(affine.Shift, channels)));

        // Without an epsilon, mean 0 and variance 1: scale · x + shift to the bit.
        return Append(affine.Name, new BatchNormalization(channels, 0, 0.1), [_nodes[affine.From]],
        [
            Vector(affine.Scale, channels), Vector(affine.Shift, channels), new WeightTensor([channels], new float[channels]),
            Vector([1], channels),
        ]);
    }

    private Node Append(Layer layer, Operator op, ImmutableArray<WeightTensor> tensors)
    {
        var node = Append(layer.Name, op, [.. layer.Inputs.Select(input => _nodes[input])], tensors);
        _plan.Add(node, layer);
        return node;
    }

    private Node Append(string name, Operator op, ImmutableArray<Node> inputs, ImmutableArray<WeightTensor> tensors)
    {
        var node = _builder.Append(_names.Claim(name), op, inputs.AsSpan());
        for (int i = 0; i < tensors.Length; i++) _weights[node.Parameters[i].Name] = tensors[i];
        return node;
    }

    private static WeightTensor Vector(double[] values, int channels) =>
        new([channels], [.. Enumerable.Range(0, channels).Select(c => (float)values[values.Length == 1 ? 0 : c])]);
}
