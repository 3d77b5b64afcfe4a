using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Onnx.Reading;

/// <summary>Reads functions of each value and operators on two values.</summary>
internal sealed class ElementwiseReader(ValueTable values, ValueBuilder steps)
{
    public Feature Activation(OnnxNode node, ActivationKind kind)
    {
        var x = values.Feature(node, 0);
        return x.With(ValueBuilder.Function(node, kind, x.Value));
    }

    public Feature Swish(OnnxNode node)
    {
        float alpha = node.Number("alpha", 1);
        return alpha == 1 ? Activation(node, ActivationKind.Silu) : throw node.Refuse("an alpha of 1", $"{alpha}");
    }

    public Feature HardSigmoid(OnnxNode node)
    {
        var x = values.Feature(node, 0);
        // ONNX's defaults.
        return x.With(ValueBuilder.HardSigmoid(node, x.Value, node.Number("alpha", 0.2f), node.Number("beta", 0.5f)));
    }

    public Feature Clip(OnnxNode node)
    {
        var x = values.Feature(node, 0);
        bool hasAttributes = node.Opset < 11;
        double low = hasAttributes ? node.Number("min", float.MinValue) : Bound(node, 1) ?? float.MinValue;
        double high = hasAttributes ? node.Number("max", float.MaxValue) : Bound(node, 2) ?? float.MaxValue;
        return x.With(ValueBuilder.Clip(node, x.Value, low, high));
    }

    /// <summary>The smaller or larger of a value and a number: half a Clip.</summary>
    public Feature Bounded(OnnxNode node, bool isMin)
    {
        if (node.InputCount != 2) throw node.Refuse("two inputs", $"{node.InputCount}");
        int constant = values.TryFeature(node.Proto.Input[0]) is null ? 0 : 1;
        var x = values.Feature(node, 1 - constant);
        double bound = Bound(node, constant) ?? throw node.Refuse("a bound", "none");
        return x.With(isMin ? ValueBuilder.Clip(node, x.Value, float.MinValue, bound)
            : ValueBuilder.Clip(node, x.Value, bound, float.MaxValue));
    }

    /// <summary>A sum, a difference, a product or a quotient.</summary>
    public Feature Binary(OnnxNode node)
    {
        if (node.InputCount != 2) throw node.Refuse("two inputs", $"{node.InputCount}");
        bool isFirst = values.TryFeature(node.Proto.Input[0]) is not null, isSecond = values.TryFeature(node.Proto.Input[1]) is not null;
        if (isFirst && isSecond) return OfTwo(node, values.Feature(node, 0), values.Feature(node, 1));
        var x = values.Feature(node, isFirst ? 0 : 1);
        double[] constant = PerChannel.Of(node, x, values.Floats(node, isFirst ? 1 : 0));
        return x.With(node.Type switch
        {
            "Add" or "Sum" => ValueBuilder.Affine(node, x.Value, [1], constant),
            "Sub" when isFirst => ValueBuilder.Affine(node, x.Value, [1], Array.ConvertAll(constant, value => -value)),
            "Sub" => ValueBuilder.Affine(node, x.Value, [-1], constant),
            "Mul" => ValueBuilder.Affine(node, x.Value, constant, [0]),
            "Div" when isFirst => ValueBuilder.Affine(node, x.Value, Array.ConvertAll(constant, value => 1 / value), [0]),
            _ => throw node.Refuse("a constant divisor", "a value of the network"),
        });
    }

    private Feature OfTwo(OnnxNode node, Feature x, Feature y) => node.Type switch
    {
        "Add" or "Sum" => Add(node, x, y),
        "Mul" => Multiply(node, x, y),
        _ => throw node.Refuse("a constant as one of its inputs", "two values of the network"),
    };

    private Feature Add(OnnxNode node, Feature x, Feature y)
    {
        if (MixtureBuilder.Add(node, steps, x.Value, y.Value) is { } mixture) return x.With(mixture);
        bool isRow = x.Value.Shape != y.Value.Shape && x.IsRow && y.IsRow;
        var (a, b) = isRow ? (steps.AsRow(node, x.Value), steps.AsRow(node, y.Value)) : (x.Value, y.Value);
        if (x.Axes != y.Axes || a.Shape != b.Shape) throw node.Refuse($"a second value of {x.Describe()}", y.Describe());
        return x.With(ValueBuilder.Layer(node, node.Name, new Add(), [a, b]));
    }

    private Feature Multiply(OnnxNode node, Feature x, Feature y)
    {
        if (MixtureBuilder.Multiply(node, steps, x.Value, y.Value) is { } mixture) return (x.Value is Share ? y : x).With(mixture);
        if (x.Axes == y.Axes
            && (ValueBuilder.GatedByItself(node, x.Value, y.Value) ?? ValueBuilder.GatedByItself(node, y.Value, x.Value)) is { } function)
            return x.With(function);
        // The one with a single value per channel is the gate.
        var (map, gate) = y.IsRow ? (x, y) : (y, x);
        bool fits = map.Rank == gate.Rank && map.ChannelAxis == gate.ChannelAxis && map.Value.Shape.Channels == gate.Value.Shape.Channels
            && gate.IsRow;
        if (!fits) throw node.Refuse($"a gate of one value per channel for {x.Describe()}", y.Describe());
        return map.With(ValueBuilder.Layer(node, node.Name, new Gate(), [steps.AsMap(node, map.Value), steps.AsMap(node, gate.Value)]));
    }

    private double? Bound(OnnxNode node, int input)
    {
        if (values.OptionalConstant(node, input) is not { } bound) return null;
        return bound.Count == 1 ? bound[0] : throw node.Refuse("one number as a bound", bound.DimsText);
    }
}
