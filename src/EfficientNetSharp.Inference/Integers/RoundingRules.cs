using System.Runtime.CompilerServices;
using EfficientNetSharp.IntegerMath;
using EfficientNetSharp.Inference.Memory;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>Which of a machine's operations rounds sums.</summary>
internal enum RoundingOperation
{
    /// <summary>The definition, sum by sum.</summary>
    Scalar,

    /// <summary><see cref="IIntegerSimd{TInt,TShort}.RoundFactor"/>.</summary>
    Factor,

    /// <summary><see cref="IIntegerSimd{TInt,TShort}.RoundTwice"/>.</summary>
    Twice,

    /// <summary><see cref="IIntegerSimd{TInt,TShort}.RoundOnce"/>.</summary>
    Once,

    /// <summary><see cref="IIntegerSimd{TInt,TShort}.RoundShift"/>.</summary>
    Shift,
}

/// <summary>Requantizations of the sums of some channels, packed for vectors where these can do as the definition says.</summary>
internal sealed unsafe class RoundingRules
{
    private const int MultiplierBits = 30, MaxShift = 31, MaxWideShift = WideShifts.MaxShift;

    private readonly Requantization[] _rules;
    private readonly AlignedBuffer<int> _factors, _shifts;
    private readonly AlignedBuffer<ulong>? _wideShifts;

    /// <summary>Packs rules.</summary>
    /// <param name="rules">One for each sum, in the order of sums, whole vectors of them.</param>
    /// <param name="lanes">32-bit integers of a vector.</param>
    /// <param name="hasWideProducts">Whether the vectors have the operations.</param>
    /// <param name="largestSum">The largest magnitude of a sum.</param>
    /// <param name="takesShifts">Whether shifts by themselves may have their own operation.</param>
    public RoundingRules(Requantization[] rules, int lanes, bool hasWideProducts, long largestSum, bool takesShifts = true)
    {
        _rules = rules;
        Lanes = lanes;
        (_factors, _shifts) = (new AlignedBuffer<int>(rules.Length), new AlignedBuffer<int>(rules.Length));
        Operation = OperationOf(rules, hasWideProducts, largestSum, takesShifts);
        for (int i = 0; i < rules.Length; i++)
        {
            var (factor, shift) = Operation == RoundingOperation.Once ? Normalized(rules[i]) : (rules[i].Multiplier, rules[i].Shift);
            _factors.Span[i] = Operation switch
            {
                RoundingOperation.Factor => BitConverter.SingleToInt32Bits(rules[i].Factor),
                RoundingOperation.Shift => shift - 1,
                _ => factor,
            };
            _shifts.Span[i] = shift;
        }

        if (Operation == RoundingOperation.Once) _wideShifts = WideShifts.Pack(_shifts.Span, lanes);
    }

    /// <summary>What rounds.</summary>
    public RoundingOperation Operation { get; }

    /// <summary>32-bit integers of a vector.</summary>
    public int Lanes { get; }

    /// <summary>Rounds a vector of sums.</summary>
    /// <param name="sums">The sums.</param>
    /// <param name="at">The position of the first.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TInt Round<TOperation, TSimd, TInt, TShort>(TInt sums, nint at)
        where TOperation : struct, IRounding
        where TSimd : struct, IIntegerSimd<TInt, TShort>
        where TInt : struct
        where TShort : struct
    {
        var factors = TSimd.Load(_factors.Pointer + at);
        if (TOperation.Operation == RoundingOperation.Factor) return TSimd.RoundFactor(sums, factors);
        if (TOperation.Operation == RoundingOperation.Twice) return TSimd.RoundTwice(sums, factors, TSimd.Load(_shifts.Pointer + at));
        if (TOperation.Operation == RoundingOperation.Shift) return TSimd.RoundShift(sums, factors, TSimd.Load(_shifts.Pointer + at));
        return TSimd.RoundOnce(sums, factors, _wideShifts!.Pointer + (at / 2 * WideShifts.Vectors));
    }

    /// <summary>Rounds one sum, by the definition.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public long Round(long sum, nint at) => _rules[at].Apply(sum);

    private static RoundingOperation OperationOf(Requantization[] rules, bool hasWideProducts, long largestSum, bool takesShifts)
    {
        var kind = rules[0].Kind;
        if (!Array.TrueForAll(rules, rule => rule.Kind == kind) || largestSum > int.MaxValue) return RoundingOperation.Scalar;
        return kind switch
        {
            RequantizationKind.Factor => RoundingOperation.Factor,
            RequantizationKind.DoubleRounding when hasWideProducts && Array.TrueForAll(rules, rule => rule.Shift is >= 0 and <= 31) =>
                RoundingOperation.Twice,
            RequantizationKind.SingleRounding
                when hasWideProducts && takesShifts && Array.TrueForAll(rules, IsShift) => RoundingOperation.Shift,
            RequantizationKind.SingleRounding when hasWideProducts && Array.TrueForAll(rules, rule => FitsOnce(rule, largestSum)) =>
                RoundingOperation.Once,
            _ => RoundingOperation.Scalar,
        };
    }

    // Whether a shift of 32 bits rounds every sum.
    private static bool IsShift(Requantization rule) => rule is { Multiplier: 1, Shift: >= 0 and <= MaxShift };

    // Whether every result is within 32 bits.
    private static bool FitsOnce(Requantization rule, long largestSum)
    {
        var (multiplier, shift) = Normalized(rule);
        return shift is > 0 and <= MaxWideShift
            && (((Int128)largestSum * multiplier) + (Int128.One << (shift - 1))) >> shift <= int.MaxValue;
    }

    // A shift alone as a multiplier and a longer shift; what leaves nothing as a product with 0.
    private static (int Multiplier, int Shift) Normalized(Requantization rule)
    {
        if (rule.Multiplier == 0 || rule.Shift > MaxWideShift) return (0, 1);
        return rule.Multiplier != 1 ? (rule.Multiplier, rule.Shift)
            : rule.Shift + MultiplierBits > MaxWideShift ? (0, 1) : (1 << MultiplierBits, rule.Shift + MultiplierBits);
    }
}

/// <summary>Shifts of 64 bits, packed for <see cref="IIntegerSimd{TInt,TShort}.RoundOnce"/>.</summary>
internal static class WideShifts
{
    // Numbers are shifted as unsigned ones, moved up by 2⁶² before and down after, where machines lack the other shift.
    public const int MaxShift = 62;

    // Vectors of 64 bits for each vector of sums: shifts, what is added and what is taken off, two of each, in the order of wide sums.
    public const int Vectors = 6;

    /// <summary>Packs shifts, from 1 to 62.</summary>
    public static AlignedBuffer<ulong> Pack(ReadOnlySpan<int> shifts, int lanes)
    {
        var packed = new AlignedBuffer<ulong>((long)shifts.Length / 2 * Vectors);
        int half = lanes / 2;
        for (int i = 0; i < shifts.Length; i++)
        {
            int at = (i / lanes * half * Vectors) + WideSums.IndexOf(i % lanes, lanes);
            packed.Span[at] = (ulong)shifts[i];
            packed.Span[at + (2 * half)] = (1UL << MaxShift) + (1UL << (shifts[i] - 1));
            packed.Span[at + (4 * half)] = (1UL << MaxShift) >> shifts[i];
        }

        return packed;
    }
}

/// <summary>An operation as a type, so that the compiler makes a version of a loop for each.</summary>
internal interface IRounding
{
    static abstract RoundingOperation Operation { get; }
}

internal readonly struct FactorRounding : IRounding
{
    public static RoundingOperation Operation => RoundingOperation.Factor;
}

internal readonly struct TwiceRounding : IRounding
{
    public static RoundingOperation Operation => RoundingOperation.Twice;
}

internal readonly struct ShiftRounding : IRounding
{
    public static RoundingOperation Operation => RoundingOperation.Shift;
}

internal readonly struct OnceRounding : IRounding
{
    public static RoundingOperation Operation => RoundingOperation.Once;
}
