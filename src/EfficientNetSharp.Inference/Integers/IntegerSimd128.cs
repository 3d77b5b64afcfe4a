using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>
/// 128 bits on any machine; SSE2 or Arm's NEON (AdvSimd) where there is one. Arm multiplies halves of vectors, and sums of products stay
/// where their integers lie.
/// </summary>
internal readonly unsafe struct IntegerSimd128 : IIntegerSimd<Vector128<int>, Vector128<short>>
{
    public static int Lanes => Vector128<int>.Count;

    // Arm has 32 registers, of which the lower halves of weights take two more; SSE has 16.
    public static int TileRows => AdvSimd.Arm64.IsSupported ? 12 : 6;

    public static int DepthwisePixels => AdvSimd.Arm64.IsSupported ? 7 : 4;

    public static bool HasWideProducts => AdvSimd.Arm64.IsSupported;

    public static bool HasPairProducts => Sse2.IsSupported;

    public static ByteProducts? Bytes => DotProductBytes.Products;

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
    public static Vector128<int> Add(Vector128<int> a, Vector128<int> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> ShiftLeft(Vector128<int> value, int bits) => value << bits;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> ShiftRight(Vector128<int> value, int bits) => value >>> bits;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Max(Vector128<int> a, Vector128<int> b) => Vector128.Max(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Abs(Vector128<int> value) => Vector128.Abs(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AnyAbove(Vector128<int> value, int largest) => Vector128.GreaterThanAny(value, Vector128.Create(largest));

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
    public static void AddProducts(
        ref Vector128<int> low, ref Vector128<int> high, short* x, Vector128<short> first, Vector128<short> second)
    {
        if (Sse2.IsSupported)
        {
            var pair = Vector128.Create(*(int*)x).AsInt16();
            low += Sse2.MultiplyAddAdjacent(pair, first);
            high += Sse2.MultiplyAddAdjacent(pair, second);
        }
        else if (AdvSimd.Arm64.IsSupported)
        {
            // As a float it is loaded to where it is needed.
            var pair = Vector64.CreateScalarUnsafe(*(float*)x).AsInt16();
            low = AdvSimd.MultiplyBySelectedScalarWideningLowerAndAdd(low, first.GetLower(), pair, 0);
            high = AdvSimd.MultiplyBySelectedScalarWideningUpperAndAdd(high, first, pair, 0);
            low = AdvSimd.MultiplyBySelectedScalarWideningLowerAndAdd(low, second.GetLower(), pair, 1);
            high = AdvSimd.MultiplyBySelectedScalarWideningUpperAndAdd(high, second, pair, 1);
        }
        else
        {
            AddProducts(ref low, ref high, Vector128.Create(x[0]), Vector128.Create(x[1]), first, second);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddProducts(
        ref Vector128<int> low, ref Vector128<int> high,
        Vector128<short> x, Vector128<short> z, Vector128<short> first, Vector128<short> second)
    {
        if (Sse2.IsSupported)
        {
            low += Sse2.MultiplyAddAdjacent(Sse2.UnpackLow(x, z), first);
            high += Sse2.MultiplyAddAdjacent(Sse2.UnpackHigh(x, z), second);
        }
        else
        {
            AddHalves(ref low, ref high, x, first);
            AddHalves(ref low, ref high, z, second);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector128<int> Low, Vector128<int> High) Multiply(Vector128<short> a, Vector128<short> b)
    {
        Vector128<int> low = default, high = default;
        if (Sse2.IsSupported)
        {
            var zero = Vector128<short>.Zero;
            low = Sse2.MultiplyAddAdjacent(Sse2.UnpackLow(a, zero), Sse2.UnpackLow(b, zero));
            high = Sse2.MultiplyAddAdjacent(Sse2.UnpackHigh(a, zero), Sse2.UnpackHigh(b, zero));
        }
        else
        {
            AddHalves(ref low, ref high, a, b);
        }

        return (low, high);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> SquarePairs(Vector128<short> value)
    {
        if (Sse2.IsSupported) return Sse2.MultiplyAddAdjacent(value, value);
        var (low, high) = Multiply(value, value);
        return low + high;
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

    // Halves of the first rounding are rounded up, of the second away from zero: of negative sums, a unit less is shifted.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> RoundTwice(Vector128<int> sums, Vector128<int> multipliers, Vector128<int> shifts)
    {
        var high = AdvSimd.MultiplyRoundedDoublingSaturateHigh(sums, multipliers);
        return AdvSimd.ShiftArithmeticRounded(AdvSimd.AddSaturate(high, (high & -shifts) >> 31), -shifts);
    }

    // The operation shifts to the left.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> RoundShift(Vector128<int> sums, Vector128<int> before, Vector128<int> shifts) =>
        AdvSimd.ShiftArithmeticRounded(sums, -shifts);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> RoundOnce(Vector128<int> sums, Vector128<int> multipliers, ulong* shifts)
    {
        var low = AdvSimd.MultiplyWideningLower(sums.GetLower(), multipliers.GetLower());
        return Shifted(low, AdvSimd.MultiplyWideningUpper(sums, multipliers), shifts);
    }

    // Bytes are looked up in four tables of 64 (Arm), or in sixteen of 16 by their low four bits; the others choose.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector128<short> A, Vector128<short> B) Lookup(Vector128<short> a, Vector128<short> b, short* table)
    {
        var index = Vector128.Narrow(a.AsUInt16(), b.AsUInt16());
        byte* bytes = (byte*)(table + ByteTable.BaseLength);
        var (first, second) = Vector128.Widen(AdvSimd.Arm64.IsSupported ? LookupByFours(index, bytes) : LookupByRows(index, bytes));
        var lowest = Vector128.Create(*table);
        return (first.AsInt16() + lowest, second.AsInt16() + lowest);
    }

    // An index beyond a table leaves what there was, or 0.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> LookupByFours(Vector128<byte> index, byte* bytes)
    {
        const byte length = 64;
        var next = Vector128.Create(length);
        var result = AdvSimd.Arm64.VectorTableLookup(AdvSimd.Arm64.Load4xVector128(bytes), index);
        index -= next;
        result = AdvSimd.Arm64.VectorTableLookupExtension(result, AdvSimd.Arm64.Load4xVector128(bytes + length), index);
        index -= next;
        result = AdvSimd.Arm64.VectorTableLookupExtension(result, AdvSimd.Arm64.Load4xVector128(bytes + (2 * length)), index);
        index -= next;
        return AdvSimd.Arm64.VectorTableLookupExtension(result, AdvSimd.Arm64.Load4xVector128(bytes + (3 * length)), index);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> LookupByRows(Vector128<byte> index, byte* bytes)
    {
        Vector128<byte> low = index & Vector128.Create((byte)0x0F), high = index >>> 4, result = Vector128<byte>.Zero;
        for (byte row = 0; row < 16; row++)
        {
            var entries = Vector128.ShuffleNative(Vector128.Load(bytes + (16 * row)), low);
            result |= Vector128.Equals(high, Vector128.Create(row)) & entries;
        }

        return result;
    }

    public static short[]? ArrangeTable(ReadOnlySpan<short> table) => ByteTable.Arrange(table);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddWide(Vector128<int> sums, long* wide)
    {
        var (low, high) = Vector128.Widen(sums);
        (Vector128.Load(wide) + low).Store(wide);
        (Vector128.Load(wide + 2) + high).Store(wide + 2);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreWide(Vector128<int> high, Vector128<int> low, long* wide)
    {
        var (a, b) = Vector128.Widen(high);
        var (c, d) = Vector128.Widen(low);
        ((a << 8) + c).Store(wide);
        ((b << 8) + d).Store(wide + 2);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector128<int> High, Vector128<int> Low) Split(Vector128<int> sums) => (sums >> 8, sums & Vector128.Create(0xFF));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector128<short> High, Vector128<short> Low) Split(Vector128<short> value) =>
        (value >> 8, value & Vector128.Create((short)0xFF));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> ShiftWide(long* wide, long* bias, ulong* shifts) =>
        Shifted(Vector128.Load(wide) + Vector128.Load(bias), Vector128.Load(wide + 2) + Vector128.Load(bias + 2), shifts);

    // Too few segments fit a register.
    public static bool HasPolynomials => false;

    public static void Evaluate(short* x, nint xStep, short* y, nint yStep, int blocks, float* segments, short* entries) =>
        throw new NotSupportedException();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Rounded(Vector128<float> value)
    {
        // What 32 bits do not hold becomes their lowest or highest by itself.
        if (AdvSimd.Arm64.IsSupported) return AdvSimd.ConvertToInt32RoundToEven(value);
        var (min, max) = (Vector128.Create((float)short.MinValue), Vector128.Create((float)short.MaxValue));
        var bounded = Vector128.MaxNative(Vector128.MinNative(value, max), min);
        return Sse2.IsSupported ? Sse2.ConvertToVector128Int32(bounded) : Vector128.ConvertToInt32(Vector128.Round(bounded));
    }

    // The operation shifts to the left.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Shifted(Vector128<long> low, Vector128<long> high, ulong* shifts)
    {
        low = AdvSimd.ShiftArithmeticRounded(low, -Vector128.Load((long*)shifts));
        return Vector128.Narrow(low, AdvSimd.ShiftArithmeticRounded(high, -Vector128.Load((long*)shifts + 2)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddHalves(ref Vector128<int> low, ref Vector128<int> high, Vector128<short> a, Vector128<short> b)
    {
        if (AdvSimd.Arm64.IsSupported)
        {
            low = AdvSimd.MultiplyWideningLowerAndAdd(low, a.GetLower(), b.GetLower());
            high = AdvSimd.MultiplyWideningUpperAndAdd(high, a, b);
        }
        else
        {
            low += Vector128.WidenLower(a) * Vector128.WidenLower(b);
            high += Vector128.WidenUpper(a) * Vector128.WidenUpper(b);
        }
    }
}
