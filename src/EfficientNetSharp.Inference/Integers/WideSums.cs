using System.Runtime.CompilerServices;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>
/// Sums of 64 bits: for each vector of 32-bit ones those of its even lanes, then those of its odd lanes, as wide vectors multiply them; in
/// the order of their lanes with 128 bits, which Arm widens in halves.
/// </summary>
internal static unsafe class WideSums
{
    /// <summary>Adds sums.</summary>
    /// <param name="sums">Sums of 32 bits.</param>
    /// <param name="length">How many, whole vectors.</param>
    /// <param name="wide">What they are added to.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add<TSimd, TInt, TShort>(int* sums, int length, long* wide)
        where TSimd : struct, IIntegerSimd<TInt, TShort>
        where TInt : struct
        where TShort : struct
    {
        for (int i = 0; i < length; i += TSimd.Lanes) TSimd.AddWide(TSimd.Load(sums + i), wide + i);
    }

    /// <summary>Puts the sums of inputs' upper and lower eight bits together.</summary>
    /// <param name="high">Sums of the upper ones.</param>
    /// <param name="low">Of the lower ones; may be the second half of where the sums go.</param>
    /// <param name="length">How many, whole vectors.</param>
    /// <param name="wide">Receives the sums.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Combine<TSimd, TInt, TShort>(int* high, int* low, int length, long* wide)
        where TSimd : struct, IIntegerSimd<TInt, TShort>
        where TInt : struct
        where TShort : struct
    {
        for (int i = 0; i < length; i += TSimd.Lanes) TSimd.StoreWide(TSimd.Load(high + i), TSimd.Load(low + i), wide + i);
    }

    /// <summary>Splits rows of integers into their upper and lower eight bits.</summary>
    /// <param name="x">The first row.</param>
    /// <param name="stride">Integers from one row to the next.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="length">Integers of a row, whole blocks.</param>
    /// <param name="high">Receives the upper bits, row after row.</param>
    /// <param name="low">Receives the lower bits.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Split<TSimd, TInt, TShort>(short* x, nint stride, int rows, int length, short* high, short* low)
        where TSimd : struct, IIntegerSimd<TInt, TShort>
        where TInt : struct
        where TShort : struct
    {
        for (; rows > 0; rows--, x += stride)
        {
            for (int i = 0; i < length; i += 2 * TSimd.Lanes, high += 2 * TSimd.Lanes, low += 2 * TSimd.Lanes)
            {
                var (upper, lower) = TSimd.Split(TSimd.Load(x + i));
                TSimd.Store(upper, high);
                TSimd.Store(lower, low);
            }
        }
    }

    /// <summary>Where the sum of a position is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int IndexOf(int position, int lanes)
    {
        const int halves = 4;
        int lane = position % lanes;
        return lanes == halves ? position : position - lane + (lane / 2) + (lane % 2 * (lanes / 2));
    }
}
