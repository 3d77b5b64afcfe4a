using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Onnx.Schema;
using static EfficientNetSharp.Onnx.Writing.Protos;

namespace EfficientNetSharp.Onnx.Writing;

/// <summary>
/// Writes a convolution with a mixed kernel. ONNX has no convolution with a kernel for each image, but mixing the kernels and
/// mixing the results is the same: one Conv an expert, its result times the image's share of it, and their sum.
/// </summary>
internal sealed class ConditionalWriter(ConditionalConvolution op, Node node, TensorShape input, UniqueNames names, GraphProto graph)
{
    private readonly List<NodeProto> _nodes = [];

    /// <summary>Makes the nodes.</summary>
    /// <param name="x">The value of the map [N,C,H,W].</param>
    /// <param name="mixture">The value of the mixture [N,experts].</param>
    /// <param name="y">The value to yield.</param>
    /// <param name="weights">The weights.</param>
    public NodeProto[] Write(string x, string mixture, string y, WeightSet weights)
    {
        // [N,experts,1,1], whose slices [N,1,1,1] are repeated over a map.
        string shares = Emit("Reshape", "shares", [mixture, Indices("shares.shape", 0, op.Experts, 1, 1)]);
        string? sum = null;
        for (int e = 0; e < op.Experts; e++)
        {
            bool last = e == op.Experts - 1 && !op.Shape.HasBias;
            string result = Emit("Conv", $"{e}", [x, Kernel(e, weights)], ConvolutionAttributes());
            string share = Emit("Gather", $"{e}.share", [shares, Indices($"{e}.index", e)], Integer("axis", 1));
            string part = Emit("Mul", $"{e}.part", [result, share], last && sum is null ? y : null);
            sum = sum is null ? part : Emit("Add", $"{e}.sum", [sum, part], last ? y : null);
        }

        if (op.Shape.HasBias) Emit("Add", "biased", [sum!, Bias(weights)], y);
        return [.. _nodes];
    }

    private AttributeProto[] ConvolutionAttributes()
    {
        var shape = op.Shape;
        var pads = shape.PadsFor(input);
        return
        [
            Integers("kernel_shape", shape.Kernel, shape.KernelWidth),
            Integers("strides", shape.Stride, shape.Stride),
            Integers("pads", pads.Top, pads.Left, pads.Bottom, pads.Right),
            Integer("group", shape.Groups),
        ];
    }

    private string Kernel(int expert, WeightSet weights)
    {
        var all = weights[node.Parameters[0]];
        int length = all.Values.Length / op.Experts;
        return Initializer($"{expert}.weight",
            new WeightTensor(all.Shape.RemoveAt(0), all.Values.AsSpan(expert * length, length).ToArray()));
    }

    private string Bias(WeightSet weights) =>
        Initializer("bias", new WeightTensor([op.Shape.OutChannels, 1, 1], weights[node.Parameters[1]].Values));

    private string Emit(string type, string suffix, string[] inputs, params ReadOnlySpan<AttributeProto> attributes) =>
        Emit(type, suffix, inputs, null, attributes);

    private string Emit(string type, string suffix, string[] inputs, string? output, params ReadOnlySpan<AttributeProto> attributes)
    {
        string name = names.Claim($"{node.Name}.{suffix}");
        var proto = new NodeProto { OpType = type, Name = name, Input = { inputs }, Output = { output ?? name } };
        foreach (var attribute in attributes) proto.Attribute.Add(attribute);
        _nodes.Add(proto);
        return output ?? name;
    }

    private string Initializer(string suffix, WeightTensor tensor)
    {
        string name = names.Claim($"{node.Name}.{suffix}");
        graph.Initializer.Add(FloatTensor(name, tensor));
        return name;
    }

    private string Indices(string suffix, params ReadOnlySpan<long> values)
    {
        string name = names.Claim($"{node.Name}.{suffix}");
        graph.Initializer.Add(IntegerTensor(name, values));
        return name;
    }
}
