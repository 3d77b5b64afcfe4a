using System.Collections.Immutable;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Quantization;
using EfficientNetSharp.Models;
using EfficientNetSharp.Training.Tasks;
using EfficientNetSharp.Training.Torch.Functions;

namespace EfficientNetSharp.Training.Rounding;

/// <summary>
/// A plan's integers in training: values and kernels are rounded as the plan says, and the logarithms of its scales learn beside the
/// weights. Scales that a target or the images fix do not: powers of two, a sigmoid's steps, the input's. Those that one node takes over
/// from another are one.
/// </summary>
internal sealed class NetworkRounding
{
    /// <summary>ln(scale / first scale) of values, one for each that learns.</summary>
    public const string ValueScales = "task.value_scales";

    /// <summary>ln(scale / first scale) of kernels, one for each that learns; of a kernel with a scale per channel, each.</summary>
    public const string KernelScales = "task.kernel_scales";

    // A scale moves a hundred times as fast, as a share of itself, as a weight moves in units of 1: weights are of the order of 0.01.
    private const double ScaleRate = 100;

    private readonly QuantizationPlan _plan;
    private readonly Dictionary<string, int> _valuePlaces = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _kernelPlaces = new(StringComparer.Ordinal);
    private readonly int _values, _kernels;

    /// <summary>Takes a plan.</summary>
    /// <param name="graph">The network, folded as the plan has it, of floats.</param>
    /// <param name="plan">The plan.</param>
    /// <exception cref="InvalidInputException">The plan is none of the network's.</exception>
    public NetworkRounding(Graph graph, QuantizationPlan plan)
    {
        plan.Check(graph);
        _plan = plan;
        foreach (var node in graph.Nodes)
        {
            if (plan.Of(node) is not { } value || IsFixed(node, value)) continue;
            _valuePlaces[node.Name] = OwnerOf(graph, node, value) is { } owner && _valuePlaces.TryGetValue(owner.Name, out int place)
                ? place : _values++;
        }

        foreach (var (name, kernel) in plan.Kernels)
        {
            if (IsFixedPoint(kernel.Type)) continue;
            _kernelPlaces[name] = _kernels;
            _kernels += kernel.Scales.Length;
        }
    }

    /// <summary>What learns beside the network.</summary>
    public ImmutableArray<TaskParameter> Parameters =>
    [
        .. new[] { (ValueScales, _values), (KernelScales, _kernels) }.Where(one => one.Item2 > 0).Select(one => new TaskParameter(
            new Parameter(one.Item1, [one.Item2], ParameterRole.Bias), new WeightTensor([one.Item2], new float[one.Item2])) { RateScale = ScaleRate }),
    ];

    /// <summary>Whether a node's value is rounded.</summary>
    public bool Rounds(Node node) => _plan.Of(node) is not null;

    /// <summary>The place of a value's scale among <see cref="ValueScales"/>; −1 where it does not learn.</summary>
    public int PlaceOf(Node node) => _valuePlaces.GetValueOrDefault(node.Name, -1);

    /// <summary>What a node's value is rounded to; <see langword="null"/> where it is not rounded.</summary>
    /// <param name="node">The node, by its name.</param>
    /// <param name="logScales">The present <see cref="ValueScales"/>; empty for the plan's own scales.</param>
    public RoundingGrid? GridOf(Node node, ReadOnlySpan<float> logScales)
    {
        if (_plan.Of(node) is not { } value) return null;
        var (min, max) = value.Bounds(_plan.Arithmetic);
        return new RoundingGrid(Scaled(value.Scale, logScales, PlaceOf(node)), min - value.ZeroPoint, max - value.ZeroPoint);
    }

    /// <summary>The kernels that are rounded, by name.</summary>
    public IEnumerable<string> KernelNames => _plan.Kernels.Keys;

    /// <summary>The place of a kernel's first scale among <see cref="KernelScales"/>; −1 where they do not learn.</summary>
    public int PlaceOf(string kernel) => _kernelPlaces.GetValueOrDefault(kernel, -1);

    /// <summary>What a kernel is rounded to: one grid, or one per output channel.</summary>
    /// <param name="name">The kernel.</param>
    /// <param name="logScales">The present <see cref="KernelScales"/>; empty for the plan's own scales.</param>
    public RoundingGrid[] GridsOf(string name, ReadOnlySpan<float> logScales)
    {
        var kernel = _plan.Kernels[name];
        float low = kernel.Bounds.Min - kernel.ZeroPoint, high = kernel.Bounds.Max - kernel.ZeroPoint;
        int place = PlaceOf(name);
        var grids = new RoundingGrid[kernel.Scales.Length];
        for (int i = 0; i < grids.Length; i++)
            grids[i] = new RoundingGrid(Scaled(kernel.Scales[i], logScales, place < 0 ? -1 : place + i), low, high);
        return grids;
    }

    /// <summary>The plan with the scales that were learned.</summary>
    /// <param name="valueScales"><see cref="ValueScales"/>.</param>
    /// <param name="kernelScales"><see cref="KernelScales"/>.</param>
    public QuantizationPlan PlanOf(ReadOnlySpan<float> valueScales, ReadOnlySpan<float> kernelScales)
    {
        var values = _plan.Values.ToBuilder();
        foreach (var (name, place) in _valuePlaces)
            values[name] = _plan.Values[name] with { Scale = Scaled(_plan.Values[name].Scale, valueScales, place) };
        var kernels = _plan.Kernels.ToBuilder();
        foreach (string name in _kernelPlaces.Keys)
            kernels[name] = _plan.Kernels[name] with { Scales = [.. GridsOf(name, kernelScales).Select(grid => grid.Scale)] };
        return _plan with { Values = values.ToImmutable(), Kernels = kernels.ToImmutable() };
    }

    private static float Scaled(float scale, ReadOnlySpan<float> logScales, int place) =>
        place < 0 || logScales.IsEmpty ? scale : (float)(scale * Math.Exp(logScales[place]));

    // What an image holds is known beforehand.
    private bool IsFixed(Node node, ValueQuantization value) => IsFixedPoint(value.Type) || node.Operator is Input
        || node.Operator is Activation { Kind: ActivationKind.Sigmoid or ActivationKind.HardSigmoid };

    private bool IsFixedPoint(ElementType type) => _plan.Arithmetic == IntegerArithmetic.Rknn && type != ElementType.U8;

    // Nodes that choose among their input's integers, or cut them off, go on the input's scale.
    private Node? OwnerOf(Graph graph, Node node, ValueQuantization value) =>
        node.Operator is MaxPool or Flatten or Activation { Kind: ActivationKind.Relu or ActivationKind.Relu6 }
        && graph.Nodes[node.Inputs[0]] is var input && _plan.Of(input) == value ? input : null;
}
