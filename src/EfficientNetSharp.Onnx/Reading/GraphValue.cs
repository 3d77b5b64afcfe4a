using System.Collections.Immutable;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Quantization;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Onnx.Reading;

/// <summary>
/// A value on its way into a <see cref="Graph"/>: a layer of it, or what is not one yet because it belongs to a layer before or
/// after. Steps do not change, so that a better form can stand beside the first one, which then is simply not used.
/// </summary>
/// <param name="name">The name that its node gets.</param>
/// <param name="shape">The shape of its value, channels first.</param>
/// <param name="inputs">Where its values come from.</param>
internal abstract class GraphValue(string name, TensorShape shape, ImmutableArray<GraphValue> inputs)
{
    public string Name { get; } = name;

    public TensorShape Shape { get; } = shape;

    public ImmutableArray<GraphValue> Inputs { get; } = inputs;
}

/// <summary>The image.</summary>
internal sealed class ImageValue(TensorShape shape) : GraphValue("input", shape, []);

/// <summary>A node of the graph, with its tensors in the operator's order.</summary>
internal sealed class Layer(string name, TensorShape shape, Operator op, ImmutableArray<GraphValue> inputs,
    ImmutableArray<WeightTensor> tensors) : GraphValue(name, shape, inputs)
{
    public Operator Operator { get; } = op;

    /// <summary>What its kernel's integers stand for; <see langword="null"/> where it has none or they are floats.</summary>
    public ParameterQuantization? Kernel { get; init; }

    /// <summary>The integers that its bias has in the file, where it has any.</summary>
    public ConstantIntegers? Bias { get; init; }

    /// <summary>How the gate of a function x · gate(x) is stored before it multiplies, where the file rounds it.</summary>
    public ValueQuantization? Gate { get; init; }

    public ImmutableArray<WeightTensor> Tensors { get; } = tensors;

    public bool Is(ActivationKind kind) => Operator is Activation activation && activation.Kind == kind;
}

/// <summary>
/// scale · x + shift with one pair for all or one per channel. Several in a row become one, some become part of a hard function
/// or of a layer's bias, and what is left becomes a batch normalisation.
/// </summary>
internal sealed class Affine(string name, GraphValue from, double[] scale, double[] shift) : GraphValue(name, from.Shape, [from])
{
    public GraphValue From { get; } = from;

    public double[] Scale { get; } = scale;

    public double[] Shift { get; } = shift;

    /// <summary>Whether it is scale · x + shift with these numbers for all channels.</summary>
    public bool Is(double scale, double shift) => Near(Scale, [scale]) && Near(Shift, [shift]);

    /// <summary>Whether two steps are the same value: one step, or equal changes of one.</summary>
    public static bool Same(GraphValue a, GraphValue b) => ReferenceEquals(a, b)
        || (a is Affine x && b is Affine y && ReferenceEquals(x.From, y.From) && Near(x.Scale, y.Scale) && Near(x.Shift, y.Shift));

    // Files hold 1/6 and the like as float32, which errs by 2^-24 of the value at most; two such meet in a product.
    private static bool Near(double[] values, double[] wanted)
    {
        for (int c = 0; c < Math.Max(values.Length, wanted.Length); c++)
        {
            double expected = wanted[wanted.Length == 1 ? 0 : c];
            if (!(Math.Abs(values[values.Length == 1 ? 0 : c] - expected) <= Math.Max(1, Math.Abs(expected)) * Math.ScaleB(1,
                -23))) return false;
        }

        return true;
    }
}

/// <summary>A value rounded to integers, and the numbers that these stand for.</summary>
internal sealed class Rounded(string name, GraphValue from, ValueQuantization quantization) : GraphValue(name, from.Shape, [from])
{
    public GraphValue From { get; } = from;

    public ValueQuantization Quantization { get; } = quantization;
}

/// <summary>Values added around a map, which the convolution or pooling after it takes over.</summary>
internal sealed class Padding(string name, GraphValue from, Pads pads, float value) : GraphValue(
    name, TensorShape.Map(from.Shape.Channels, checked(from.Shape.Height + pads.Top + pads.Bottom),
    checked(from.Shape.Width + pads.Left + pads.Right)), [from])
{
    public GraphValue From { get; } = from;

    public Pads Pads { get; } = pads;

    public float Value { get; } = value;

    /// <summary>The padded map as a value by itself, for those who cannot take the padding over; of zeros alone.</summary>
    public Layer Zeros { get; } = new(
        name,
        TensorShape.Map(from.Shape.Channels, from.Shape.Height + pads.Top + pads.Bottom, from.Shape.Width + pads.Left + pads.Right),
        new ZeroPad(pads), [from], []);
}

/// <summary>One expert's share [N,1,1,1] out of a row of shares.</summary>
internal sealed class Share(string name, GraphValue from, int expert) : GraphValue(name, TensorShape.Map(1, 1, 1), [from])
{
    public int Expert { get; } = expert;
}

/// <summary>A sum of convolutions of one map, each times its expert's share: a conditional convolution in the making.</summary>
internal sealed class Mixture(string name, ImmutableArray<(Layer Convolution, Share Share)> parts) : GraphValue(
    name, parts[0].Convolution.Shape, [parts[0].Convolution.Inputs[0], parts[0].Share.Inputs[0]])
{
    public ImmutableArray<(Layer Convolution, Share Share)> Parts { get; } = parts;
}
