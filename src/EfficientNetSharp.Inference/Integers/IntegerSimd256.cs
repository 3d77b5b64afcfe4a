using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>AVX2.</summary>
internal readonly unsafe struct IntegerSimd256 : IIntegerSimd<Vector256<int>, Vector256<short>>
{
    public static int Lanes => Vector256<int>.Count;

    public static int TileRows => 6;

    public static int DepthwisePixels => 4;

    public static bool HasWideProducts => true;

    public static bool HasPairProducts => true;

    public static ByteProducts? Bytes => VnniBytes.Products;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Load(int* from) => Vector256.Load(from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<int> value, int* to) => value.Store(to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> Load(short* from) => Vector256.Load(from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<short> value, short* to) => value.Store(to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> Broadcast(short value) => Vector256.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Broadcast(int value) => Vector256.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Add(Vector256<int> a, Vector256<int> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> ShiftLeft(Vector256<int> value, int bits) => value << bits;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> ShiftRight(Vector256<int> value, int bits) => value >>> bits;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Max(Vector256<int> a, Vector256<int> b) => Vector256.Max(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Abs(Vector256<int> value) => Vector256.Abs(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AnyAbove(Vector256<int> value, int largest) => Vector256.GreaterThanAny(value, Vector256.Create(largest));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> Add(Vector256<short> a, Vector256<short> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> Subtract(Vector256<short> a, Vector256<short> b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> Max(Vector256<short> a, Vector256<short> b) => Vector256.Max(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> Clamp(Vector256<short> value, Vector256<short> min, Vector256<short> max) =>
        Vector256.Min(Vector256.Max(value, min), max);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddProducts(
        ref Vector256<int> low, ref Vector256<int> high, short* x, Vector256<short> first, Vector256<short> second)
    {
        var pair = Vector256.Create(*(int*)x).AsInt16();
        low = Dot(low, pair, first);
        high = Dot(high, pair, second);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddProducts(
        ref Vector256<int> low, ref Vector256<int> high, Vector256<short> x, Vector256<short> z, Vector256<short> first, Vector256<short> second)
    {
        low = Dot(low, Avx2.UnpackLow(x, z), first);
        high = Dot(high, Avx2.UnpackHigh(x, z), second);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector256<int> Low, Vector256<int> High) Multiply(Vector256<short> a, Vector256<short> b)
    {
        var zero = Vector256<short>.Zero;
        return (
            Avx2.MultiplyAddAdjacent(Avx2.UnpackLow(a, zero), Avx2.UnpackLow(b, zero)),
            Avx2.MultiplyAddAdjacent(Avx2.UnpackHigh(a, zero), Avx2.UnpackHigh(b, zero)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> SquarePairs(Vector256<short> value) => Avx2.MultiplyAddAdjacent(value, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector256<int> Low, Vector256<int> High) Widen(Vector256<short> value) =>
        (Avx2.UnpackLow(value, value).AsInt32() >> 16, Avx2.UnpackHigh(value, value).AsInt32() >> 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> Pack(Vector256<int> low, Vector256<int> high) => Avx2.PackSignedSaturate(low, high);

    // What is too low for 32 bits becomes their lowest by itself.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> RoundFactor(Vector256<int> sums, Vector256<int> factors) =>
        Rounded(Avx.ConvertToVector256Single(sums) * factors.AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> RoundSum(
        Vector256<int> a, Vector256<int> b, Vector256<int> first, Vector256<int> second, Vector256<int> output)
    {
        var sum = (Avx.ConvertToVector256Single(a) * first.AsSingle()) + (Avx.ConvertToVector256Single(b) * second.AsSingle());
        return Rounded(sum / output.AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> RoundTwice(Vector256<int> sums, Vector256<int> multipliers, Vector256<int> shifts)
    {
        var nudge = Vector256.Create(1L << 30);
        var even = (Avx2.Multiply(sums, multipliers) + nudge) >>> 31;
        var odd = (Avx2.Multiply(Odd(sums), Odd(multipliers)) + nudge) << 1;
        var high = Merge(even, odd);
        var mask = Avx2.ShiftLeftLogicalVariable(Vector256<int>.One, shifts.AsUInt32()) - Vector256<int>.One;
        var threshold = (mask >> 1) - (high >> 31);
        return Avx2.ShiftRightArithmeticVariable(high, shifts.AsUInt32()) - Vector256.GreaterThan(high & mask, threshold);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> RoundShift(Vector256<int> sums, Vector256<int> before, Vector256<int> shifts) =>
        Avx2.ShiftRightArithmeticVariable(sums, shifts.AsUInt32())
        + (Avx2.ShiftRightLogicalVariable(sums, before.AsUInt32()) & Vector256<int>.One);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> RoundOnce(Vector256<int> sums, Vector256<int> multipliers, ulong* shifts)
    {
        const int lanes = 4;
        var even = Avx2.Multiply(sums, multipliers).AsUInt64() + Vector256.Load(shifts + (2 * lanes));
        var odd = Avx2.Multiply(Odd(sums), Odd(multipliers)).AsUInt64() + Vector256.Load(shifts + (3 * lanes));
        even = Avx2.ShiftRightLogicalVariable(even, Vector256.Load(shifts)) - Vector256.Load(shifts + (4 * lanes));
        odd = Avx2.ShiftRightLogicalVariable(odd, Vector256.Load(shifts + lanes)) - Vector256.Load(shifts + (5 * lanes));
        return Merge(even.AsInt64(), odd.AsInt64() << 32);
    }

    // Bytes are looked up in sixteen tables of 16 by their low four bits; the others choose among the results.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector256<short> A, Vector256<short> B) Lookup(Vector256<short> a, Vector256<short> b, short* table)
    {
        var index = Avx2.PackUnsignedSaturate(a, b);
        var bytes = (byte*)(table + ByteTable.BaseLength);
        var low = index & Vector256.Create((byte)0x0F);
        var bit4 = (index.AsInt16() << 3).AsByte();
        var bit5 = (index.AsInt16() << 2).AsByte();
        var bit6 = (index.AsInt16() << 1).AsByte();
        var first = Avx2.BlendVariable(Quarter(bytes, low, bit4, bit5), Quarter(bytes + 64, low, bit4, bit5), bit6);
        var second = Avx2.BlendVariable(Quarter(bytes + 128, low, bit4, bit5), Quarter(bytes + 192, low, bit4, bit5), bit6);
        var result = Avx2.BlendVariable(first, second, index);
        var lowest = Vector256.Create(*table);
        var zero = Vector256<byte>.Zero;
        return (Avx2.UnpackLow(result, zero).AsInt16() + lowest, Avx2.UnpackHigh(result, zero).AsInt16() + lowest);
    }

    public static short[]? ArrangeTable(ReadOnlySpan<short> table) => ByteTable.Arrange(table);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Quarter(byte* table, Vector256<byte> low, Vector256<byte> bit4, Vector256<byte> bit5)
    {
        var first = Avx2.BlendVariable(Entries(table, low), Entries(table + 16, low), bit4);
        return Avx2.BlendVariable(first, Avx2.BlendVariable(Entries(table + 32, low), Entries(table + 48, low), bit4), bit5);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Entries(byte* table, Vector256<byte> low) =>
        Avx2.Shuffle(Avx2.BroadcastVector128ToVector256(table), low);

    // A product with 1 is a number of twice the bits.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddWide(Vector256<int> sums, long* wide)
    {
        var one = Vector256.Create(1);
        (Vector256.Load(wide) + Avx2.Multiply(sums, one)).Store(wide);
        (Vector256.Load(wide + 4) + Avx2.Multiply(Odd(sums), one)).Store(wide + 4);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreWide(Vector256<int> high, Vector256<int> low, long* wide)
    {
        var (scale, one) = (Vector256.Create(256), Vector256.Create(1));
        (Avx2.Multiply(high, scale) + Avx2.Multiply(low, one)).Store(wide);
        (Avx2.Multiply(Odd(high), scale) + Avx2.Multiply(Odd(low), one)).Store(wide + 4);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector256<int> High, Vector256<int> Low) Split(Vector256<int> sums) => (sums >> 8, sums & Vector256.Create(0xFF));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector256<short> High, Vector256<short> Low) Split(Vector256<short> value) =>
        (value >> 8, value & Vector256.Create((short)0xFF));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> ShiftWide(long* wide, long* bias, ulong* shifts)
    {
        const int lanes = 4;
        var even = (Vector256.Load(wide) + Vector256.Load(bias)).AsUInt64() + Vector256.Load(shifts + (2 * lanes));
        var odd = (Vector256.Load(wide + lanes) + Vector256.Load(bias + lanes)).AsUInt64() + Vector256.Load(shifts + (3 * lanes));
        even = Avx2.ShiftRightLogicalVariable(even, Vector256.Load(shifts)) - Vector256.Load(shifts + (4 * lanes));
        odd = Avx2.ShiftRightLogicalVariable(odd, Vector256.Load(shifts + lanes)) - Vector256.Load(shifts + (5 * lanes));
        return Merge(even.AsInt64(), odd.AsInt64() << 32);
    }

    // Too few segments fit a register.
    public static bool HasPolynomials => false;

    public static void Evaluate(short* x, nint xStep, short* y, nint yStep, int blocks, float* segments, short* entries) =>
        throw new NotSupportedException();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Rounded(Vector256<float> value) =>
        Avx.ConvertToVector256Int32(Avx.Min(value, Vector256.Create((float)short.MaxValue)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Odd(Vector256<int> value) => (value.AsInt64() >>> 32).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Merge(Vector256<long> even, Vector256<long> odd) =>
        Vector256.ConditionalSelect(Vector256.Create(0xFFFFFFFFL), even, odd).AsInt32();

    // a₀ · b₀ + a₁ · b₁ for each pair, added to the sums.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Dot(Vector256<int> sums, Vector256<short> a, Vector256<short> b) => AvxVnni.IsSupported
        ? AvxVnni.MultiplyWideningAndAdd(sums, a, b)
        : sums + Avx2.MultiplyAddAdjacent(a, b);
}
