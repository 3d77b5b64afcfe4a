using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>128 bits on any machine; SSE2 where there is one.</summary>
internal readonly unsafe struct IntegerSimd128 : IIntegerSimd<Vector128<int>, Vector128<short>>
{
    public static int Lanes => Vector128<int>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Load(int* from) => Vector128.Load(from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<int> value, int* to) => value.Store(to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<short> Load(short* from) => Vector128.Load(from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<short> value, short* to) => value.Store(to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<short> BroadcastPair(short* from) => Vector128.Create(*(int*)from).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Dot(Vector128<int> sums, Vector128<short> a, Vector128<short> b)
    {
        if (Sse2.IsSupported) return sums + Sse2.MultiplyAddAdjacent(a, b);
        // Even and odd integers of the pairs, each sign-extended in its place.
        var (x, y) = (a.AsInt32(), b.AsInt32());
        var even = ((x << 16) >> 16) * ((y << 16) >> 16);
        return sums + even + ((x >> 16) * (y >> 16));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Add(Vector128<int> a, Vector128<int> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<short> InterleaveLow(Vector128<short> a, Vector128<short> b)
    {
        if (Sse2.IsSupported) return Sse2.UnpackLow(a, b);
        var (x, y) = (Vector128.WidenLower(a) & Vector128.Create(0xFFFF), Vector128.WidenLower(b));
        return (x | (y << 16)).AsInt16();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<short> InterleaveHigh(Vector128<short> a, Vector128<short> b)
    {
        if (Sse2.IsSupported) return Sse2.UnpackHigh(a, b);
        var (x, y) = (Vector128.WidenUpper(a) & Vector128.Create(0xFFFF), Vector128.WidenUpper(b));
        return (x | (y << 16)).AsInt16();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<short> Pack(Vector128<int> low, Vector128<int> high) => Vector128.NarrowWithSaturation(low, high);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> ScaleAndRound(Vector128<int> sums, float* factors, float min, float max)
    {
        var scaled = Vector128.ConvertToSingle(sums) * Vector128.Load(factors);
        scaled = Vector128.Min(Vector128.Max(scaled, Vector128.Create(min)), Vector128.Create(max));
        return Sse2.IsSupported ? Sse2.ConvertToVector128Int32(scaled) : Vector128.ConvertToInt32(Vector128.Round(scaled));
    }
}
