using System.Runtime.CompilerServices;
using EfficientNetSharp.IntegerMath;
using EfficientNetSharp.Inference.Memory;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>
/// What becomes of a layer's sums: the bias is added, they are brought to the output's scale and cut off at its bounds, and a function is
/// looked up. Sums lie in interleaved order (<see cref="IntegerOrder"/>), a block of two vectors for each pixel; results in that of the
/// channels. All stand for themselves, without zero points.
/// </summary>
internal sealed unsafe class IntegerEpilogue<TSimd, TInt, TShort>
    where TSimd : struct, IIntegerSimd<TInt, TShort>
    where TInt : struct
    where TShort : struct
{
    private readonly AlignedBuffer<int> _bias;
    private readonly AlignedBuffer<long> _wideBias;
    private readonly AlignedBuffer<ulong>? _wideShifts;

    // For sums in parts: their rules, and the biases without their lowest bits and with nothing but them.
    private readonly RoundingRules? _partRules;
    private readonly AlignedBuffer<int>? _highBias, _lowBias;
    private readonly RoundingRules _rules;
    private readonly IntegerTable<TSimd, TInt, TShort>? _function;
    private readonly int _channels;
    private readonly short _min, _max;

    /// <summary>Prepares it.</summary>
    /// <param name="rules">For each channel, how its sums are brought to the output's scale.</param>
    /// <param name="bias">For each channel, what is added to its sums; <see langword="null"/> for nothing.</param>
    /// <param name="bounds">The lowest and the highest result before the function.</param>
    /// <param name="largestSum">The largest magnitude of a sum with its bias.</param>
    /// <param name="function">The function; <see langword="null"/> for none.</param>
    public IntegerEpilogue(
        Requantization[] rules, long[]? bias, (int Min, int Max) bounds, long largestSum, IntegerTable<TSimd, TInt, TShort>? function)
    {
        (_min, _max, _function, _channels) = (checked((short)bounds.Min), checked((short)bounds.Max), function, rules.Length);
        _rules = new RoundingRules(
            IntegerOrder.Arrange<Requantization>(rules, TSimd.Lanes, rules[^1]), TSimd.Lanes, TSimd.HasWideProducts,
            Math.Min(largestSum, int.MaxValue));
        long[] biases = IntegerOrder.Arrange<long>(bias ?? new long[rules.Length], TSimd.Lanes, 0);
        (_bias, _wideBias) = (new AlignedBuffer<int>(biases.Length), new AlignedBuffer<long>(biases.Length));
        for (int i = 0; i < biases.Length; i++)
        {
            // Sums that are right with their biases may wrap around without.
            _bias.Span[i] = unchecked((int)biases[i]);
            _wideBias.Span[WideSums.IndexOf(i, TSimd.Lanes)] = biases[i];
        }

        if (TSimd.HasWideProducts && Array.TrueForAll(rules, rule => IsShift(rule, largestSum)))
        {
            int[] shifts = IntegerOrder.Arrange<int>([.. rules.Select(rule => rule.Shift)], TSimd.Lanes, rules[^1].Shift);
            _wideShifts = WideShifts.Pack(shifts, TSimd.Lanes);
        }

        if (_wideShifts is null || !Array.TrueForAll(rules, rule => rule.Shift is > PartSums.Bits and <= PartSums.Bits + 31)) return;
        Requantization[] parts = [.. rules.Select(rule => rule with { Shift = rule.Shift - PartSums.Bits })];
        _partRules = new RoundingRules(
            IntegerOrder.Arrange<Requantization>(parts, TSimd.Lanes, parts[^1]), TSimd.Lanes, TSimd.HasWideProducts, int.MaxValue);
        (_highBias, _lowBias) = (new AlignedBuffer<int>(biases.Length), new AlignedBuffer<int>(biases.Length));
        for (int i = 0; i < biases.Length; i++)
        {
            _highBias.Span[i] = (int)(biases[i] >> PartSums.Bits);
            _lowBias.Span[i] = (int)(biases[i] & ((1 << PartSums.Bits) - 1));
        }
    }

    /// <summary>Whether it finishes sums that are in parts.</summary>
    public bool TakesParts => _partRules is not null;

    // Whether a shift by itself, of a sum of 64 bits, leaves 32.
    private static bool IsShift(Requantization rule, long largestSum) =>
        rule is { Kind: RequantizationKind.SingleRounding, Multiplier: 1, Shift: > 0 and <= WideShifts.MaxShift }
        && largestSum < 1L << (WideShifts.MaxShift - 1)
        && (largestSum + (1L << (rule.Shift - 1))) >> rule.Shift <= int.MaxValue;

    /// <summary>Channels that count.</summary>
    public int Channels => _channels;

    /// <summary>Finishes one block of channels of some pixels.</summary>
    /// <param name="sums">The sums of each pixel, one behind the other; none with its bias is beyond 32 bits.</param>
    /// <param name="pixels">Pixels.</param>
    /// <param name="channel">The block's first channel.</param>
    /// <param name="y">Receives the first pixel's results.</param>
    /// <param name="stride">Integers from one pixel to the next.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(int* sums, int pixels, int channel, short* y, nint stride)
    {
        switch (_rules.Operation)
        {
            case RoundingOperation.Factor:
                Run<FactorRounding>(sums, pixels, channel, y, stride);
                break;
            case RoundingOperation.Twice:
                Run<TwiceRounding>(sums, pixels, channel, y, stride);
                break;
            case RoundingOperation.Once:
                Run<OnceRounding>(sums, pixels, channel, y, stride);
                break;
            case RoundingOperation.Shift:
                Run<ShiftRounding>(sums, pixels, channel, y, stride);
                break;
            default:
                int block = 2 * TSimd.Lanes;
                for (int i = 0; i < pixels * block; i++)
                    Finish(unchecked(sums[i] + _bias.Pointer[channel + (i % block)]), channel, i, y, stride);
                break;
        }

        Look(pixels, channel, y, stride);
    }

    /// <summary>Finishes one block of channels of some pixels, by sums in parts (<see cref="PartSums"/>).</summary>
    /// <param name="high">The sums without their lowest bits, of each pixel, one behind the other.</param>
    /// <param name="low">The sums of these bits.</param>
    /// <param name="pixels">Pixels.</param>
    /// <param name="channel">The block's first channel.</param>
    /// <param name="y">Receives the first pixel's results.</param>
    /// <param name="stride">Integers from one pixel to the next.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(int* high, int* low, int pixels, int channel, short* y, nint stride)
    {
        int lanes = TSimd.Lanes, block = 2 * lanes, count = pixels;
        short* to = y;
        TInt highBias = TSimd.Load(_highBias!.Pointer + channel), nextHighBias = TSimd.Load(_highBias.Pointer + channel + lanes);
        TInt lowBias = TSimd.Load(_lowBias!.Pointer + channel), nextLowBias = TSimd.Load(_lowBias.Pointer + channel + lanes);
        TShort min = TSimd.Broadcast(_min), max = TSimd.Broadcast(_max);
        for (; count > 0; count--, high += block, low += block, to += stride)
        {
            var first = Whole(TSimd.Add(TSimd.Load(high), highBias), TSimd.Add(TSimd.Load(low), lowBias));
            var second = Whole(TSimd.Add(TSimd.Load(high + lanes), nextHighBias), TSimd.Add(TSimd.Load(low + lanes), nextLowBias));
            first = _partRules!.Round<ShiftRounding, TSimd, TInt, TShort>(first, channel);
            second = _partRules.Round<ShiftRounding, TSimd, TInt, TShort>(second, channel + lanes);
            TSimd.Store(TSimd.Clamp(TSimd.Pack(first, second), min, max), to);
        }

        Look(pixels, channel, y, stride);
    }

    // What the lowest bits carry; what is left of them is below the bit that rounds.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TInt Whole(TInt high, TInt low) => TSimd.Add(high, TSimd.ShiftRight(low, PartSums.Bits));

    /// <summary>Finishes one block of channels of some pixels, by sums that may be beyond 32 bits.</summary>
    /// <inheritdoc cref="Run(int*,int,int,short*,nint)" />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(long* sums, int pixels, int channel, short* y, nint stride)
    {
        int block = 2 * TSimd.Lanes;
        if (_wideShifts is not null)
        {
            ShiftWide(sums, pixels, channel, y, stride);
        }
        else
        {
            for (int i = 0; i < pixels * block; i++)
            {
                int inBlock = WideSums.IndexOf(i % block, TSimd.Lanes);
                Finish(sums[i - (i % block) + inBlock] + _wideBias.Pointer[channel + inBlock], channel, i, y, stride);
            }
        }

        Look(pixels, channel, y, stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ShiftWide(long* sums, int pixels, int channel, short* y, nint stride)
    {
        int lanes = TSimd.Lanes;
        long* bias = _wideBias.Pointer + channel;
        ulong* shifts = _wideShifts!.Pointer + (channel / 2 * WideShifts.Vectors), next = shifts + (lanes / 2 * WideShifts.Vectors);
        TShort min = TSimd.Broadcast(_min), max = TSimd.Broadcast(_max);
        for (; pixels > 0; pixels--, sums += 2 * lanes, y += stride)
        {
            var results = TSimd.Pack(TSimd.ShiftWide(sums, bias, shifts), TSimd.ShiftWide(sums + lanes, bias + lanes, next));
            TSimd.Store(TSimd.Clamp(results, min, max), y);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Finish(long sum, int channel, int position, short* y, nint stride)
    {
        int block = 2 * TSimd.Lanes, inBlock = position % block, at = channel + inBlock;
        y[(position / block * stride) + IntegerOrder.ChannelAt(TSimd.Lanes, inBlock)] =
            (short)Math.Clamp(_rules.Round(sum, at), _min, _max);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Run<TOperation>(int* sums, int pixels, int channel, short* y, nint stride)
        where TOperation : struct, IRounding
    {
        int lanes = TSimd.Lanes;
        TInt lowBias = TSimd.Load(_bias.Pointer + channel), highBias = TSimd.Load(_bias.Pointer + channel + lanes);
        TShort min = TSimd.Broadcast(_min), max = TSimd.Broadcast(_max);
        for (; pixels > 0; pixels--, sums += 2 * lanes, y += stride)
        {
            var low = _rules.Round<TOperation, TSimd, TInt, TShort>(TSimd.Add(TSimd.Load(sums), lowBias), channel);
            var high = _rules.Round<TOperation, TSimd, TInt, TShort>(TSimd.Add(TSimd.Load(sums + lanes), highBias), channel + lanes);
            TSimd.Store(TSimd.Clamp(TSimd.Pack(low, high), min, max), y);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Look(int pixels, int channel, short* y, nint stride)
    {
        if (_function is null) return;
        int channels = Math.Min(2 * TSimd.Lanes, _channels - channel);
        _function.Apply(y, stride, y, stride, pixels, channel, channels);
    }
}
