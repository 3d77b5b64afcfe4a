using System.Runtime.CompilerServices;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>
/// What a tile is computed with: products of the inputs that lie in 32 bits, two of 16 bits or four of 8, with the weights of two vectors
/// of outputs.
/// </summary>
/// <typeparam name="TInt">A vector of 32-bit sums.</typeparam>
/// <typeparam name="TWeight">A vector of weights, as many bytes.</typeparam>
internal unsafe interface ITileProducts<TInt, TWeight>
    where TInt : struct
    where TWeight : struct
{
    /// <summary>Sums of a vector; a tile has twice as many outputs.</summary>
    static abstract int Lanes { get; }

    /// <summary>Rows of a tile whose sums, two vectors each, stay in registers.</summary>
    static abstract int Rows { get; }

    static abstract TWeight Load(byte* from);

    /// <summary>Adds the products of some inputs with the weights of a tile's outputs.</summary>
    /// <param name="low">The first vector of sums.</param>
    /// <param name="high">The second.</param>
    /// <param name="x">The inputs, four bytes.</param>
    /// <param name="first">The first half of their weights.</param>
    /// <param name="second">The second half.</param>
    static abstract void AddProducts(ref TInt low, ref TInt high, byte* x, TWeight first, TWeight second);

    static abstract TInt Add(TInt a, TInt b);

    static abstract void Store(TInt value, int* to);

    /// <summary>Whether sums are watched: a tile ends where they grow too large for what follows.</summary>
    static virtual bool Watches
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => false;
    }

    /// <summary>The largest magnitudes of vectors of sums.</summary>
    /// <param name="found">Those of others, 0 or more.</param>
    /// <param name="a">A vector of sums, none of them the lowest integer.</param>
    /// <param name="b">Another.</param>
    static virtual TInt Larger(TInt found, TInt a, TInt b) => throw new NotSupportedException();

    /// <summary>Whether a magnitude is larger.</summary>
    static virtual bool Exceeds(TInt found, int room) => throw new NotSupportedException();
}

/// <summary>Whether sums are watched.</summary>
internal interface IWatch
{
    /// <inheritdoc cref="ITileProducts{TInt,TWeight}.Watches" />
    static abstract bool Watches { get; }
}

/// <summary>They are.</summary>
internal readonly struct Watched : IWatch
{
    public static bool Watches
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => true;
    }
}

/// <summary>They are not.</summary>
internal readonly struct Unwatched : IWatch
{
    public static bool Watches
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => false;
    }
}

/// <summary>Products of pairs of 16-bit integers.</summary>
internal readonly unsafe struct PairProducts<TSimd, TInt, TShort, TWatch> : ITileProducts<TInt, TShort>
    where TSimd : struct, IIntegerSimd<TInt, TShort>
    where TInt : struct
    where TShort : struct
    where TWatch : struct, IWatch
{
    public static int Lanes => TSimd.Lanes;

    public static int Rows => TSimd.TileRows;

    public static bool Watches
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TWatch.Watches;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TShort Load(byte* from) => TSimd.Load((short*)from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddProducts(ref TInt low, ref TInt high, byte* x, TShort first, TShort second) =>
        TSimd.AddProducts(ref low, ref high, (short*)x, first, second);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TInt Add(TInt a, TInt b) => TSimd.Add(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(TInt value, int* to) => TSimd.Store(value, to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TInt Larger(TInt found, TInt a, TInt b) => TSimd.Max(found, TSimd.Max(TSimd.Abs(a), TSimd.Abs(b)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Exceeds(TInt found, int room) => TSimd.AnyAbove(found, room);
}
