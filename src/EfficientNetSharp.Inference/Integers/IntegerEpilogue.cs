using System.Runtime.CompilerServices;
using EfficientNetSharp.Graphs.Quantization;
using EfficientNetSharp.IntegerMath;
using EfficientNetSharp.Inference.Memory;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>
/// What becomes of a layer's sums: the bias is added, they are brought to the output's scale and cut off at its bounds. Sums lie in
/// interleaved order (<see cref="IntegerOrder"/>), results in that of the channels; both stand for themselves, without zero points.
/// </summary>
internal sealed unsafe class IntegerEpilogue
{
    private readonly AlignedBuffer<int> _bias;
    private readonly AlignedBuffer<float> _factors;
    private readonly long[] _wideBias;
    private readonly Requantization[] _rules;
    private readonly int _lanes;

    /// <summary>Prepares it.</summary>
    /// <param name="rules">For each channel, how its sums are brought to the output's scale; one rule's kind for all.</param>
    /// <param name="bias">For each channel, what is added to its sums; <see langword="null"/> for nothing.</param>
    /// <param name="output">The output's quantization.</param>
    /// <param name="arithmetic">The target's rules.</param>
    /// <param name="lanes">32-bit integers of a vector.</param>
    public IntegerEpilogue(
        ReadOnlySpan<Requantization> rules, long[]? bias, ValueQuantization output, IntegerArithmetic arithmetic, int lanes)
    {
        var (min, max) = output.Bounds(arithmetic);
        (Min, Max, _lanes) = (min - output.ZeroPoint, max - output.ZeroPoint, lanes);
        _rules = IntegerOrder.Arrange(rules, lanes, Requantization.OfFloat(0));
        _wideBias = IntegerOrder.Arrange<long>(bias ?? new long[rules.Length], lanes, 0);
        _bias = new AlignedBuffer<int>(_wideBias.Length);
        _factors = new AlignedBuffer<float>(_wideBias.Length);
        for (int i = 0; i < _wideBias.Length; i++)
        {
            _bias.Span[i] = (int)Math.Clamp(_wideBias[i], int.MinValue, int.MaxValue);
            _factors.Span[i] = _rules[i].Factor;
        }

        IsFactor = Array.TrueForAll(_rules, rule => rule.Kind == RequantizationKind.Factor);
    }

    /// <summary>The lowest result.</summary>
    public int Min { get; }

    /// <summary>The highest result.</summary>
    public int Max { get; }

    /// <summary>Whether all channels have float32 factors.</summary>
    public bool IsFactor { get; }

    /// <summary>Finishes one block of channels at one pixel.</summary>
    /// <param name="low">The first vector of sums.</param>
    /// <param name="high">The second.</param>
    /// <param name="first">The block's first channel.</param>
    /// <param name="y">Receives the block's integers.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Finish<TSimd, TInt, TShort>(TInt low, TInt high, int first, short* y)
        where TSimd : struct, IIntegerSimd<TInt, TShort>
        where TInt : struct
        where TShort : struct
    {
        low = TSimd.Add(low, TSimd.Load(_bias.Pointer + first));
        high = TSimd.Add(high, TSimd.Load(_bias.Pointer + first + TSimd.Lanes));
        if (IsFactor)
        {
            float* factors = _factors.Pointer + first;
            var a = TSimd.ScaleAndRound(low, factors, Min, Max);
            var b = TSimd.ScaleAndRound(high, factors + TSimd.Lanes, Min, Max);
            TSimd.Store(TSimd.Pack(a, b), y);
            return;
        }

        FinishByRules<TSimd, TInt, TShort>(low, high, first, y);
    }

    /// <summary>Finishes one sum of more than 32 bits.</summary>
    /// <param name="sum">The sum without its bias.</param>
    /// <param name="position">Its position in interleaved order.</param>
    public short Finish(long sum, int position) =>
        (short)Math.Clamp(_rules[position].Apply(sum + _wideBias[position]), Min, Max);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void FinishByRules<TSimd, TInt, TShort>(TInt low, TInt high, int first, short* y)
        where TSimd : struct, IIntegerSimd<TInt, TShort>
        where TInt : struct
        where TShort : struct
    {
        int* sums = stackalloc int[2 * TSimd.Lanes];
        TSimd.Store(low, sums);
        TSimd.Store(high, sums + TSimd.Lanes);
        for (int i = 0; i < 2 * TSimd.Lanes; i++)
            y[IntegerOrder.ChannelAt(_lanes, i)] = (short)Math.Clamp(_rules[first + i].Apply(sums[i]), Min, Max);
    }
}
