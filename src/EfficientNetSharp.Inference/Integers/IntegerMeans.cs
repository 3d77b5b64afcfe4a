using System.Runtime.CompilerServices;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>From sums of so many integers to their mean, neither with its zero point.</summary>
internal sealed unsafe class IntegerMeans<TSimd, TInt, TShort>
    where TSimd : struct, IIntegerSimd<TInt, TShort>
    where TInt : struct
    where TShort : struct
{
    private readonly Func<long, int> _mean;
    private readonly RoundingRules? _rule;
    private readonly short _min, _max;

    /// <summary>Prepares the means.</summary>
    /// <param name="mean">From a sum to the mean.</param>
    /// <param name="rule">The same for vectors; <see langword="null"/> where they cannot.</param>
    /// <param name="bounds">The lowest and the highest mean.</param>
    public IntegerMeans(Func<long, int> mean, RoundingRules? rule, (int Min, int Max) bounds)
    {
        _mean = mean;
        _rule = rule?.Operation == RoundingOperation.Scalar ? null : rule;
        (_min, _max) = ((short)bounds.Min, (short)bounds.Max);
    }

    /// <summary>Whether vectors of sums become means; otherwise each sum by itself.</summary>
    public bool HasVectors
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _rule is not null;
    }

    /// <summary>The mean that a sum becomes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public short Of(long sum) => (short)_mean(sum);

    /// <summary>Writes the means of a block of channels, in the order of channels.</summary>
    /// <param name="low">Sums in the order in which products of vectors leave them.</param>
    /// <param name="high">The others.</param>
    /// <param name="y">Receives the means.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Store(TInt low, TInt high, short* y)
    {
        var means = _rule!.Operation switch
        {
            RoundingOperation.Factor => Round<FactorRounding>(low, high),
            RoundingOperation.Twice => Round<TwiceRounding>(low, high),
            RoundingOperation.Shift => Round<ShiftRounding>(low, high),
            _ => Round<OnceRounding>(low, high),
        };
        TSimd.Store(TSimd.Clamp(means, TSimd.Broadcast(_min), TSimd.Broadcast(_max)), y);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private TShort Round<TOperation>(TInt low, TInt high)
        where TOperation : struct, IRounding =>
        TSimd.Pack(_rule!.Round<TOperation, TSimd, TInt, TShort>(low, 0), _rule.Round<TOperation, TSimd, TInt, TShort>(high, 0));
}
