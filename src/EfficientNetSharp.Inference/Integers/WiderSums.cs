using System.Runtime.CompilerServices;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>Where sums go that 32 bits would not hold with what follows: <see cref="PartSums"/> or <see cref="WideSums"/>.</summary>
/// <param name="place">Memory for them.</param>
/// <param name="second">Integers from the parts without their lowest bits to those of these bits.</param>
/// <param name="length">Sums.</param>
/// <param name="areParts">Whether the sums go in two parts; otherwise as 64 bits.</param>
internal unsafe struct WiderSums(int* place, nint second, int length, bool areParts)
{
    /// <summary>Whether the sums go in two parts.</summary>
    public readonly bool AreParts => areParts;

    /// <summary>Whether there are any.</summary>
    public bool HasSums { get; private set; }

    /// <summary>Adds some sums to what is there.</summary>
    /// <param name="sums">The sums.</param>
    /// <param name="first">The number of the first.</param>
    /// <param name="count">How many, whole vectors.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Add<TSimd, TInt, TShort>(int* sums, nint first, int count)
        where TSimd : struct, IIntegerSimd<TInt, TShort>
        where TInt : struct
        where TShort : struct
    {
        if (!HasSums)
        {
            new Span<int>(place, length).Clear();
            new Span<int>(place + (areParts ? second : length), length).Clear();
            HasSums = true;
        }

        if (areParts) PartSums.Add<TSimd, TInt, TShort>(sums, count, place + first, place + second + first, isFirst: false);
        else WideSums.Add<TSimd, TInt, TShort>(sums, count, (long*)place + first);
    }
}
