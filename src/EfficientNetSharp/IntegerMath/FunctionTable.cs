using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Quantization;

namespace EfficientNetSharp.IntegerMath;

/// <summary>
/// A function of one integer as a table: each integer of the input's type, dequantized, through the function in double precision,
/// quantized again; for ONNX what its operators hand on is float32. Where the target stores a SiLU's sigmoid, or a HardSwish's hard one, its
/// rounding is in the table too.
/// </summary>
public static class FunctionTable
{
    /// <summary>The output's integer for each integer of the input, from the lowest on: 256 or 65,536.</summary>
    /// <param name="kind">The function; not a parametric one.</param>
    /// <param name="input">The input's quantization.</param>
    /// <param name="output">The output's.</param>
    /// <param name="arithmetic">The target's rules.</param>
    public static int[] Of(ActivationKind kind, ValueQuantization input, ValueQuantization output, IntegerArithmetic arithmetic)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (GateOf(kind) is { } function && output.Sigmoid is { } gate)
        {
            int[] sigmoid = Of(function, input, gate, arithmetic);
            int lowest = LowestOf(input);
            var product = Requantization.OfProduct(arithmetic, input.Scale, gate.Scale, output.Scale);
            return Of(input, value => IntegerRounding.Saturate(
                product.Apply((long)(value - input.ZeroPoint) * (sigmoid[value - lowest] - gate.ZeroPoint)), output, arithmetic));
        }

        return Of(x => Compute(kind, x), input, output, arithmetic);
    }

    /// <summary>The table of any function of the number.</summary>
    /// <param name="function">From the input's number to the output's.</param>
    /// <param name="input">The input's quantization.</param>
    /// <param name="output">The output's.</param>
    /// <param name="arithmetic">The target's rules.</param>
    public static int[] Of(
        Func<double, double> function, ValueQuantization input, ValueQuantization output, IntegerArithmetic arithmetic) =>
        Of(input, value => arithmetic == IntegerArithmetic.Onnx
            ? IntegerRounding.Quantize((float)function(IntegerRounding.Dequantize(value, input)), output, arithmetic)
            : IntegerRounding.Quantize(function((double)input.Scale * (value - input.ZeroPoint)), output, arithmetic));

    /// <summary>The lowest integer of the type, which is the table's first.</summary>
    public static int LowestOf(ValueQuantization input) => input.Bounds(IntegerArithmetic.Onnx).Min;

    /// <summary>For x · gate(x), the gate; <see langword="null"/> for other functions.</summary>
    internal static ActivationKind? GateOf(ActivationKind kind) => kind switch
    {
        ActivationKind.Silu => ActivationKind.Sigmoid,
        ActivationKind.HardSwish => ActivationKind.HardSigmoid,
        _ => null,
    };

    private static int[] Of(ValueQuantization input, Func<int, int> function)
    {
        ArgumentNullException.ThrowIfNull(input);
        var (min, max) = input.Bounds(IntegerArithmetic.Onnx);
        var table = new int[max - min + 1];
        for (int i = 0; i < table.Length; i++) table[i] = function(min + i);
        return table;
    }

    /// <summary>A function's value.</summary>
    /// <param name="kind">The function; not a parametric one.</param>
    /// <param name="x">The number.</param>
    public static double Compute(ActivationKind kind, double x) => kind switch
    {
        ActivationKind.Identity => x,
        ActivationKind.Relu => Math.Max(x, 0),
        ActivationKind.Relu6 => Math.Clamp(x, 0, 6),
        ActivationKind.Silu => x * Sigmoid(x),
        ActivationKind.Sigmoid => Sigmoid(x),
        ActivationKind.HardSigmoid => HardSigmoid(x),
        ActivationKind.HardSwish => x * HardSigmoid(x),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "A function without parameters is expected."),
    };

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    private static double HardSigmoid(double x) => Math.Clamp(x + 3, 0, 6) / 6;
}
