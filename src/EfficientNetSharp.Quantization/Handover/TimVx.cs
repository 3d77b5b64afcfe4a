using EfficientNetSharp.Arrays;
using EfficientNetSharp.Files;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Quantization;

namespace EfficientNetSharp.Quantization.Handover;

/// <summary>
/// What TIM-VX, VeriSilicon's own runtime for the NPU of RV1126 and others, takes of a quantized network. Unlike Rockchip's toolkit it has a
/// scale per channel. Its list of types (vsi_nn_op_conv2d.c) was read; no file has been run on a chip.
/// </summary>
public static class TimVx
{
    // Windows of up to 6400 elements (op_check).
    private const int LargestWindow = 6400;

    /// <summary>Checks that the layers of a network have types that it computes with.</summary>
    /// <param name="graph">A quantized network.</param>
    /// <exception cref="InvalidInputException">It is of floats, or a layer has types that TIM-VX has not; the message names it.</exception>
    public static void EnsureStatable(Graph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        if (graph.Quantization is not { } plan)
            throw new InvalidInputException("TIM-VX is given a quantized network, and this one is of floats; quantize it first ('effnet quantize').");
        foreach (var node in graph.Nodes)
        {
            if (node.Operator is ConditionalConvolution)
                throw new InvalidInputException($"TIM-VX has no kernels that are mixed for each image, as {OneLine.Quote(node.Name)} has; use another network.");
            if (node.Operator is Convolution { Kernel: var rows, KernelWidth: var columns } && (long)rows * columns > LargestWindow)
                throw new InvalidInputException($"TIM-VX has windows of at most {LargestWindow} elements, and {OneLine.Quote(node.Name)} has {rows}×{columns}.");
            if (plan.OfKernel(node) is not { } kernel || plan.Of(graph.Nodes[node.Inputs[0]]) is not { } input) continue;
            if (!IsKnown(input, kernel))
                throw new InvalidInputException(
                    $"TIM-VX computes uint8 with int8 per channel or uint8, int8 with int8, and int16 with int16 as dynamic fixed point, and {OneLine.Quote(node.Name)} has {input.Type} with {kernel.Type}; quantize with the scheme int8.");
        }
    }

    private static bool IsKnown(ValueQuantization input, ParameterQuantization kernel) => (input.Type, kernel.Type) switch
    {
        (ElementType.U8, ElementType.I8) => kernel.ZeroPoint == 0,
        (ElementType.U8, ElementType.U8) => true,
        (ElementType.I8, ElementType.I8) => kernel.ZeroPoint == 0,
        (ElementType.I16, ElementType.I16) => input.IsFixedPoint && kernel.Scales.All(float.IsPow2),
        _ => false,
    };
}
