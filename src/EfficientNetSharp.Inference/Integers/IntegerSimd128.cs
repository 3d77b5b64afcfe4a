using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>128 bits on any machine; SSE2 where there is one.</summary>
internal readonly unsafe struct IntegerSimd128 : IIntegerSimd<Vector128<int>, Vector128<short>>
{
    public static int Lanes => Vector128<int>.Count;

    public static int TileRows => 6;

    public static int DepthwisePixels => 4;

    public static bool HasWideProducts => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Load(int* from) => Vector128.Load(from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<int> value, int* to) => value.Store(to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<short> Load(short* from) => Vector128.Load(from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<short> value, short* to) => value.Store(to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<short> Broadcast(short value) => Vector128.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Broadcast(int value) => Vector128.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<short> BroadcastPair(short* from) => Vector128.Create(*(int*)from).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Add(Vector128<int> a, Vector128<int> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> ShiftLeft(Vector128<int> value, int bits) => value << bits;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> ShiftRight(Vector128<int> value, int bits) => value >>> bits;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Max(Vector128<int> a, Vector128<int> b) => Vector128.Max(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<short> Add(Vector128<short> a, Vector128<short> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<short> Subtract(Vector128<short> a, Vector128<short> b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<short> Max(Vector128<short> a, Vector128<short> b) => Vector128.Max(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<short> Clamp(Vector128<short> value, Vector128<short> min, Vector128<short> max) =>
        Vector128.Min(Vector128.Max(value, min), max);

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
    public static (Vector128<int> Low, Vector128<int> High) Widen(Vector128<short> value) => Vector128.Widen(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> RoundFactor(Vector128<int> sums, Vector128<int> factors) =>
        Rounded(Vector128.ConvertToSingle(sums) * factors.AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> RoundSum(
        Vector128<int> a, Vector128<int> b, Vector128<int> first, Vector128<int> second, Vector128<int> output)
    {
        var sum = (Vector128.ConvertToSingle(a) * first.AsSingle()) + (Vector128.ConvertToSingle(b) * second.AsSingle());
        return Rounded(sum / output.AsSingle());
    }

    public static Vector128<int> RoundTwice(Vector128<int> sums, Vector128<int> multipliers, Vector128<int> shifts) =>
        throw new NotSupportedException();

    public static Vector128<int> RoundShift(Vector128<int> sums, Vector128<int> before, Vector128<int> shifts) =>
        throw new NotSupportedException();

    public static Vector128<int> RoundOnce(Vector128<int> sums, Vector128<int> multipliers, ulong* shifts) =>
        throw new NotSupportedException();

    // Bytes are looked up in sixteen tables of 16 by their low four bits; the others choose.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector128<short> A, Vector128<short> B) Lookup(Vector128<short> a, Vector128<short> b, short* table)
    {
        var index = Vector128.Narrow(a.AsUInt16(), b.AsUInt16());
        byte* bytes = (byte*)(table + ByteTable.BaseLength);
        Vector128<byte> low = index & Vector128.Create((byte)0x0F), high = index >>> 4, result = Vector128<byte>.Zero;
        for (byte row = 0; row < 16; row++)
        {
            var entries = Vector128.ShuffleNative(Vector128.Load(bytes + (16 * row)), low);
            result |= Vector128.Equals(high, Vector128.Create(row)) & entries;
        }

        var (first, second) = Vector128.Widen(result);
        var lowest = Vector128.Create(*table);
        return (first.AsInt16() + lowest, second.AsInt16() + lowest);
    }

    public static short[]? ArrangeTable(ReadOnlySpan<short> table) => ByteTable.Arrange(table);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddWide(Vector128<int> sums, long* wide)
    {
        wide[0] += sums[0];
        wide[1] += sums[2];
        wide[2] += sums[1];
        wide[3] += sums[3];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreWide(Vector128<int> high, Vector128<int> low, long* wide)
    {
        wide[0] = (256L * high[0]) + low[0];
        wide[1] = (256L * high[2]) + low[2];
        wide[2] = (256L * high[1]) + low[1];
        wide[3] = (256L * high[3]) + low[3];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector128<int> High, Vector128<int> Low) Split(Vector128<int> sums) => (sums >> 8, sums & Vector128.Create(0xFF));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector128<short> High, Vector128<short> Low) Split(Vector128<short> value) =>
        (value >> 8, value & Vector128.Create((short)0xFF));

    public static Vector128<int> ShiftWide(long* wide, long* bias, ulong* shifts) => throw new NotSupportedException();

    // Too few segments fit a register.
    public static bool HasPolynomials => false;

    public static void Evaluate(short* x, nint xStep, short* y, nint yStep, int blocks, float* segments, short* entries) =>
        throw new NotSupportedException();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Rounded(Vector128<float> value)
    {
        var (min, max) = (Vector128.Create((float)short.MinValue), Vector128.Create((float)short.MaxValue));
        var bounded = Vector128.MaxNative(Vector128.MinNative(value, max), min);
        return Sse2.IsSupported ? Sse2.ConvertToVector128Int32(bounded) : Vector128.ConvertToInt32(Vector128.Round(bounded));
    }
}
