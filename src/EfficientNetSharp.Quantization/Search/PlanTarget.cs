using System.Collections.Immutable;
using EfficientNetSharp.Files;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Quantization.Search;

/// <summary>
/// What mixed plans are made for: the two schemes that may stand side by side there, and the device's names for their types.
/// </summary>
public sealed record PlanTarget
{
    /// <summary>Its name as the command line spells it.</summary>
    public required string Name { get; init; }

    /// <summary>What it is, for people.</summary>
    public required string Description { get; init; }

    /// <summary>The scheme of most layers: 8 bits.</summary>
    public required QuantizationScheme Narrow { get; init; }

    /// <summary>The scheme of layers that lose too much in it: 16 bits.</summary>
    public required QuantizationScheme Wide { get; init; }

    /// <summary>What device profiles call the narrow type.</summary>
    public string NarrowType { get; init; } = "int8";

    /// <summary>What device profiles call the wide type.</summary>
    public string WideType { get; init; } = "int16";

    /// <summary>The device profile that its times are predicted by unless another is named.</summary>
    public string Device { get; init; } = "rv1126";

    /// <summary>ONNX: uint8 or int16 values, int8 weights with a scale per channel.</summary>
    public static PlanTarget Onnx { get; } = new()
    {
        Name = "onnx", Description = "ONNX Runtime: uint8 or int16 values, int8 weights with a scale per channel",
        Narrow = QuantizationScheme.OnnxInt8, Wide = QuantizationScheme.OnnxInt16, Device = "cpu",
    };

    /// <summary>RV1126 by the vendor's toolkit: uint8 with a scale per tensor, or 16-bit dynamic fixed point.</summary>
    public static PlanTarget Rv1126 { get; } = new()
    {
        Name = "rv1126", Description = "RV1126 by RKNN-Toolkit 1.7: asymmetric_affine-u8 or dynamic_fixed_point-i16",
        Narrow = QuantizationScheme.RknnU8, Wide = QuantizationScheme.RknnDfp16,
    };

    /// <summary>RV1126 by TIM-VX: uint8 values and int8 weights with a scale per channel, or 16-bit fixed point.</summary>
    public static PlanTarget Rv1126TimVx { get; } = new()
    {
        Name = "rv1126-timvx", Description = "RV1126 by TIM-VX: uint8 values with int8 weights per channel, or 16-bit dynamic fixed point",
        Narrow = QuantizationScheme.OnnxInt8,
        Wide = QuantizationScheme.OnnxInt16 with
        {
            KernelType = Arrays.ElementType.I16, HasChannelScales = false, IsFixedPoint = true,
        },
    };

    /// <summary>All of them.</summary>
    public static ImmutableArray<PlanTarget> All { get; } = [Onnx, Rv1126, Rv1126TimVx];

    /// <summary>The one of a name.</summary>
    /// <exception cref="InvalidInputException">There is none; the message lists all.</exception>
    public static PlanTarget Of(string name) => All.FirstOrDefault(target => target.Name == name)
        ?? throw new InvalidInputException(
            $"There is no target {OneLine.Quote(name)}; the known ones are {string.Join(", ", All.Select(target => target.Name))}.");

    /// <summary>
    /// Checks that a quantized network is one that the target takes: the arithmetic, the types, and whole values per layer.
    /// </summary>
    /// <param name="graph">A network with a plan.</param>
    /// <exception cref="InvalidInputException">It is not; the message names the place.</exception>
    public void Check(Graph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var plan = graph.Quantization ?? throw new InvalidInputException($"The network has no quantization plan, and {Name} takes integers.");
        if (plan.Arithmetic != Narrow.Arithmetic)
            throw new InvalidInputException($"{Name} takes plans of the arithmetic {Narrow.Arithmetic}, and this one is {plan.Arithmetic}'s.");
        foreach (var (name, value) in plan.Values)
        {
            if (!Fits(Narrow) && !Fits(Wide))
                throw Unfit(name, $"values are {TypeName(Narrow.ValueType)} or {TypeName(Wide.ValueType)}{(Wide.IsFixedPoint ? " with powers of two as scales" : "")}, found {value}");

            bool Fits(QuantizationScheme scheme) => value.Type == scheme.ValueType && (!scheme.IsFixedPoint || value.IsFixedPoint);
        }

        foreach (var node in graph.Nodes.Where(node => plan.OfKernel(node) is not null))
        {
            // A layer whose result stays a float has its input's type.
            var (kernel, value) = (plan.OfKernel(node)!, plan.Of(node));
            var type = (value ?? plan.Of(graph.Nodes[node.Inputs[0]]))?.Type;
            var scheme = type == Wide.ValueType ? Wide : Narrow;
            if (kernel.Type != scheme.KernelType || (kernel.IsPerChannel && !scheme.HasChannelScales)
                || (scheme.IsFixedPoint && !kernel.Scales.All(float.IsPow2)))
                throw Unfit(node.Name, $"its kernel is {TypeName(kernel.Type)}{(kernel.IsPerChannel ? " with a scale per channel" : "")}, expected {scheme.Description}");
            if (value is not null && plan.Of(graph.Nodes[node.Inputs[0]]) is { } input && input.Type != value.Type)
                throw Unfit(node.Name, $"it takes {TypeName(input.Type)} and yields {TypeName(value.Type)}, and a layer has one type; put a converter between");
        }
    }

    private static string TypeName(Arrays.ElementType type) => new Graphs.Quantization.ValueQuantization(type, 1).ToString().Split(',')[0];

    private InvalidInputException Unfit(string name, string what) => new($"{Name} does not take the plan at {OneLine.Quote(name)}: {what}.");
}
