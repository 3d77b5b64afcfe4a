using System.Runtime.CompilerServices;
using EfficientNetSharp.Graphs.Quantization;

namespace EfficientNetSharp.IntegerMath;

/// <summary>The mean of integers, as poolings of whole maps and of windows take it.</summary>
/// <param name="Arithmetic">The target's rules.</param>
/// <param name="Input">The input's quantization.</param>
/// <param name="Count">How many are summed; of a window over the edge, those on the map, or all where padding counts as zeros.</param>
/// <param name="Output">The mean's quantization.</param>
public sealed record IntegerMean(IntegerArithmetic Arithmetic, ValueQuantization Input, int Count, ValueQuantization Output)
{
    /// <summary>How a sum without its zero points becomes the mean; in TensorFlow Lite the sum's own scale, before it is divided.</summary>
    public Requantization Factor { get; } = Requantization.OfMean(Arithmetic, Input.Scale, Count, Output.Scale);

    /// <summary>
    /// Whether TensorFlow Lite's AVERAGE_POOL_2D is meant, whose output has the input's scale: it divides the sum of the integers as they
    /// are, rounded half away from zero.
    /// </summary>
    public bool IsPlainDivision => Arithmetic == IntegerArithmetic.TfLite && Input.Scale == Output.Scale && Input.ZeroPoint == Output.ZeroPoint;

    /// <summary>The integer for the mean.</summary>
    /// <param name="sum">The sum of the integers as they are.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int Apply(long sum)
    {
        if (IsPlainDivision) return IntegerRounding.Saturate(Divide(sum) - Output.ZeroPoint, Output, Arithmetic);
        long withoutZero = sum - ((long)Count * Input.ZeroPoint);
        long steps = Factor.Apply(withoutZero);
        return IntegerRounding.Saturate(Arithmetic == IntegerArithmetic.TfLite ? Divide(steps) : steps, Output, Arithmetic);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private long Divide(long sum) => (sum >= 0 ? sum + (Count / 2) : sum - (Count / 2)) / Count;
}
