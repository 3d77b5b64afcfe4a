using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Costs;
using EfficientNetSharp.Evaluation.Reports;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Quantization;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Quantization.Handover;

/// <summary>What a device does with an operator.</summary>
/// <param name="Name">The node's name.</param>
/// <param name="Operator">What it is.</param>
/// <param name="Type">What it computes with, as <c>uint8</c>; <c>float16</c> for floats, which the device has no 32 bits for.</param>
/// <param name="Engine">The part of the chip: NN (convolutions), TP (functions, strides) or the shader unit.</param>
/// <param name="Macs">Multiply-adds.</param>
/// <param name="Weights">Elements of its kernel.</param>
/// <param name="ZeroWeights">How many of them stand for 0, which the hardware skips.</param>
/// <param name="Notes">What it loses, or is slow by, a sentence each.</param>
public sealed record DeviceOperator(
    string Name, string Operator, string Type, string Engine, long Macs, long Weights, long ZeroWeights, ImmutableArray<string> Notes);

/// <summary>
/// What the NPU of RV1126 and its kin (VeriSilicon) runs of a network and where: three engines, NN for convolutions of step 1 and sums, TP
/// for steps, sigmoid, SiLU and PReLU, and a shader unit for products and reductions. From the vendors' documents (Synaptics' on the same
/// IP, RKNN-Toolkit 1.7.5's list of operators and troubleshooting guide, chapter 9); not measured on a chip.
/// </summary>
/// <param name="Operators">The operators, in the network's order.</param>
/// <param name="Converters">How many values are wanted in another type than they have, each of which costs a pass over them.</param>
public sealed record DeviceOperators(ImmutableArray<DeviceOperator> Operators, int Converters)
{
    // The largest window of a convolution with a step: 11 · step − 1 (operator list of 1.7.5).
    private const int LargestWindow = 11;

    // Widths up to which a maximum is taken together with the convolution before it, with 8 and 16 bits.
    private const int FusedPoolWidth = 64, FusedPoolWidthWide = 32;

    /// <summary>The share of kernel elements that stand for 0.</summary>
    public double ZeroShare => Operators.Sum(op => op.Weights) is var all and > 0 ? (double)Operators.Sum(op => op.ZeroWeights) / all : 0;

    /// <summary>The parts that the chip has no engine for; they run as floats, or not at all.</summary>
    public IEnumerable<DeviceOperator> FallBacks => Operators.Where(op => op.Engine == "none");

    /// <summary>Goes through a network.</summary>
    /// <param name="graph">The folded network, with its plan if it has one.</param>
    /// <param name="weights">Its weights.</param>
    public static DeviceOperators Of(Graph graph, WeightSet weights)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(weights);
        var costs = GraphCosts.Of(graph).Nodes.ToDictionary(cost => cost.Node.Name, StringComparer.Ordinal);
        var uses = graph.CountUses();
        var operators = ImmutableArray.CreateBuilder<DeviceOperator>();
        int converters = 0;
        foreach (var node in graph.Nodes.Where(RknnRules.IsLayer))
        {
            string type = TypeOf(graph, node);
            converters += node.Inputs.Count(input => input != 0 && TypeOf(graph, graph.Nodes[input]) != type);
            var (weightCount, zeros) = CountZeros(graph, node, weights);
            operators.Add(new DeviceOperator(
                node.Name, Describe(node), type, EngineOf(graph, node, uses), costs[node.Name].Macs, weightCount, zeros, NotesOf(graph, node, type)));
        }

        return new DeviceOperators(operators.ToImmutable(), converters);
    }

    /// <summary>The report as a page or text.</summary>
    /// <param name="title">Its title.</param>
    public TableReport ToReport(string title)
    {
        long macs = Math.Max(1, Operators.Sum(op => op.Macs));
        string Share(IEnumerable<DeviceOperator> of) => (of.Sum(op => op.Macs) / (double)macs).ToString("0.0%", CultureInfo.InvariantCulture);
        var notes = Operators.SelectMany(op => op.Notes.Select(note => (Note: note, op.Name))).GroupBy(pair => pair.Note);
        return new TableReport(
            title,
            [
                $"{NumberText.Counted(Operators.Length, "operator")}, {NumberText.Counted(Converters, "converter")} between types; "
                + $"{ZeroShare.ToString("0.0%", CultureInfo.InvariantCulture)} of all weights stand for 0, which the hardware skips.",
                "By the vendors' documents, not measured: what runs where, what is done in floats, and what loses accuracy.",
            ],
            [
                new ReportTable("By engine", ["engine", "operators", "multiply-adds"], [.. Operators.GroupBy(op => op.Engine)
                    .OrderByDescending(group => group.Sum(op => op.Macs))
                    .Select(group => (ImmutableArray<string>)[group.Key, $"{group.Count()}", Share(group)])]),
                new ReportTable("By type", ["type", "operators", "multiply-adds"], [.. Operators.GroupBy(op => op.Type)
                    .OrderByDescending(group => group.Count())
                    .Select(group => (ImmutableArray<string>)[group.Key, $"{group.Count()}", Share(group)])]),
                new ReportTable("What to know", ["operators", "what", "for example"], [.. notes.OrderByDescending(group => group.Count())
                    .Select(group => (ImmutableArray<string>)[$"{group.Count()}", group.Key, group.First().Name])]),
                new ReportTable("Operators", ["name", "operator", "type", "engine", "multiply-adds", "weights", "zero"], [.. Operators
                    .Select(op => (ImmutableArray<string>)[op.Name, op.Operator, op.Type, op.Engine, $"{op.Macs}", $"{op.Weights}",
                        op.Weights == 0 ? "" : (op.ZeroWeights / (double)op.Weights).ToString("0.0%", CultureInfo.InvariantCulture)])]),
            ]);
    }

    /// <summary>The report for programs.</summary>
    public string ToJson()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteNumber("converters", Converters);
            json.WriteNumber("zero_share", ZeroShare);
            json.WriteStartArray("operators");
            foreach (var op in Operators)
            {
                json.WriteStartObject();
                json.WriteString("name", op.Name);
                json.WriteString("operator", op.Operator);
                json.WriteString("type", op.Type);
                json.WriteString("engine", op.Engine);
                json.WriteNumber("macs", op.Macs);
                json.WriteNumber("weights", op.Weights);
                json.WriteNumber("zero_weights", op.ZeroWeights);
                json.WriteStartArray("notes");
                foreach (string note in op.Notes) json.WriteStringValue(note);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(buffer.ToArray()) + "\n";
    }

    private static string TypeOf(Graph graph, Node node) => graph.Quantization?.Of(node)?.Type switch
    {
        ElementType.U8 => "uint8",
        ElementType.I8 => "int8",
        ElementType.I16 => "int16",
        ElementType.U16 => "uint16",
        _ => graph.Quantization is null ? "as built" : "float16",
    };

    private static string Describe(Node node) => node.Operator switch
    {
        Convolution { IsDepthwise: true } op => $"depthwise {op.Kernel}×{op.KernelWidth}{Step(op)}",
        Convolution op => $"convolution {op.Kernel}×{op.KernelWidth}{Step(op)}{(op.Groups > 1 ? $", {op.Groups} groups" : "")}",
        MaxPool op => $"maximum {op.Kernel}×{op.Kernel}, step {op.Stride}",
        AveragePool op => $"mean {op.Kernel}×{op.Kernel}, step {op.Stride}",
        Linear => "fully connected",
        Gate => "product with a gate",
        GlobalAveragePool => "mean of the map",
        Activation op => op.Kind.ToString(),
        _ => node.Operator.GetType().Name,
    };

    private static string Step(Convolution op) => op.Stride == 1 ? "" : $", step {op.Stride}";

    private static string EngineOf(Graph graph, Node node, ImmutableArray<int> uses) => node.Operator switch
    {
        Convolution op when Math.Max(op.Kernel, op.KernelWidth) > Math.Max(LargestWindow, (LargestWindow * op.Stride) - 1) => "none",
        ConditionalConvolution => "none",
        Convolution { Stride: 1 } or Linear or Add => "NN",
        Convolution => "NN and TP",
        Activation { Kind: ActivationKind.Relu or ActivationKind.Relu6 }
            when graph.Nodes[node.Inputs[0]].Operator is Convolution or Linear && uses[node.Inputs[0]] == 1 => "with the layer before",
        Activation or PRelu or MaxPool => "TP",
        _ => "shader",
    };

    private static (long All, long Zeros) CountZeros(Graph graph, Node node, WeightSet weights)
    {
        if (node.Parameters.FirstOrDefault(parameter => parameter.IsKernel) is not { } kernel) return default;
        // Of integers those count that are the zero point, whose numbers are 0.
        float[] values = weights[kernel].Values;
        return (values.Length, values.Count(value => value == 0));
    }

    private static ImmutableArray<string> NotesOf(Graph graph, Node node, string type)
    {
        var notes = ImmutableArray.CreateBuilder<string>();
        bool isNarrow = type is "uint8" or "int8";
        if (type == "float16") notes.Add("Computed as float16: slow, and a converter on each side.");
        switch (node.Operator)
        {
            case Convolution op:
                if (Math.Max(op.Kernel, op.KernelWidth) > Math.Max(LargestWindow, (LargestWindow * op.Stride) - 1))
                    notes.Add("The window is larger than 11 · step − 1, which the toolkit refuses.");
                else if (op.Kernel > 3 || op.KernelWidth > 3) notes.Add("3×3 windows fit the hardware best; larger ones use it less.");
                if (op.Stride > 1) notes.Add("Steps are taken by TP, which costs a pass over the map.");
                if (op.Stride > 1 && type == "int16") notes.Add("16-bit convolutions run on NN alone; with a step they may be refused on the board.");
                if (op.IsDepthwise && isNarrow && graph.Quantization?.OfKernel(node) is { IsPerChannel: false })
                    notes.Add("One scale for all channels of a depthwise kernel loses most: equalize the layers around it.");
                break;
            case ConditionalConvolution:
                notes.Add("Its kernel is another for each image, which the toolkit does not quantize.");
                break;
            case GlobalAveragePool when isNarrow:
                notes.Add("Means lose accuracy with 8 bits (troubleshooting guide, chapter 9).");
                break;
            case Gate:
                notes.Add("A product runs on the shader unit, one value after another: squeeze-excite costs more time than its multiply-adds say.");
                break;
            case Activation { Kind: ActivationKind.Relu6 }:
                notes.Add("The vendor advises ReLU instead of ReLU6.");
                break;
            case Activation { Kind: ActivationKind.Silu }:
                notes.Add("Written as a sigmoid and a product; where the toolkit does not make one function of them, the product runs on the shader unit.");
                break;
            case Activation { Kind: ActivationKind.HardSwish or ActivationKind.HardSigmoid }:
                notes.Add("Known to the toolkit from version 1.7.3 on.");
                break;
            case MaxPool op when !(op is { Stride: 2, Kernel: 2 or 3 }
                && graph.Nodes[node.Inputs[0]].Shape.Width < (type == "int16" ? FusedPoolWidthWide : FusedPoolWidth)):
                notes.Add("Not taken together with the convolution before it: 2×2 and 3×3 with step 2 on narrow maps are.");
                break;
            case BatchNormalization:
                notes.Add("A normalisation of its own, which nothing absorbs.");
                break;
        }

        return notes.ToImmutable();
    }
}
