using System.Collections.Immutable;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Files;
using EfficientNetSharp.IntegerMath;

namespace EfficientNetSharp.Graphs.Quantization;

/// <summary>
/// Which values and weights of a network are integers, and what they stand for. It is data that belongs to a graph
/// (<see cref="Graph.WithQuantization"/>); what is not named is float32.
/// </summary>
/// <remarks>
/// A node computes in integers where its inputs, its output and its kernel, if it has one, are named. Another node computes in float32 from
/// numbers that the integers stand for, and its result is rounded where it is named. A value that is wanted on two scales goes through an identity (<see cref="ActivationKind.Identity"/>) with an entry of its own: converters are nodes, and can be counted.
/// Functions after a layer (ReLU and others) are nodes too: their sums are rounded and cut off by the layer's own entry first.
/// </remarks>
public sealed record QuantizationPlan
{
    /// <summary>The target's rules.</summary>
    public required IntegerArithmetic Arithmetic { get; init; }

    /// <summary>Nodes whose values are integers, by name.</summary>
    public ImmutableSortedDictionary<string, ValueQuantization> Values { get; init; } =
        ImmutableSortedDictionary.Create<string, ValueQuantization>(StringComparer.Ordinal);

    /// <summary>Kernels that are integers, by the parameter's name.</summary>
    public ImmutableSortedDictionary<string, ParameterQuantization> Kernels { get; init; } =
        ImmutableSortedDictionary.Create<string, ParameterQuantization>(StringComparer.Ordinal);

    /// <summary>What a node's integers stand for; <see langword="null"/> where its value is float32.</summary>
    public ValueQuantization? Of(Node node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return Values.GetValueOrDefault(node.Name);
    }

    /// <summary>What the integers of a node's kernel stand for; <see langword="null"/> where it has none or they are floats.</summary>
    public ParameterQuantization? OfKernel(Node node) =>
        node?.Parameters.FirstOrDefault(parameter => parameter.IsKernel) is { } kernel ? Kernels.GetValueOrDefault(kernel.Name) : null;

    /// <summary>What a step of a layer's integer bias is worth: the input's scale times the kernel's, one or one per output channel.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="node">A layer of it whose input and kernel are integers.</param>
    /// <exception cref="ArgumentException">They are not.</exception>
    public float[] BiasScales(Graph graph, Node node)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(node);
        if (node.Inputs.IsEmpty || Of(graph.Nodes[node.Inputs[0]]) is not { } input || OfKernel(node) is not { } kernel)
            throw new ArgumentException($"'{node.Name}' has no integers as input and kernel.", nameof(node));
        return [.. kernel.Scales.Select(scale => input.Scale * scale)];
    }

    /// <summary>Whether a node computes in integers: its inputs, its output and its kernel, if it has one, are integers.</summary>
    public bool ComputesInIntegers(Graph graph, Node node)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(node);
        return node.Operator is not (Input or ConditionalConvolution)
            && Of(node) is not null
            && node.Inputs.All(input => Of(graph.Nodes[input]) is not null)
            && (node.Parameters.All(parameter => !parameter.IsKernel) || OfKernel(node) is not null);
    }

    /// <summary>The types that its values have, most frequent first, as <c>uint8, int16</c>.</summary>
    public string Describe() => string.Join(
        ", ", Values.Values.GroupBy(value => value.Type).OrderByDescending(group => group.Count()).ThenBy(group => group.Key)
            .Select(group => ValueQuantization.TypeName(group.Key)).DefaultIfEmpty("weights alone"));

    /// <summary>The part of the plan that belongs to a graph: entries of nodes that it has not are left out.</summary>
    public QuantizationPlan For(Graph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var names = graph.Nodes.Select(node => node.Name).ToHashSet(StringComparer.Ordinal);
        var parameters = graph.Parameters.Select(parameter => parameter.Name).ToHashSet(StringComparer.Ordinal);
        return this with
        {
            Values = Values.RemoveRange(Values.Keys.Where(name => !names.Contains(name))),
            Kernels = Kernels.RemoveRange(Kernels.Keys.Where(name => !parameters.Contains(name))),
        };
    }

    /// <summary>Checks that the plan is one of the graph and one that its target has.</summary>
    /// <exception cref="InvalidInputException">It is not; the message names the entry.</exception>
    public void Check(Graph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        if (!Enum.IsDefined(Arithmetic)) throw new InvalidInputException($"The quantization plan has an unknown arithmetic, {Arithmetic}.");
        var nodes = graph.Nodes.ToDictionary(node => node.Name, StringComparer.Ordinal);
        foreach (var (name, value) in Values)
        {
            if (!nodes.TryGetValue(name, out var node)) throw Error(name, "the network has no such node");
            CheckValue(name, value);
            if (value.Sigmoid is not { } sigmoid) continue;
            if (node.Operator is not Activation { Kind: var kind } || FunctionTable.GateOf(kind) is null)
                throw Error(name, "only a SiLU or HardSwish has a sigmoid to store");
            CheckValue($"{name}'s sigmoid", sigmoid);
        }

        var kernels = graph.Parameters.Where(parameter => parameter.IsKernel).ToDictionary(parameter => parameter.Name, StringComparer.Ordinal);
        foreach (var (name, kernel) in Kernels)
        {
            if (!kernels.TryGetValue(name, out var parameter)) throw Error(name, "the network has no such kernel");
            CheckKernel(parameter, kernel);
        }
    }

    private void CheckValue(string name, ValueQuantization value)
    {
        if (value.Type is not (ElementType.U8 or ElementType.I8 or ElementType.U16 or ElementType.I16))
            throw Error(name, $"values are uint8, int8, uint16 or int16, not {ValueQuantization.TypeName(value.Type)}");
        CheckScale(name, value.Scale);
        var (min, max) = value.Bounds(Arithmetic);
        if (value.ZeroPoint < min || value.ZeroPoint > max)
            throw Error(name, $"its zero point {value.ZeroPoint} is not an integer of {ValueQuantization.TypeName(value.Type)}");
        if (Arithmetic == IntegerArithmetic.Rknn && (value.Type is ElementType.I8 or ElementType.I16) && !value.IsFixedPoint)
            throw Error(name, $"RKNN's {ValueQuantization.TypeName(value.Type)} is dynamic fixed point: a power of two as scale and 0 as zero point");
        if (Arithmetic == IntegerArithmetic.TfLite && value is { Type: ElementType.I16, ZeroPoint: not 0 })
            throw Error(name, "TensorFlow Lite's int16 has 0 as zero point");
        bool isKnown = Arithmetic switch
        {
            IntegerArithmetic.Onnx => true,
            _ => value.Type is not ElementType.U16,
        };
        if (!isKnown) throw Error(name, $"{Arithmetic} has no {ValueQuantization.TypeName(value.Type)}");
    }

    private void CheckKernel(Parameter parameter, ParameterQuantization kernel)
    {
        string name = parameter.Name;
        if (parameter.Role == ParameterRole.ExpertKernels) throw Error(name, "kernels that are mixed for each image stay float32");
        if (kernel.Type is not (ElementType.U8 or ElementType.I8 or ElementType.I16))
            throw Error(name, $"kernels are uint8, int8 or int16, not {ValueQuantization.TypeName(kernel.Type)}");
        if (kernel.Scales.IsDefault || (kernel.Scales.Length != 1 && kernel.Scales.Length != parameter.Shape[0]))
            throw Error(name, $"one scale or {parameter.Shape[0]} are expected, found {(kernel.Scales.IsDefault ? 0 : kernel.Scales.Length)}");
        foreach (float scale in kernel.Scales) CheckScale(name, scale);
        var (min, max) = new ValueQuantization(kernel.Type, 1).Bounds(IntegerArithmetic.Onnx);
        if (kernel.ZeroPoint < min || kernel.ZeroPoint > max)
            throw Error(name, $"its zero point {kernel.ZeroPoint} is not an integer of {ValueQuantization.TypeName(kernel.Type)}");
        if (kernel.IsPerChannel && (kernel.ZeroPoint != 0 || kernel.Type == ElementType.U8))
            throw Error(name, "with a scale per channel it is expected to be signed and to have 0 as zero point");
        if (Arithmetic != IntegerArithmetic.Rknn) return;
        if (kernel.IsPerChannel) throw Error(name, "RKNN 1.x has one scale per tensor");
        if (kernel.Type != ElementType.U8 && (kernel.ZeroPoint != 0 || !float.IsPow2(kernel.Scales[0])))
            throw Error(name,
                $"RKNN's {ValueQuantization.TypeName(kernel.Type)} is dynamic fixed point: a power of two as scale and 0 as zero point");
    }

    private static void CheckScale(string name, float scale)
    {
        if (!(scale > 0) || !float.IsFinite(scale)) throw Error(name, $"its scale is {NumberText.Of(scale)}, expected a positive number");
    }

    private static InvalidInputException Error(string name, string what) =>
        new($"The quantization plan does not fit at {OneLine.Quote(name)}: {what}.");
}
