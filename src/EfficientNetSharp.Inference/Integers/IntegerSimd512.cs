using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>AVX-512 with its operations on 16-bit integers.</summary>
internal readonly unsafe struct IntegerSimd512 : IIntegerSimd<Vector512<int>, Vector512<short>>
{
    public static int Lanes => Vector512<int>.Count;

    public static int TileRows => 14;

    public static int DepthwisePixels => 7;

    public static bool HasWideProducts => true;

    public static bool HasPairProducts => true;

    public static ByteProducts? Bytes => VnniBytes.Products;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Load(int* from) => Vector512.Load(from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<int> value, int* to) => value.Store(to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> Load(short* from) => Vector512.Load(from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<short> value, short* to) => value.Store(to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> Broadcast(short value) => Vector512.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Broadcast(int value) => Vector512.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Add(Vector512<int> a, Vector512<int> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> ShiftLeft(Vector512<int> value, int bits) => value << bits;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> ShiftRight(Vector512<int> value, int bits) => value >>> bits;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Max(Vector512<int> a, Vector512<int> b) => Vector512.Max(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Abs(Vector512<int> value) => Vector512.Abs(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AnyAbove(Vector512<int> value, int largest) => Vector512.GreaterThanAny(value, Vector512.Create(largest));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> Add(Vector512<short> a, Vector512<short> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> Subtract(Vector512<short> a, Vector512<short> b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> Max(Vector512<short> a, Vector512<short> b) => Vector512.Max(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> Clamp(Vector512<short> value, Vector512<short> min, Vector512<short> max) =>
        Vector512.Min(Vector512.Max(value, min), max);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddProducts(
        ref Vector512<int> low, ref Vector512<int> high, short* x, Vector512<short> first, Vector512<short> second)
    {
        var pair = Vector512.Create(*(int*)x).AsInt16();
        low = Dot(low, pair, first);
        high = Dot(high, pair, second);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddProducts(
        ref Vector512<int> low, ref Vector512<int> high, Vector512<short> x, Vector512<short> z, Vector512<short> first, Vector512<short> second)
    {
        low = Dot(low, Avx512BW.UnpackLow(x, z), first);
        high = Dot(high, Avx512BW.UnpackHigh(x, z), second);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector512<int> Low, Vector512<int> High) Multiply(Vector512<short> a, Vector512<short> b)
    {
        var zero = Vector512<short>.Zero;
        return (
            Avx512BW.MultiplyAddAdjacent(Avx512BW.UnpackLow(a, zero), Avx512BW.UnpackLow(b, zero)),
            Avx512BW.MultiplyAddAdjacent(Avx512BW.UnpackHigh(a, zero), Avx512BW.UnpackHigh(b, zero)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> SquarePairs(Vector512<short> value) => Avx512BW.MultiplyAddAdjacent(value, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector512<int> Low, Vector512<int> High) Widen(Vector512<short> value) =>
        (Avx512BW.UnpackLow(value, value).AsInt32() >> 16, Avx512BW.UnpackHigh(value, value).AsInt32() >> 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> Pack(Vector512<int> low, Vector512<int> high) => Avx512BW.PackSignedSaturate(low, high);

    // What is too low for 32 bits becomes their lowest by itself.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> RoundFactor(Vector512<int> sums, Vector512<int> factors) =>
        Rounded(Avx512F.ConvertToVector512Single(sums) * factors.AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> RoundSum(
        Vector512<int> a, Vector512<int> b, Vector512<int> first, Vector512<int> second, Vector512<int> output)
    {
        var sum = (Avx512F.ConvertToVector512Single(a) * first.AsSingle()) + (Avx512F.ConvertToVector512Single(b) * second.AsSingle());
        return Rounded(sum / output.AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> RoundTwice(Vector512<int> sums, Vector512<int> multipliers, Vector512<int> shifts)
    {
        var nudge = Vector512.Create(1L << 30);
        var even = (Avx512F.Multiply(sums, multipliers) + nudge) >>> 31;
        var odd = (Avx512F.Multiply(Odd(sums), Odd(multipliers)) + nudge) << 1;
        var high = Merge(even, odd);
        var mask = Avx512F.ShiftLeftLogicalVariable(Vector512<int>.One, shifts.AsUInt32()) - Vector512<int>.One;
        var threshold = (mask >> 1) - (high >> 31);
        return Avx512F.ShiftRightArithmeticVariable(high, shifts.AsUInt32()) - Vector512.GreaterThan(high & mask, threshold);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> RoundShift(Vector512<int> sums, Vector512<int> before, Vector512<int> shifts) =>
        Avx512F.ShiftRightArithmeticVariable(sums, shifts.AsUInt32())
        + (Avx512F.ShiftRightLogicalVariable(sums, before.AsUInt32()) & Vector512<int>.One);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> RoundOnce(Vector512<int> sums, Vector512<int> multipliers, ulong* shifts)
    {
        const int lanes = 8;
        var even = Avx512F.Multiply(sums, multipliers).AsUInt64() + Vector512.Load(shifts + (2 * lanes));
        var odd = Avx512F.Multiply(Odd(sums), Odd(multipliers)).AsUInt64() + Vector512.Load(shifts + (3 * lanes));
        even = Avx512F.ShiftRightLogicalVariable(even, Vector512.Load(shifts)) - Vector512.Load(shifts + (4 * lanes));
        odd = Avx512F.ShiftRightLogicalVariable(odd, Vector512.Load(shifts + lanes)) - Vector512.Load(shifts + (5 * lanes));
        return Merge(even.AsInt64(), odd.AsInt64() << 32);
    }

    // Words are looked up in four tables of 64, of which two bits of the integer choose.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector512<short> A, Vector512<short> B) Lookup(Vector512<short> a, Vector512<short> b, short* table) =>
        (Lookup(a, table), Lookup(b, table));

    public static short[]? ArrangeTable(ReadOnlySpan<short> table) => table.ToArray();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> Lookup(Vector512<short> index, short* table)
    {
        const int lanes = 32;
        var first = Avx512BW.PermuteVar32x16x2(Vector512.Load(table), index, Vector512.Load(table + lanes));
        var second = Avx512BW.PermuteVar32x16x2(Vector512.Load(table + (2 * lanes)), index, Vector512.Load(table + (3 * lanes)));
        var third = Avx512BW.PermuteVar32x16x2(Vector512.Load(table + (4 * lanes)), index, Vector512.Load(table + (5 * lanes)));
        var fourth = Avx512BW.PermuteVar32x16x2(Vector512.Load(table + (6 * lanes)), index, Vector512.Load(table + (7 * lanes)));
        var isLow = Vector512.Equals(index & Vector512.Create((short)64), Vector512<short>.Zero);
        var isFirstHalf = Vector512.LessThan(index, Vector512.Create((short)128));
        return Vector512.ConditionalSelect(
            isFirstHalf, Vector512.ConditionalSelect(isLow, first, second), Vector512.ConditionalSelect(isLow, third, fourth));
    }

    // A product with 1 is a number of twice the bits.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddWide(Vector512<int> sums, long* wide)
    {
        var one = Vector512.Create(1);
        (Vector512.Load(wide) + Avx512F.Multiply(sums, one)).Store(wide);
        (Vector512.Load(wide + 8) + Avx512F.Multiply(Odd(sums), one)).Store(wide + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreWide(Vector512<int> high, Vector512<int> low, long* wide)
    {
        var (scale, one) = (Vector512.Create(256), Vector512.Create(1));
        (Avx512F.Multiply(high, scale) + Avx512F.Multiply(low, one)).Store(wide);
        (Avx512F.Multiply(Odd(high), scale) + Avx512F.Multiply(Odd(low), one)).Store(wide + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector512<int> High, Vector512<int> Low) Split(Vector512<int> sums) => (sums >> 8, sums & Vector512.Create(0xFF));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector512<short> High, Vector512<short> Low) Split(Vector512<short> value) =>
        (value >> 8, value & Vector512.Create((short)0xFF));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> ShiftWide(long* wide, long* bias, ulong* shifts)
    {
        const int lanes = 8;
        var even = (Vector512.Load(wide) + Vector512.Load(bias)).AsUInt64() + Vector512.Load(shifts + (2 * lanes));
        var odd = (Vector512.Load(wide + lanes) + Vector512.Load(bias + lanes)).AsUInt64() + Vector512.Load(shifts + (3 * lanes));
        even = Avx512F.ShiftRightLogicalVariable(even, Vector512.Load(shifts)) - Vector512.Load(shifts + (4 * lanes));
        odd = Avx512F.ShiftRightLogicalVariable(odd, Vector512.Load(shifts + lanes)) - Vector512.Load(shifts + (5 * lanes));
        return Merge(even.AsInt64(), odd.AsInt64() << 32);
    }

    public static bool HasPolynomials => true;

    // All coefficients stay in registers.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Evaluate(short* x, nint xStep, short* y, nint yStep, int blocks, float* segments, short* entries)
    {
        const int lanes = 16, count = PolynomialSegments.Count;
        Vector512<float> a0 = Vector512.Load(segments), a1 = Vector512.Load(segments + lanes);
        Vector512<float> b0 = Vector512.Load(segments + count), b1 = Vector512.Load(segments + count + lanes);
        Vector512<float> c0 = Vector512.Load(segments + (2 * count)), c1 = Vector512.Load(segments + (2 * count) + lanes);
        Vector512<float> d0 = Vector512.Load(segments + (3 * count)), d1 = Vector512.Load(segments + (3 * count) + lanes);
        Vector512<float> e0 = Vector512.Load(segments + (4 * count)), e1 = Vector512.Load(segments + (4 * count) + lanes);
        Vector512<float> f0 = Vector512.Load(segments + (5 * count)), f1 = Vector512.Load(segments + (5 * count) + lanes);
        Vector512<int> g0 = Vector512.Load(segments + (6 * count)).AsInt32(), g1 = Vector512.Load(segments + (6 * count) + lanes).AsInt32();
        Vector512<float> h0 = Vector512.Load(segments + (7 * count)), h1 = Vector512.Load(segments + (7 * count) + lanes);
        for (; blocks > 0; blocks--, x += xStep, y += yStep)
        {
            var integers = Vector512.Load(x);
            var low = Avx512BW.UnpackLow(integers, integers).AsInt32();
            var high = Avx512BW.UnpackHigh(integers, integers).AsInt32();
            Vector512<int> i = low >>> (32 - 5), j = high >>> (32 - 5);
            Vector512<float> s = Distances(low), t = Distances(high);
            var p = Avx512F.PermuteVar16x32x2(a0, i, a1);
            var q = Avx512F.PermuteVar16x32x2(a0, j, a1);
            p = Avx512F.FusedMultiplyAdd(p, s, Avx512F.PermuteVar16x32x2(b0, i, b1));
            q = Avx512F.FusedMultiplyAdd(q, t, Avx512F.PermuteVar16x32x2(b0, j, b1));
            p = Avx512F.FusedMultiplyAdd(p, s, Avx512F.PermuteVar16x32x2(c0, i, c1));
            q = Avx512F.FusedMultiplyAdd(q, t, Avx512F.PermuteVar16x32x2(c0, j, c1));
            p = Avx512F.FusedMultiplyAdd(p, s, Avx512F.PermuteVar16x32x2(d0, i, d1));
            q = Avx512F.FusedMultiplyAdd(q, t, Avx512F.PermuteVar16x32x2(d0, j, d1));
            p = Avx512F.FusedMultiplyAdd(p, s, Avx512F.PermuteVar16x32x2(e0, i, e1));
            q = Avx512F.FusedMultiplyAdd(q, t, Avx512F.PermuteVar16x32x2(e0, j, e1));
            p = Avx512F.FusedMultiplyAdd(p, s, Avx512F.PermuteVar16x32x2(f0, i, f1));
            q = Avx512F.FusedMultiplyAdd(q, t, Avx512F.PermuteVar16x32x2(f0, j, f1));
            var results = Avx512BW.PackSignedSaturate(
                Avx512F.ConvertToVector512Int32(p) + Avx512F.PermuteVar16x32x2(g0, i, g1),
                Avx512F.ConvertToVector512Int32(q) + Avx512F.PermuteVar16x32x2(g0, j, g1));
            results.Store(y);
            ulong doubts = Vector512.GreaterThanOrEqual(
                Vector512.Abs(Avx512DQ.Reduce(p, 0)), Avx512F.PermuteVar16x32x2(h0, i, h1)).ExtractMostSignificantBits();
            ulong others = Vector512.GreaterThanOrEqual(
                Vector512.Abs(Avx512DQ.Reduce(q, 0)), Avx512F.PermuteVar16x32x2(h0, j, h1)).ExtractMostSignificantBits();
            if ((doubts | others) != 0) LookUp(integers, doubts | (others << lanes), y, entries);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void LookUp(Vector512<short> integers, ulong positions, short* y, short* entries)
    {
        short* x = stackalloc short[Vector512<short>.Count];
        integers.Store(x);
        for (; positions != 0; positions &= positions - 1)
        {
            int at = IntegerOrder.ChannelAt(Lanes, BitOperations.TrailingZeroCount(positions));
            y[at] = entries[(ushort)x[at]];
        }
    }

    // Of integers' lower bits from their segments' middles: they become a float's lowest bits, whose number less that of none is theirs.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Distances(Vector512<int> integers)
    {
        const int length = PolynomialSegments.Length;
        const byte andOr = 0xEA;
        const float units = 1 << 23;
        var bits = Avx512F.TernaryLogic(
            integers, Vector512.Create(length - 1), Vector512.Create(BitConverter.SingleToInt32Bits(units)), andOr);
        return bits.AsSingle() - Vector512.Create(units + (length / 2));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Rounded(Vector512<float> value) =>
        Avx512F.ConvertToVector512Int32(Avx512F.Min(value, Vector512.Create((float)short.MaxValue)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Odd(Vector512<int> value) => (value.AsInt64() >>> 32).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Merge(Vector512<long> even, Vector512<long> odd) =>
        Vector512.ConditionalSelect(Vector512.Create(0xFFFFFFFFL), even, odd).AsInt32();

    // a₀ · b₀ + a₁ · b₁ for each pair, added to the sums.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Dot(Vector512<int> sums, Vector512<short> a, Vector512<short> b) =>
        sums + Avx512BW.MultiplyAddAdjacent(a, b);
}
