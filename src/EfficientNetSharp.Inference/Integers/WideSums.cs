using System.Runtime.CompilerServices;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>Sums of 64 bits: for each vector of 32-bit ones those of its even lanes, then those of its odd lanes.</summary>
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

    /// <summary>Where the sum of a position is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int IndexOf(int position, int lanes)
    {
        int lane = position % lanes;
        return position - lane + (lane / 2) + (lane % 2 * (lanes / 2));
    }
}
