using System.Collections.Immutable;
using EfficientNetSharp.Files;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Quantization;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Onnx.Reading;

/// <summary>Makes steps, and recognises the functions that files spell out in several nodes.</summary>
internal sealed class ValueBuilder
{
    // A gate's branch has about ten steps; far more before a value is wanted as a map is no such branch.
    private const int DeepestBranch = 64;

    private readonly Dictionary<GraphValue, GraphValue> _rows = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<GraphValue, GraphValue> _maps = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<(GraphValue, ValueQuantization), Rounded> _rounded = [];

    /// <summary>Adds a layer; its shape follows from its inputs.</summary>
    public static Layer Layer(OnnxNode node, string name, Operator op, ImmutableArray<GraphValue> inputs,
        params ImmutableArray<WeightTensor> tensors) => Layer(node, name, op, inputs, tensors, null, null);

    /// <summary>Adds a layer whose kernel and bias may be integers.</summary>
    public static Layer Layer(OnnxNode node, string name, Operator op, ImmutableArray<GraphValue> inputs,
        ImmutableArray<WeightTensor> tensors, ParameterQuantization? kernel, ConstantIntegers? bias)
    {
        inputs = [.. inputs.Select(input => Whole(node, input))];
        return new Layer(OneLine.Clean(name, 200), Infer(node, op, inputs), op, inputs, tensors) { Kernel = kernel, Bias = bias };
    }

    /// <summary>A value rounded to integers; the same step for the same roundings, so that functions of it are found.</summary>
    public GraphValue Round(OnnxNode node, GraphValue x, ValueQuantization quantization)
    {
        // Zero is one of the integers, so that rounding before the zeros are put around it is the same.
        if (x is Padding { Value: 0 } padding) return new Padding(padding.Name, Round(node, padding.From, quantization), padding.Pads, 0);
        x = Whole(node, x);
        if (x is Rounded before && before.Quantization == quantization) return x;
        if (!_rounded.TryGetValue((x, quantization), out var rounded))
            _rounded[(x, quantization)] = rounded = new Rounded(OneLine.Clean(node.Name, 200), x, quantization);
        return rounded;
    }

    /// <summary>What a value's integers stand for; <see langword="null"/> where it is not rounded.</summary>
    public static ValueQuantization? QuantizationOf(GraphValue x) => x switch
    {
        Rounded rounded => rounded.Quantization,
        Padding padding => QuantizationOf(padding.From),
        _ => null,
    };

    public static Layer Function(OnnxNode node, ActivationKind kind, GraphValue x) => Layer(node, node.Name, new Activation(kind), [x]);

    /// <summary>scale · x + shift; one number for all channels or one per channel.</summary>
    public static GraphValue Affine(OnnxNode node, GraphValue x, double[] scale, double[] shift)
    {
        x = Whole(node, x);
        if (x is Affine before)
        {
            shift = Combine(Combine(scale, before.Shift, (s, t) => s * t), shift, (s, t) => s + t);
            scale = Combine(scale, before.Scale, (s, t) => s * t);
            x = before.From;
        }

        var affine = new Affine(OneLine.Clean(node.Name, 200), x, scale, shift);
        if (affine.Is(1, 0)) return x;
        // min(max(z, 0), 6) / 6 is the hard sigmoid of z − 3, and files write z as x + 3.
        if (affine.Is(1.0 / 6, 0) && x is Layer relu && relu.Is(ActivationKind.Relu6) && relu.Inputs[0] is Affine)
            return Function(node, ActivationKind.HardSigmoid, Affine(node, relu.Inputs[0], [1], [-3]));
        return affine;
    }

    /// <summary>max(0, min(1, alpha · x + beta)).</summary>
    public static GraphValue HardSigmoid(OnnxNode node, GraphValue x, double alpha, double beta) =>
        // Ours is that of x/6 + 1/2.
        Function(node, ActivationKind.HardSigmoid, Affine(node, x, [6 * alpha], [(6 * beta) - 3]));

    /// <summary>min(max(x, low), high) for the bounds that networks have.</summary>
    public static GraphValue Clip(OnnxNode node, GraphValue x, double low, double high)
    {
        // After a ReLU a lower bound below 0 changes nothing.
        if (low < 0 && x is Layer { Operator: Activation { Kind: ActivationKind.Relu or ActivationKind.Relu6 } }) low = 0;
        if (low == 0 && high >= float.MaxValue) return Function(node, ActivationKind.Relu, x);
        if (low <= float.MinValue && high >= float.MaxValue) return x;
        if (low == 0 && high == 6) return Function(node, ActivationKind.Relu6, x is Layer relu && relu.Is(ActivationKind.Relu)
            ? relu.Inputs[0] : x);
        if (low == 0 && high == 1)
        {
            // With six times the value it is the clip to 0 and 6 of it, divided by 6.
            return Affine(node, Function(node, ActivationKind.Relu6, Affine(node, x, [6], [0])), [1.0 / 6], [0]);
        }

        throw node.Refuse("the bounds 0 and 6, 0 and 1 or 0 and none", $"{low} and {high}");
    }

    /// <summary>x · f(x) where that is a function of ours; otherwise <see langword="null"/>.</summary>
    public static GraphValue? GatedByItself(OnnxNode node, GraphValue x, GraphValue gate)
    {
        // The function has taken the zeros around it as a layer.
        if (x is Padding { Value: 0 }) x = Whole(node, x);
        if (gate is Rounded { From: Layer { Operator: Activation { Kind: ActivationKind.Sigmoid or ActivationKind.HardSigmoid } } } stored)
        {
            // One value per channel may be gated by any row. A function with a stored gate is one of integers alone.
            bool isGateOfRow = x.Shape is { IsVector: false, Positions: 1 };
            var made = isGateOfRow || x is not Rounded ? null : GatedByItself(node, x, stored.From) as Layer;
            return made is null ? null : new Layer(made.Name, made.Shape, made.Operator, made.Inputs, made.Tensors) { Gate = stored.Quantization };
        }

        if (gate is Layer { Operator: Activation { Kind: var kind } } function)
        {
            var inner = function.Inputs[0];
            if (kind == ActivationKind.Sigmoid && Reading.Affine.Same(inner, x)) return Function(node, ActivationKind.Silu, x);
            if (kind == ActivationKind.HardSigmoid && Reading.Affine.Same(inner, x)) return Function(node, ActivationKind.HardSwish, x);
            if (kind == ActivationKind.Relu6 && inner is Affine && Reading.Affine.Same(Affine(node, inner, [1], [-3]), x))
                return Affine(node, Function(node, ActivationKind.HardSwish, x), [6], [0]);
        }

        // (s · x) · f(x)
        return x is Affine scaled && Array.TrueForAll(scaled.Shift, shift => shift == 0)
            && GatedByItself(node, scaled.From, gate) is { } product
            ? Affine(node, product, scaled.Scale, [0])
            : null;
    }

    /// <summary>The values as a row [C]; those of a map are one after another.</summary>
    public GraphValue AsRow(OnnxNode node, GraphValue x)
    {
        if (x.Shape.IsVector) return x;
        if (_rows.TryGetValue(x, out var row)) return row;
        var flat = Layer(node, $"{(x as Rounded)?.From.Name ?? x.Name}.flatten", new Flatten(), [x]);
        // The same integers in another order.
        _rows[x] = row = x is Rounded rounded ? Round(node, flat, rounded.Quantization) : flat;
        return row;
    }

    /// <summary>A row as a map [C,1,1]. There is no operator for it, so what makes the row is made as a map instead.</summary>
    public GraphValue AsMap(OnnxNode node, GraphValue x) => AsMap(node, x, DeepestBranch);

    private GraphValue AsMap(OnnxNode node, GraphValue x, int depth)
    {
        if (!x.Shape.IsVector) return x;
        if (_maps.TryGetValue(x, out var map)) return map;
        if (depth == 0) throw node.Refuse("a map, or a row that few layers make of a mean",
            $"a row of {x.Shape.Channels} behind more than {DeepestBranch} layers");
        map = x switch
        {
            Affine affine => Affine(node, AsMap(node, affine.From, depth - 1), affine.Scale, affine.Shift),
            Rounded { From: Layer { Operator: Flatten } flatten } rounded when flatten.Inputs[0].Shape.Positions == 1 =>
                Round(node, flatten.Inputs[0], rounded.Quantization),
            Rounded rounded => Round(node, AsMap(node, rounded.From, depth - 1), rounded.Quantization),
            Layer { Operator: Flatten } flatten when flatten.Inputs[0].Shape.Positions == 1 => flatten.Inputs[0],
            Layer { Operator: Linear linear } layer => Layer(
                node, layer.Name, new Convolution(linear.InFeatures, linear.OutFeatures, 1, 1, 1, PaddingStyle.Symmetric, linear.HasBias),
                Maps(layer),
                [new LayerKernel(layer.Tensors[0], layer.Kernel).WithShape([linear.OutFeatures, linear.InFeatures, 1, 1]).Tensor,
                    .. layer.Tensors.Skip(1)],
                layer.Kernel, layer.Bias),
            Layer { Operator: Activation or PRelu or BatchNormalization or Add } layer =>
            Layer(node, layer.Name, layer.Operator, Maps(layer), layer.Tensors),
            _ => throw node.Refuse("a map, or a row that comes from a mean", $"the row of {x.Shape.Channels} of '{x.Name}'"),
        };
        return _maps[x] = map;

        ImmutableArray<GraphValue> Maps(Layer layer) => [.. layer.Inputs.Select(input => AsMap(node, input, depth - 1))];
    }

    /// <summary>A map with zeros around it or rows and columns taken away, one layer for what comes one after another.</summary>
    public static GraphValue Moved(OnnxNode node, GraphValue map, Pads pads)
    {
        var before = map is Padding { Value: 0 } padding ? padding.Zeros : map as Layer;
        if (before is { Operator: ZeroPad { Pads: var inner } } && CanJoin(inner, pads)) (map, pads) = (before.Inputs[0], Windows.Sum(inner, pads));
        return pads == default ? map : Layer(node, node.Name, new ZeroPad(pads), [map]);

        // What was taken away is not what zeros bring back.
        static bool CanJoin(Pads first, Pads second) => Side(first.Top, second.Top) && Side(first.Left, second.Left)
            && Side(first.Bottom, second.Bottom) && Side(first.Right, second.Right);

        static bool Side(int first, int second) => first >= 0 || second <= 0;
    }

    /// <summary>A step as a value by itself: zeros around a map that nobody took over become a layer.</summary>
    public static GraphValue Whole(OnnxNode node, GraphValue step)
    {
        string? found = step switch
        {
            Padding { Value: 0 } padding => null,
            Padding => $"the padded map '{step.Name}', which only a maximum pooling without negative values can take",
            Share => $"the slice '{step.Name}' of a row",
            Mixture => $"the part '{step.Name}' of a mixed convolution",
            _ => null,
        };
        if (found is not null) throw node.Refuse("a whole value", found);
        return step is Padding zeros ? zeros.Zeros : step;
    }

    private static TensorShape Infer(OnnxNode node, Operator op, ImmutableArray<GraphValue> inputs)
    {
        var shape = op.Infer(inputs.Select(input => input.Shape).ToArray());
        if (shape.Channels < 1 || (!shape.IsVector && shape.Width < 1)) throw node.Invalid("a result with at least one value",
            $"{shape} of {inputs[0].Shape}");
        if ((decimal)shape.Channels * Math.Max(1, shape.Height) * Math.Max(1, shape.Width) > int.MaxValue)
            throw node.Invalid("at most 2^31 - 1 values per image", $"{shape}");
        return shape;
    }

    private static double[] Combine(double[] a, double[] b, Func<double, double, double> combine)
    {
        var result = new double[Math.Max(a.Length, b.Length)];
        for (int i = 0; i < result.Length; i++) result[i] = combine(a[a.Length == 1 ? 0 : i], b[b.Length == 1 ? 0 : i]);
        return result;
    }
}
