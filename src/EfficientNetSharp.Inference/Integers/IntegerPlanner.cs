using EfficientNetSharp.Arrays;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Quantization;
using EfficientNetSharp.Inference.Layout;
using EfficientNetSharp.Inference.Planning;
using EfficientNetSharp.Inference.Steps;
using EfficientNetSharp.IntegerMath;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>
/// Makes the steps of nodes that compute in integers. Between steps a value is 16-bit integers without its zero point, so that padding is
/// zeros and products need no corrections, whatever the type in the plan.
/// </summary>
internal sealed class IntegerPlanner<TSimd, TInt, TShort>(Graph graph, WeightSet weights, QuantizationPlan plan)
    : IIntegerPlanner
    where TSimd : struct, IIntegerSimd<TInt, TShort>
    where TInt : struct
    where TShort : struct
{
    /// <inheritdoc />
    public Slot SlotFor(Node node) => Slot.For<short>(node.Name, node.Shape, 2 * TSimd.Lanes);

    /// <inheritdoc />
    public (PlanStep? Step, Slot Value) Plan(Node node, ReadOnlySpan<Slot> inputs)
    {
        var x = inputs[0];
        var from = graph.Nodes[node.Inputs[0]];
        var (input, output) = (plan.Of(from)!, plan.Of(node)!);
        switch (node.Operator)
        {
            case Activation or Flatten when IsUnchanged(node, input, output, x):
                return (null, x);
            case Dropout or StochasticDepth:
                return (null, x);
        }

        var y = SlotFor(node);
        PlanStep step = node.Operator switch
        {
            Convolution op => PlanConvolution(node, op, x, y),
            Linear op => PlanProduct(node, PlanStepKind.Linear, new Window(1, 1, 1, 1, 1, default), x, y, op.OutFeatures, op.InFeatures, i => i),
            Activation op => new TableStep(node.Name, x, y, [Centered(FunctionTable.Of(op.Kind, input, output, plan.Arithmetic), output)], LowestOf(input)),
            Flatten => new IntegerFlattenStep(node.Name, x, y, Converted(input, output), LowestOf(input)),
            PRelu or BatchNormalization => new TableStep(node.Name, x, y,
                [.. ChannelFunctions.Of(node, weights).Select(function => Centered(FunctionTable.Of(function, input, output, plan.Arithmetic), output))],
                LowestOf(input)),
            MaxPool op => new IntegerMaxPoolStep(node.Name, new Window(x.Height, x.Width, op.Kernel, op.Kernel, op.Stride, op.PadsFor(from.Shape)),
                x, y, Converted(input, output), LowestOf(input)),
            GlobalAveragePool => PlanMean(node, x, y, input, output),
            Add => PlanSum(node, inputs, y, input, output),
            Gate => PlanGate(node, inputs, y, input, output),
            _ => throw new InvalidOperationException($"{node.Name} ({node.Operator.GetType().Name}) does not compute in integers."),
        };
        return (step, y);
    }

    // A function that changes no integer: converters between equal scales, and flattenings of one pixel.
    private static bool IsUnchanged(Node node, ValueQuantization input, ValueQuantization output, Slot x) =>
        (node.Operator is Activation { Kind: ActivationKind.Identity } || (node.Operator is Flatten && x.Positions == 1))
        && input with { Sigmoid = null } == output with { Sigmoid = null };

    private PlanStep PlanConvolution(Node node, Convolution op, Slot x, Slot y)
    {
        var from = graph.Nodes[node.Inputs[0]].Shape;
        var window = Window.Of(op, from);
        if (op.Groups == 1)
        {
            // Weights lie [input, row, column], pixels under a window [row, column, input].
            int taps = window.Taps;
            return PlanProduct(node, PlanStepKind.Pointwise, window, x, y, op.OutChannels, op.InChannels * taps,
                i => (i % op.InChannels * taps) + (i / op.InChannels));
        }

        var (kernel, integers) = (plan.OfKernel(node)!, weights[node.Parameters[0]].Integers!);
        long[]? bias = BiasOf(node);
        bool isNarrow = ((Int128)window.Taps * LargestInput(node) * LargestWeight(kernel)) + LargestOf(bias) <= int.MaxValue;
        if (op.IsDepthwise && op.OutChannels == op.InChannels && isNarrow)
        {
            var packed = IntegerDepthwiseStep<TSimd, TInt, TShort>.PackWeights(
                (channel, tap) => integers[(channel * window.Taps) + tap] - kernel.ZeroPoint, op.OutChannels, window.Taps);
            return new IntegerDepthwiseStep<TSimd, TInt, TShort>(node.Name, window, x, y, packed, EpilogueOf(node, op.OutChannels));
        }

        var plain = new short[integers.Length];
        for (int i = 0; i < plain.Length; i++) plain[i] = checked((short)(integers[i] - kernel.ZeroPoint));
        var output = plan.Of(node)!;
        var rules = RulesOf(node, op.OutChannels);
        return new IntegerGroupedStep(node.Name, window, x, y, op.Groups, plain,
            (sum, channel) => (short)(IntegerRounding.Saturate(rules[channel].Apply(sum + (bias?[channel] ?? 0)), output, plan.Arithmetic) - output.ZeroPoint));
    }

    private IntegerProductStep<TSimd, TInt, TShort> PlanProduct(
        Node node, PlanStepKind kind, Window window, Slot x, Slot y, int outputs, int inputs, Func<int, int> sourceOf)
    {
        var kernel = plan.OfKernel(node)!;
        var matrix = IntegerMatrix.Pack(
            weights[node.Parameters[0]].Integers!, kernel.ZeroPoint, outputs, inputs, sourceOf, BiasOf(node), LargestInput(node), TSimd.Lanes);
        return new IntegerProductStep<TSimd, TInt, TShort>(node.Name, kind, window, x, y, matrix, EpilogueOf(node, outputs));
    }

    private IntegerMeanStep PlanMean(Node node, Slot x, Slot y, ValueQuantization input, ValueQuantization output)
    {
        int count = x.Positions;
        var mean = new IntegerMean(plan.Arithmetic, input, count, output);
        long zeros = (long)count * input.ZeroPoint;
        return new IntegerMeanStep(node.Name, x, y, sum => mean.Apply(sum + zeros) - output.ZeroPoint);
    }

    private PairStep PlanSum(Node node, ReadOnlySpan<Slot> inputs, Slot y, ValueQuantization first, ValueQuantization output)
    {
        var second = plan.Of(graph.Nodes[node.Inputs[1]])!;
        var sum = new IntegerSum(plan.Arithmetic, first, second, output);
        return new PairStep(node.Name, inputs[0], inputs[1], y,
            (a, b) => sum.Apply(a + first.ZeroPoint, b + second.ZeroPoint) - output.ZeroPoint);
    }

    private PairStep PlanGate(Node node, ReadOnlySpan<Slot> inputs, Slot y, ValueQuantization map, ValueQuantization output)
    {
        var gate = plan.Of(graph.Nodes[node.Inputs[1]])!;
        var factor = Requantization.OfProduct(plan.Arithmetic, map.Scale, gate.Scale, output.Scale);
        return new PairStep(node.Name, inputs[0], inputs[1], y,
            (a, b) => IntegerRounding.Saturate(factor.Apply((long)a * b), output, plan.Arithmetic) - output.ZeroPoint);
    }

    private IntegerEpilogue EpilogueOf(Node node, int outputs) =>
        new(RulesOf(node, outputs), BiasOf(node), plan.Of(node)!, plan.Arithmetic, TSimd.Lanes);

    private Requantization[] RulesOf(Node node, int outputs)
    {
        var (kernel, output) = (plan.OfKernel(node)!, plan.Of(node)!);
        float input = plan.Of(graph.Nodes[node.Inputs[0]])!.Scale;
        return [.. Enumerable.Range(0, outputs).Select(channel => Requantization.OfProduct(
            plan.Arithmetic, input, kernel.ScaleOf(channel), output.Scale, kernel.IsPerChannel))];
    }

    private long[]? BiasOf(Node node)
    {
        if (node.Parameters.Length < 2) return null;
        var integers = weights[node.Parameters[1]].Integers!;
        return [.. Enumerable.Range(0, integers.Length).Select(i => integers[i])];
    }

    private static Int128 LargestOf(long[]? bias) => bias is null ? 0 : bias.Max(value => Int128.Abs(value));

    private int LargestInput(Node node)
    {
        var input = plan.Of(graph.Nodes[node.Inputs[0]])!;
        var (min, max) = input.Bounds(IntegerArithmetic.Onnx);
        return Math.Max(max - input.ZeroPoint, input.ZeroPoint - min);
    }

    private static int LargestWeight(ParameterQuantization kernel)
    {
        var (min, max) = new ValueQuantization(kernel.Type, 1).Bounds(IntegerArithmetic.Onnx);
        return Math.Max(max - kernel.ZeroPoint, kernel.ZeroPoint - min);
    }

    private short[] Converted(ValueQuantization input, ValueQuantization output) =>
        Centered(FunctionTable.Of(ActivationKind.Identity, input, output, plan.Arithmetic), output);

    private static short[] Centered(int[] table, ValueQuantization output) => [.. table.Select(value => (short)(value - output.ZeroPoint))];

    private static int LowestOf(ValueQuantization input) => FunctionTable.LowestOf(input) - input.ZeroPoint;
}

/// <summary>What a plan's builder needs of the planner of integers, whatever its vectors.</summary>
internal interface IIntegerPlanner
{
    /// <summary>A place for a node's integers.</summary>
    Slot SlotFor(Node node);

    /// <summary>The step of a node that computes in integers, and where its value is; none where the value is an input's as it is.</summary>
    (PlanStep? Step, Slot Value) Plan(Node node, ReadOnlySpan<Slot> inputs);
}
