using System.Runtime.CompilerServices;
using EfficientNetSharp.Graphs.Quantization;
using EfficientNetSharp.IntegerMath;
using EfficientNetSharp.Inference.Memory;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>Pixels of two values and of what becomes of them.</summary>
internal unsafe struct PairRows
{
    /// <summary>The first value's.</summary>
    public short* A;

    /// <summary>Integers from one of these to the next.</summary>
    public nint AStride;

    /// <summary>The second value's.</summary>
    public short* B;

    /// <summary>Integers from one of these to the next; 0 where there is one for all.</summary>
    public nint BStride;

    /// <summary>Receives the results; may be one of the others.</summary>
    public short* Y;

    /// <summary>Integers from one of these to the next.</summary>
    public nint YStride;

    /// <summary>Pixels.</summary>
    public int Count;

    /// <summary>Channels of each, whole blocks of two vectors of sums.</summary>
    public int Channels;
}

/// <summary>
/// What an integer of a first value and one of a second become together: a sum, or a product with a gate; none has its zero point.
/// </summary>
internal unsafe interface IIntegerPairs<TSimd, TInt, TShort>
    where TSimd : struct, IIntegerSimd<TInt, TShort>
    where TInt : struct
    where TShort : struct
{
    /// <summary>Computes some pixels.</summary>
    /// <param name="rows">The pixels.</param>
    void Run(PairRows rows);
}

/// <summary>Pairs by the definition, one by one.</summary>
internal sealed unsafe class ScalarPairs<TSimd, TInt, TShort>(Func<int, int, int> function) : IIntegerPairs<TSimd, TInt, TShort>
    where TSimd : struct, IIntegerSimd<TInt, TShort>
    where TInt : struct
    where TShort : struct
{
    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(PairRows rows)
    {
        short* a = rows.A, b = rows.B, y = rows.Y;
        for (int row = rows.Count; row > 0; row--, a += rows.AStride, b += rows.BStride, y += rows.YStride)
        {
            for (int i = 0; i < rows.Channels; i++) y[i] = (short)function(a[i], b[i]);
        }
    }
}

/// <summary>Products with a gate.</summary>
internal sealed unsafe class IntegerProducts<TSimd, TInt, TShort> : IIntegerPairs<TSimd, TInt, TShort>
    where TSimd : struct, IIntegerSimd<TInt, TShort>
    where TInt : struct
    where TShort : struct
{
    private readonly RoundingRules _rules;
    private readonly short _min, _max;

    public IntegerProducts(Requantization rule, (int Min, int Max) bounds, long largest)
    {
        (_min, _max) = ((short)bounds.Min, (short)bounds.Max);
        _rules = IntegerSums.Uniform<TSimd, TInt, TShort>(rule, largest);
    }

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(PairRows rows)
    {
        switch (_rules.Operation)
        {
            case RoundingOperation.Factor:
                Run<FactorRounding>(rows);
                break;
            case RoundingOperation.Twice:
                Run<TwiceRounding>(rows);
                break;
            case RoundingOperation.Once:
                Run<OnceRounding>(rows);
                break;
            case RoundingOperation.Shift:
                Run<ShiftRounding>(rows);
                break;
            default:
                RunOneByOne(rows);
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunOneByOne(PairRows rows)
    {
        short* a = rows.A, b = rows.B, y = rows.Y;
        for (int row = rows.Count; row > 0; row--, a += rows.AStride, b += rows.BStride, y += rows.YStride)
        {
            for (int i = 0; i < rows.Channels; i++) y[i] = (short)Math.Clamp(_rules.Round((long)a[i] * b[i], 0), _min, _max);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Run<TOperation>(PairRows rows)
        where TOperation : struct, IRounding
    {
        TShort min = TSimd.Broadcast(_min), max = TSimd.Broadcast(_max);
        short* a = rows.A, b = rows.B, y = rows.Y;
        nint channels = rows.Channels, aStride = rows.AStride, bStride = rows.BStride, yStride = rows.YStride;
        for (int row = rows.Count; row > 0; row--, a += aStride, b += bStride, y += yStride)
        {
            for (nint i = 0; i < channels; i += 2 * TSimd.Lanes)
            {
                var (low, high) = TSimd.Multiply(TSimd.Load(a + i), TSimd.Load(b + i));
                low = _rules.Round<TOperation, TSimd, TInt, TShort>(low, 0);
                high = _rules.Round<TOperation, TSimd, TInt, TShort>(high, 0);
                TSimd.Store(TSimd.Clamp(TSimd.Pack(low, high), min, max), y + i);
            }
        }
    }
}

/// <summary>Sums of two values on scales of their own, of each target's kind.</summary>
internal static class IntegerSums
{
    /// <summary>One rule for all sums.</summary>
    public static RoundingRules Uniform<TSimd, TInt, TShort>(Requantization rule, long largest, bool takesShifts = true)
        where TSimd : struct, IIntegerSimd<TInt, TShort>
        where TInt : struct
        where TShort : struct
    {
        var rules = new Requantization[TSimd.Lanes];
        Array.Fill(rules, rule);
        return new RoundingRules(rules, TSimd.Lanes, TSimd.HasWideProducts, largest, takesShifts);
    }

    /// <summary>The sums of two values, with vectors where these can do as the definition says.</summary>
    /// <param name="arithmetic">The target's rules.</param>
    /// <param name="first">The first value's quantization.</param>
    /// <param name="second">The second's.</param>
    /// <param name="output">The sum's.</param>
    public static IIntegerPairs<TSimd, TInt, TShort> For<TSimd, TInt, TShort>(
        IntegerArithmetic arithmetic, ValueQuantization first, ValueQuantization second, ValueQuantization output)
        where TSimd : struct, IIntegerSimd<TInt, TShort>
        where TInt : struct
        where TShort : struct
    {
        var (min, max) = output.Bounds(arithmetic);
        var bounds = ((short)(min - output.ZeroPoint), (short)(max - output.ZeroPoint));
        var definition = new IntegerSum(arithmetic, first, second, output);
        if (arithmetic == IntegerArithmetic.Onnx)
            return new FloatSums<TSimd, TInt, TShort>(first.Scale, second.Scale, output.Scale, bounds);
        if (TSimd.HasWideProducts)
        {
            var (largestFirst, largestSecond) = (LargestOf(first), LargestOf(second));
            IIntegerPairs<TSimd, TInt, TShort>? sums = ShiftedSums<TSimd, TInt, TShort>.TryCreate(
                definition, largestFirst, largestSecond, bounds);
            sums ??= FixedPointSums<TSimd, TInt, TShort>.TryCreate(definition, largestFirst, largestSecond, bounds);
            if (sums is not null) return sums;
        }

        return new ScalarPairs<TSimd, TInt, TShort>([MethodImpl(MethodImplOptions.AggressiveOptimization)] (a, b) =>
            definition.Apply(a + first.ZeroPoint, b + second.ZeroPoint) - output.ZeroPoint);
    }

    /// <summary>The largest magnitude of an integer without its zero point.</summary>
    public static int LargestOf(ValueQuantization value)
    {
        var (min, max) = value.Bounds(IntegerArithmetic.Onnx);
        return Math.Max(max - value.ZeroPoint, value.ZeroPoint - min);
    }
}

/// <summary>Sums as ONNX's operators compute them, through float32.</summary>
internal sealed unsafe class FloatSums<TSimd, TInt, TShort>(float first, float second, float output, (short Min, short Max) bounds)
    : IIntegerPairs<TSimd, TInt, TShort>
    where TSimd : struct, IIntegerSimd<TInt, TShort>
    where TInt : struct
    where TShort : struct
{
    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(PairRows rows)
    {
        TInt s = TSimd.Broadcast(BitConverter.SingleToInt32Bits(first)), t = TSimd.Broadcast(BitConverter.SingleToInt32Bits(second));
        TInt u = TSimd.Broadcast(BitConverter.SingleToInt32Bits(output));
        TShort min = TSimd.Broadcast(bounds.Min), max = TSimd.Broadcast(bounds.Max);
        short* a = rows.A, b = rows.B, y = rows.Y;
        nint channels = rows.Channels, aStride = rows.AStride, bStride = rows.BStride, yStride = rows.YStride;
        for (int row = rows.Count; row > 0; row--, a += aStride, b += bStride, y += yStride)
        {
            for (nint i = 0; i < channels; i += 2 * TSimd.Lanes)
            {
                var (lowA, highA) = TSimd.Widen(TSimd.Load(a + i));
                var (lowB, highB) = TSimd.Widen(TSimd.Load(b + i));
                var sums = TSimd.Pack(TSimd.RoundSum(lowA, lowB, s, t, u), TSimd.RoundSum(highA, highB, s, t, u));
                TSimd.Store(TSimd.Clamp(sums, min, max), y + i);
            }
        }
    }
}

/// <summary>
/// Sums of 8-bit integers as TensorFlow Lite and RKNN compute them: each input is scaled to a fraction that both share, their sum to the
/// output.
/// </summary>
internal sealed unsafe class FixedPointSums<TSimd, TInt, TShort> : IIntegerPairs<TSimd, TInt, TShort>
    where TSimd : struct, IIntegerSimd<TInt, TShort>
    where TInt : struct
    where TShort : struct
{
    private readonly RoundingRules _first, _second, _output;
    private readonly int _inputShift;
    private readonly short _min, _max;

    private FixedPointSums(RoundingRules first, RoundingRules second, RoundingRules output, int inputShift, (short Min, short Max) bounds)
    {
        (_first, _second, _output, _inputShift) = (first, second, output, inputShift);
        (_min, _max) = bounds;
    }

    /// <summary>Makes them; <see langword="null"/> where a fraction would not fit 32 bits.</summary>
    public static FixedPointSums<TSimd, TInt, TShort>? TryCreate(
        IntegerSum sum, long largestFirst, long largestSecond, (short Min, short Max) bounds)
    {
        (largestFirst, largestSecond) = (largestFirst << sum.InputShift, largestSecond << sum.InputShift);
        long largest = LargestOf(sum.FirstFactor, largestFirst) + LargestOf(sum.SecondFactor, largestSecond);
        if (Math.Max(largest, Math.Max(largestFirst, largestSecond)) > int.MaxValue) return null;
        var (first, second, output) =
            (Uniform(sum.FirstFactor, largestFirst), Uniform(sum.SecondFactor, largestSecond), Uniform(sum.OutputFactor, largest));
        var operation = first.Operation;
        return operation == RoundingOperation.Scalar || second.Operation != operation || output.Operation != operation ? null
            : new FixedPointSums<TSimd, TInt, TShort>(first, second, output, sum.InputShift, bounds);
    }

    private static long LargestOf(Requantization factor, long largest) =>
        Math.Max(Math.Abs(factor.Apply(largest)), Math.Abs(factor.Apply(-largest)));

    // One operation for all three, of which some shift to the left.
    private static RoundingRules Uniform(Requantization rule, long largest) =>
        IntegerSums.Uniform<TSimd, TInt, TShort>(rule, largest, takesShifts: false);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(PairRows rows)
    {
        if (_first.Operation == RoundingOperation.Twice) Run<TwiceRounding>(rows);
        else Run<OnceRounding>(rows);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Run<TOperation>(PairRows rows)
        where TOperation : struct, IRounding
    {
        TShort min = TSimd.Broadcast(_min), max = TSimd.Broadcast(_max);
        short* a = rows.A, b = rows.B, y = rows.Y;
        nint channels = rows.Channels, aStride = rows.AStride, bStride = rows.BStride, yStride = rows.YStride;
        for (int row = rows.Count; row > 0; row--, a += aStride, b += bStride, y += yStride)
        {
            for (nint i = 0; i < channels; i += 2 * TSimd.Lanes)
            {
                var (lowA, highA) = TSimd.Widen(TSimd.Load(a + i));
                var (lowB, highB) = TSimd.Widen(TSimd.Load(b + i));
                TSimd.Store(TSimd.Clamp(TSimd.Pack(Sum<TOperation>(lowA, lowB), Sum<TOperation>(highA, highB)), min, max), y + i);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private TInt Sum<TOperation>(TInt a, TInt b)
        where TOperation : struct, IRounding
    {
        var first = _first.Round<TOperation, TSimd, TInt, TShort>(TSimd.ShiftLeft(a, _inputShift), 0);
        var second = _second.Round<TOperation, TSimd, TInt, TShort>(TSimd.ShiftLeft(b, _inputShift), 0);
        return _output.Round<TOperation, TSimd, TInt, TShort>(TSimd.Add(first, second), 0);
    }
}

/// <summary>Sums of integers whose scales are powers of two, as RKNN computes them: each is shifted, and the sum rounded once.</summary>
internal sealed unsafe class ShiftedSums<TSimd, TInt, TShort>(int first, int second, int output, (short Min, short Max) bounds)
    : IIntegerPairs<TSimd, TInt, TShort>
    where TSimd : struct, IIntegerSimd<TInt, TShort>
    where TInt : struct
    where TShort : struct
{
    /// <summary>Makes them; <see langword="null"/> where the scales are others, or a sum would not fit 32 bits.</summary>
    public static ShiftedSums<TSimd, TInt, TShort>? TryCreate(
        IntegerSum sum, long largestFirst, long largestSecond, (short Min, short Max) bounds)
    {
        if (ShiftOf(sum.FirstFactor) is not (<= 0 and var first) || ShiftOf(sum.SecondFactor) is not (<= 0 and var second)
            || ShiftOf(sum.OutputFactor) is not (>= 0 and var output)) return null;

        // The fraction needs no more bits than the smaller of both has: the sum stays the same.
        int spare = Math.Min(Math.Min(-first, -second), output);
        (first, second, output) = (-first - spare, -second - spare, output - spare);
        bool fits = Math.Max(first, Math.Max(second, output)) < 32 && (largestFirst << first) + (largestSecond << second) <= int.MaxValue;
        return fits ? new ShiftedSums<TSimd, TInt, TShort>(first, second, output, bounds) : null;
    }

    private static int? ShiftOf(Requantization rule) =>
        rule is { Kind: RequantizationKind.SingleRounding, Multiplier: 1 } ? rule.Shift : null;

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(PairRows rows)
    {
        TInt before = TSimd.Broadcast(output - 1), shift = TSimd.Broadcast(output);
        TShort min = TSimd.Broadcast(bounds.Min), max = TSimd.Broadcast(bounds.Max);
        short* a = rows.A, b = rows.B, y = rows.Y;
        nint channels = rows.Channels, aStride = rows.AStride, bStride = rows.BStride, yStride = rows.YStride;
        for (int row = rows.Count; row > 0; row--, a += aStride, b += bStride, y += yStride)
        {
            for (nint i = 0; i < channels; i += 2 * TSimd.Lanes)
            {
                var (lowA, highA) = TSimd.Widen(TSimd.Load(a + i));
                var (lowB, highB) = TSimd.Widen(TSimd.Load(b + i));
                var low = TSimd.Add(TSimd.ShiftLeft(lowA, first), TSimd.ShiftLeft(lowB, second));
                var high = TSimd.Add(TSimd.ShiftLeft(highA, first), TSimd.ShiftLeft(highB, second));
                low = TSimd.RoundShift(low, before, shift);
                TSimd.Store(TSimd.Clamp(TSimd.Pack(low, TSimd.RoundShift(high, before, shift)), min, max), y + i);
            }
        }
    }
}
