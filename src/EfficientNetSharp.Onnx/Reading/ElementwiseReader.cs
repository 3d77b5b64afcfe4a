using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Onnx.Reading;

/// <summary>Reads functions of each value and operators on two values.</summary>
internal sealed class ElementwiseReader(ValueTable values, StepBuilder steps)
{
    public Feature Activation(OnnxNode node, ActivationKind kind)
    {
        var x = values.Feature(node, 0);
        return x.With(StepBuilder.Function(node, kind, x.Step));
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
        return x.With(StepBuilder.HardSigmoid(node, x.Step, node.Number("alpha", 0.2f), node.Number("beta", 0.5f)));
    }

    public Feature Clip(OnnxNode node)
    {
        var x = values.Feature(node, 0);
        bool hasAttributes = node.Opset < 11;
        double low = hasAttributes ? node.Number("min", float.MinValue) : Bound(node, 1) ?? float.MinValue;
        double high = hasAttributes ? node.Number("max", float.MaxValue) : Bound(node, 2) ?? float.MaxValue;
        return x.With(StepBuilder.Clip(node, x.Step, low, high));
    }

    /// <summary>The smaller or larger of a value and a number: half a Clip.</summary>
    public Feature Bounded(OnnxNode node, bool isMin)
    {
        if (node.InputCount != 2) throw node.Refuse("two inputs", $"{node.InputCount}");
        int constant = values.TryFeature(node.Proto.Input[0]) is null ? 0 : 1;
        var x = values.Feature(node, 1 - constant);
        double bound = Bound(node, constant) ?? throw node.Refuse("a bound", "none");
        return x.With(isMin ? StepBuilder.Clip(node, x.Step, float.MinValue, bound) : StepBuilder.Clip(node, x.Step, bound, float.MaxValue));
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
            "Add" or "Sum" => StepBuilder.Affine(node, x.Step, [1], constant),
            "Sub" when isFirst => StepBuilder.Affine(node, x.Step, [1], Array.ConvertAll(constant, value => -value)),
            "Sub" => StepBuilder.Affine(node, x.Step, [-1], constant),
            "Mul" => StepBuilder.Affine(node, x.Step, constant, [0]),
            "Div" when isFirst => StepBuilder.Affine(node, x.Step, Array.ConvertAll(constant, value => 1 / value), [0]),
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
        if (MixtureBuilder.Add(node, steps, x.Step, y.Step) is { } mixture) return x.With(mixture);
        bool isRow = x.Step.Shape != y.Step.Shape && x.IsRow && y.IsRow;
        var (a, b) = isRow ? (steps.AsRow(node, x.Step), steps.AsRow(node, y.Step)) : (x.Step, y.Step);
        if (x.Axes != y.Axes || a.Shape != b.Shape) throw node.Refuse($"a second value of {x.Describe()}", y.Describe());
        return x.With(StepBuilder.Layer(node, node.Name, new Add(), [a, b]));
    }

    private Feature Multiply(OnnxNode node, Feature x, Feature y)
    {
        if (MixtureBuilder.Multiply(node, steps, x.Step, y.Step) is { } mixture) return (x.Step is Share ? y : x).With(mixture);
        if (x.Axes == y.Axes && (StepBuilder.GatedByItself(node, x.Step, y.Step) ?? StepBuilder.GatedByItself(node, y.Step, x.Step)) is { } function)
            return x.With(function);
        // The one with a single value a channel is the gate.
        var (map, gate) = y.IsRow ? (x, y) : (y, x);
        bool fits = map.Rank == gate.Rank && map.ChannelAxis == gate.ChannelAxis && map.Step.Shape.Channels == gate.Step.Shape.Channels && gate.IsRow;
        if (!fits) throw node.Refuse($"a gate of one value a channel for {x.Describe()}", y.Describe());
        return map.With(StepBuilder.Layer(node, node.Name, new Gate(), [steps.AsMap(node, map.Step), steps.AsMap(node, gate.Step)]));
    }

    private double? Bound(OnnxNode node, int input)
    {
        if (values.OptionalConstant(node, input) is not { } bound) return null;
        return bound.Count == 1 ? bound[0] : throw node.Refuse("one number as a bound", bound.DimsText);
    }
}
