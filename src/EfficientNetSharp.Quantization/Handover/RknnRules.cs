using EfficientNetSharp.Arrays;
using EfficientNetSharp.Files;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Quantization;

namespace EfficientNetSharp.Quantization.Handover;

/// <summary>
/// What RKNN-Toolkit 1.7 takes of a quantized network, by its user guide (3.2, 4.5) and troubleshooting guide (chapter 9). The toolkit is
/// closed: these rules are read, not tried against it.
/// </summary>
internal static class RknnRules
{
    /// <summary>The operator set that it reads, of format version 7.</summary>
    public const int Opset = 12;

    // One model has at most two methods of quantization (user guide 4.5.3); floats count as one.
    private const int MaxMethods = 2;

    /// <summary>The toolkit's word for how a node is computed.</summary>
    /// <param name="plan">The network's plan.</param>
    /// <param name="node">The node.</param>
    public static string MethodOf(QuantizationPlan plan, Node node) => plan.Of(node)?.Type switch
    {
        ElementType.U8 => "asymmetric_affine-u8",
        ElementType.I8 => "dynamic_fixed_point-i8",
        ElementType.I16 => "dynamic_fixed_point-i16",
        _ => "float32",
    };

    /// <summary>Whether the toolkit has a layer for a node; others only order values, or convert them, which it does by itself.</summary>
    public static bool IsLayer(Node node) => node.Operator is not (Input or Flatten or Activation { Kind: ActivationKind.Identity });

    /// <summary>Checks that the toolkit has what a plan asks for.</summary>
    /// <exception cref="InvalidInputException">It has not; the message names the first place.</exception>
    public static void EnsureStatable(Graph graph, QuantizationPlan plan)
    {
        try
        {
            (plan with { Arithmetic = IntegerArithmetic.Rknn }).Check(graph);
        }
        catch (InvalidInputException e)
        {
            throw new InvalidInputException(
                $"RKNN-Toolkit 1.7 cannot state this plan ({e.Message.TrimEnd('.')}); quantize for RKNN: rknn-u8, rknn-dfp8, rknn-dfp16 or a mix of two.", e);
        }

        if (WhyNotStatable(graph) is { } reason) throw new InvalidInputException(reason);
        foreach (var node in graph.Nodes.Where(IsLayer))
        {
            if (plan.OfKernel(node) is { } kernel && plan.Of(node) is { } own && kernel.Type != own.Type)
                throw new InvalidInputException(
                    $"RKNN-Toolkit 1.7 has one type for a layer's weights and values, and {OneLine.Quote(node.Name)} has {kernel.Type} and {own.Type}; quantize both alike.");
        }

        string[] methods = [.. graph.Nodes.Where(IsLayer).Select(node => MethodOf(plan, node)).Distinct().Order()];
        if (methods.Length > MaxMethods)
            throw new InvalidInputException(
                $"RKNN-Toolkit 1.7 takes at most {MaxMethods} methods in one model, and the plan has {methods.Length} ({string.Join(", ", methods)}); leave one out.");
    }

    /// <summary>What keeps any plan of a network from being stated, in a sentence; <see langword="null"/> where nothing does.</summary>
    /// <param name="graph">The network, quantized or not yet.</param>
    public static string? WhyNotStatable(Graph graph)
    {
        // The toolkit wants one scale for all that is joined, and names none of these in a configuration that could be read.
        var moved = graph.Nodes.Select(node => (Node: node, Kind: KindOf(node.Operator))).Where(pair => pair.Kind is not null).ToArray();
        return moved is [var (first, _), ..]
            ? $"A configuration for RKNN-Toolkit 1.7 cannot state how {OneLine.Quote(first.Name)} ({first.Operator.GetType().Name}) is computed in integers; take a network without {string.Join(", ", moved.Select(pair => pair.Kind).Distinct())}, or give the toolkit the network in floats."
            : null;

        static string? KindOf(Operator op) => op switch
        {
            Concatenation => "concatenations",
            ChannelSlice => "slices of channels",
            ChannelShuffle => "shuffles of channels",
            AveragePool => "means under windows",
            ZeroPad => "padding by itself",
            _ => null,
        };
    }
}
