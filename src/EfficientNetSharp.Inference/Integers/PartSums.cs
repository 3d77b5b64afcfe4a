using System.Runtime.CompilerServices;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>
/// Sums beyond 32 bits as two of 32: without their lowest eight bits, and of these bits by themselves. Shifts by more need no wider
/// numbers.
/// </summary>
internal static unsafe class PartSums
{
    /// <summary>The lowest bits.</summary>
    public const int Bits = 8;

    /// <summary>No sum with its bias may be larger.</summary>
    public const double Largest = (double)int.MaxValue * (1 << (Bits - 1));

    /// <summary>Adds parts, each within 32 bits.</summary>
    /// <param name="sums">The parts.</param>
    /// <param name="length">How many, whole vectors.</param>
    /// <param name="high">What they are added to but for their lowest bits.</param>
    /// <param name="low">What these are added to.</param>
    /// <param name="isFirst">Whether there is nothing yet.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add<TSimd, TInt, TShort>(int* sums, int length, int* high, int* low, bool isFirst)
        where TSimd : struct, IIntegerSimd<TInt, TShort>
        where TInt : struct
        where TShort : struct
    {
        for (int i = 0; i < length; i += TSimd.Lanes)
        {
            var (upper, lower) = TSimd.Split(TSimd.Load(sums + i));
            TSimd.Store(isFirst ? upper : TSimd.Add(upper, TSimd.Load(high + i)), high + i);
            TSimd.Store(isFirst ? lower : TSimd.Add(lower, TSimd.Load(low + i)), low + i);
        }
    }
}
