using System.Collections.Immutable;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Files;
using EfficientNetSharp.Graphs.Quantization;
using EfficientNetSharp.Onnx.Writing;

namespace EfficientNetSharp.Onnx.Reading;

/// <summary>
/// Reads pairs of QuantizeLinear and DequantizeLinear: what they round a value to becomes the plan, and a constant behind one keeps its
/// integers.
/// </summary>
internal sealed class QuantizationReader(ValueTable values, ValueBuilder steps)
{
    /// <summary>Whether a node is one of the pair, ONNX's own or ONNX Runtime's of the same meaning.</summary>
    public static bool Reads(OnnxNode node) => node.Type is "QuantizeLinear" or "DequantizeLinear"
        && node.Proto.Domain is "" or "ai.onnx" or QuantizationWriter.MicrosoftDomain;

    /// <summary>Whether it takes no value of the network.</summary>
    public bool IsConstant(OnnxNode node) => node.HasInput(0) && values.TryFeature(node.Proto.Input[0]) is null;

    /// <summary>Computes a pair's half of a constant.</summary>
    public Constant Fold(OnnxNode node, FoldingBudget budget)
    {
        var x = values.Constant(node, 0);
        budget.Take(x.Count);
        bool quantizes = node.Type == "QuantizeLinear";
        if (quantizes != x.Floats is not null) throw node.Invalid(quantizes ? "floats" : "integers", quantizes ? "integers" : "floats");
        var target = TargetOf(node, quantizes ? null : x);
        int perScale = 1, count = target.Scales.Length;
        if (count > 1)
        {
            int axis = AxisRules.Resolve(node, [target.Axis], x.Dims.Length)[0];
            if (x.Dims[axis] != count) throw node.Refuse($"one scale or {x.Dims[axis]} along axis {axis}", $"{count}");
            target = target with { Axis = axis };
            foreach (int dimension in x.Dims.Skip(axis + 1)) perScale *= dimension;
        }

        int SliceOf(int i) => count == 1 ? 0 : i / perScale % count;
        return quantizes ? Quantized(x, target, SliceOf) : Dequantized(x, target, SliceOf);
    }

    /// <summary>The value rounded; in the file it is integers from here.</summary>
    public Feature Quantize(OnnxNode node)
    {
        var x = values.FeatureOfAnyType(node, 0, takesSoftmax: true);
        if (x.IsIntegers) throw node.Refuse("floats as input 0", "integers; put a DequantizeLinear before it");
        // With the softmax, the rounding of its shares is left out, too.
        return x.IsSoftmax ? x with { IsIntegers = true } : x.With(steps.Round(node, x.Value, QuantizationOf(node))) with { IsIntegers = true };
    }

    /// <summary>The numbers that the integers stand for.</summary>
    public Feature Dequantize(OnnxNode node)
    {
        var x = values.FeatureOfAnyType(node, 0, takesSoftmax: true);
        if (!x.IsIntegers) throw node.Refuse("integers as input 0", "floats; put a QuantizeLinear before it");
        if (!x.IsSoftmax && ValueBuilder.QuantizationOf(x.Value) is { } own && own != QuantizationOf(node, own.Type))
            throw node.Refuse($"the scale and zero point of the QuantizeLinear before it ({own})", $"{QuantizationOf(node, own.Type)}");
        return x with { IsIntegers = false };
    }

    private static Constant Quantized(Constant x, ConstantIntegers target, Func<int, int> sliceOf)
    {
        // All that the type holds, as the operator cuts off.
        var (min, max) = new ValueQuantization(target.Type, 1).Bounds(IntegerArithmetic.Onnx);
        var integers = new long[x.Count];
        for (int i = 0; i < integers.Length; i++)
        {
            int slice = sliceOf(i);
            float steps = MathF.Round(x.Floats![i] / target.Scales[slice], MidpointRounding.ToEven);
            integers[i] = float.IsNaN(steps) ? target.ZeroPoints[slice]
                : Math.Clamp((long)Math.Clamp(steps, -1e9f, 1e9f) + target.ZeroPoints[slice], min, max);
        }

        return Constant.Of(x.Dims, integers) with { Type = target.Type };
    }

    private static Constant Dequantized(Constant x, ConstantIntegers target, Func<int, int> sliceOf)
    {
        var floats = new float[x.Count];
        for (int i = 0; i < floats.Length; i++)
        {
            int slice = sliceOf(i);
            floats[i] = (x.Integers![i] - target.ZeroPoints[slice]) * target.Scales[slice];
        }

        return Constant.Of(x.Dims, floats) with { Origin = target with { Values = x.Integers! } };
    }

    private ValueQuantization QuantizationOf(OnnxNode node, ElementType? known = null)
    {
        var target = TargetOf(node, null, known);
        if (target.Scales.Length != 1) throw node.Refuse("one scale for a value of the network", $"{target.Scales.Length}");
        return new ValueQuantization(target.Type, target.Scales[0], (int)target.ZeroPoints[0]);
    }

    // Scales, zero points and the integers' type, which the zero point has, or the integers, or is uint8.
    private ConstantIntegers TargetOf(OnnxNode node, Constant? integers, ElementType? known = null)
    {
        if (node.Integer("block_size", 0) != 0) throw node.Refuse("one scale for a slice of a tensor", $"blocks of {node.Integer("block_size", 0)}");
        ImmutableArray<float> scales = [.. values.Floats(node, 1).Floats!];
        var zero = values.OptionalConstant(node, 2);
        if (zero is { Integers: null }) throw node.Refuse("an integer as its zero point", "a float");
        var type = zero?.Type ?? integers?.Type ?? known ?? (node.Has("output_dtype") ? null : ElementType.U8);
        if (type is not (ElementType.U8 or ElementType.I8 or ElementType.U16 or ElementType.I16)
            && !(type == ElementType.I32 && integers is not null))
            throw node.Refuse("uint8, int8, uint16 or int16 by its zero point", type is { } other ? $"{other}" : "another type");
        if (integers?.Type is { } stored && stored != type) throw node.Invalid($"integers of its zero point's type, {type}", $"{stored}");
        ImmutableArray<long> zeros = zero is null ? [.. scales.Select(_ => 0L)] : [.. zero.Integers!];
        if (scales.IsEmpty || zeros.Length != scales.Length) throw node.Invalid($"as many zero points as scales, {scales.Length}", $"{zeros.Length}");
        foreach (float scale in scales)
        {
            // Where integers are only multiplied by it, it may be anything.
            if (!float.IsFinite(scale) || (integers is null && !(scale > 0))) throw node.Invalid("positive scales", NumberText.Of(scale));
        }

        return new ConstantIntegers([], type.Value, scales, zeros, (int)Math.Clamp(node.Integer("axis", 1), -AxisRules.MaxDimensions, AxisRules.MaxDimensions));
    }
}
