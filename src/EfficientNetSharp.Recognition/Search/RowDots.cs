using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using EfficientNetSharp.Recognition.Embedded;

namespace EfficientNetSharp.Recognition.Search;

/// <summary>
/// The sums of products of one query with many rows. Rows come from memory once and are used once, so that memory's speed is the limit;
/// vectors as wide as <see cref="Vector{T}"/> keep up with it on every machine. Rows and query begin at cache lines and are padded with
/// zeros to whole cache lines.
/// </summary>
internal static unsafe class RowDots
{
    // Two pages: processors stop reading ahead by themselves at a page's end, and this is far enough for memory to answer (measured:
    // 4096 is slower by a tenth, 16,384 no faster).
    private const int AheadBytes = 8192;

    /// <summary>float32 rows.</summary>
    /// <param name="rows">The first row.</param>
    /// <param name="rowBytes">Bytes of a row, a multiple of 64.</param>
    /// <param name="count">Rows.</param>
    /// <param name="query">The query.</param>
    /// <param name="scores">Receives a sum for each row.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Float32(byte* rows, nint rowBytes, int count, float* query, float* scores)
    {
        nint step = Vector<float>.Count, end = rowBytes / sizeof(float);
        for (int row = 0; row < count; row++, rows += rowBytes)
        {
            float* x = (float*)rows;
            Vector<float> a = default, b = default, c = default, d = default;
            nint i = 0;
            for (; i <= end - (4 * step); i += 4 * step)
            {
                ReadAhead(x + i);
                if (4 * step * sizeof(float) > 64) ReadAhead(x + i + (2 * step));
                a = Vector.FusedMultiplyAdd(Vector.Load(x + i), Vector.Load(query + i), a);
                b = Vector.FusedMultiplyAdd(Vector.Load(x + i + step), Vector.Load(query + i + step), b);
                c = Vector.FusedMultiplyAdd(Vector.Load(x + i + (2 * step)), Vector.Load(query + i + (2 * step)), c);
                d = Vector.FusedMultiplyAdd(Vector.Load(x + i + (3 * step)), Vector.Load(query + i + (3 * step)), d);
            }

            for (; i < end; i += step) a = Vector.FusedMultiplyAdd(Vector.Load(x + i), Vector.Load(query + i), a);
            scores[row] = Vector.Sum((a + b) + (c + d));
        }
    }

    /// <summary>
    /// float16 rows: bits are moved to where single precision has them, and the exponent is corrected by one multiplication.
    /// </summary>
    /// <inheritdoc cref="Float32" path="/param" />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Float16(byte* rows, nint rowBytes, int count, float* query, float* scores)
    {
        nint step = Vector<float>.Count, end = rowBytes / sizeof(short);
        for (int row = 0; row < count; row++, rows += rowBytes)
        {
            short* x = (short*)rows;
            Vector<float> a = default, b = default;
            for (nint i = 0; i < end; i += 2 * step)
            {
                ReadAhead(x + i);
                Vector.Widen(Vector.Load(x + i), out var low, out var high);
                a = Vector.FusedMultiplyAdd(HalfBits.ToScaledSingle(low), Vector.Load(query + i), a);
                b = Vector.FusedMultiplyAdd(HalfBits.ToScaledSingle(high), Vector.Load(query + i + step), b);
            }

            scores[row] = Vector.Sum(a + b) * HalfBits.Scale;
        }
    }

    /// <summary>Rows of 8 bits with a query of 16, as exact sums; each is multiplied with the query's scale and its row's.</summary>
    /// <param name="rows">The first row.</param>
    /// <param name="rowBytes">Bytes of a row, a multiple of 64.</param>
    /// <param name="count">Rows.</param>
    /// <param name="query">The query, of which no sum exceeds 32 bits.</param>
    /// <param name="queryScale">Its scale.</param>
    /// <param name="scales">The rows' scales.</param>
    /// <param name="scores">Receives a sum for each row.</param>
    public static void Int8(byte* rows, nint rowBytes, int count, short* query, float queryScale, float* scales, float* scores)
    {
        if (Avx2.IsSupported) Int8Of256(rows, rowBytes, count, query, scores);
        else Int8Anywhere(rows, rowBytes, count, query, scores);
        Multiply(scores, scales, queryScale, count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply(float* scores, float* scales, float factor, int count)
    {
        int step = Vector<float>.Count, i = 0;
        for (; i <= count - step; i += step) (Vector.Load(scores + i) * factor * Vector.Load(scales + i)).Store(scores + i);
        for (; i < count; i++) scores[i] = scores[i] * factor * scales[i];
    }

    // Four rows at once: sums within a register cost as much as half of such a short row.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Int8Of256(byte* rows, nint rowBytes, int count, short* query, float* scores)
    {
        int row = 0;
        for (; row <= count - 4; row += 4, rows += 4 * rowBytes)
        {
            sbyte* x = (sbyte*)rows, y = x + rowBytes, z = y + rowBytes, w = z + rowBytes;
            Vector256<int> a = default, b = default, c = default, d = default;
            for (nint i = 0; i < rowBytes; i += 16)
            {
                ReadAhead(rows + (4 * i));
                var q = Vector256.Load(query + i);
                a = AddProducts(a, Avx2.ConvertToVector256Int16(x + i), q);
                b = AddProducts(b, Avx2.ConvertToVector256Int16(y + i), q);
                c = AddProducts(c, Avx2.ConvertToVector256Int16(z + i), q);
                d = AddProducts(d, Avx2.ConvertToVector256Int16(w + i), q);
            }

            var first = Ssse3.HorizontalAdd(a.GetLower() + a.GetUpper(), b.GetLower() + b.GetUpper());
            var second = Ssse3.HorizontalAdd(c.GetLower() + c.GetUpper(), d.GetLower() + d.GetUpper());
            Sse2.ConvertToVector128Single(Ssse3.HorizontalAdd(first, second)).Store(scores + row);
        }

        Int8Anywhere(rows, rowBytes, count - row, query, scores + row);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> AddProducts(Vector256<int> sum, Vector256<short> x, Vector256<short> y) =>
        AvxVnni.IsSupported ? AvxVnni.MultiplyWideningAndAdd(sum, x, y) : sum + Avx2.MultiplyAddAdjacent(x, y);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Int8Anywhere(byte* rows, nint rowBytes, int count, short* query, float* scores)
    {
        for (int row = 0; row < count; row++, rows += rowBytes)
        {
            Vector128<int> sum = default;
            for (nint i = 0; i < rowBytes; i += 16)
            {
                var x = Vector128.Load((sbyte*)rows + i);
                Add(Vector128.WidenLower(x), Vector128.Load(query + i), ref sum);
                Add(Vector128.WidenUpper(x), Vector128.Load(query + i + 8), ref sum);
            }

            scores[row] = Vector128.Sum(sum);
        }

        static void Add(Vector128<short> x, Vector128<short> y, ref Vector128<int> sum)
        {
            sum += Vector128.WidenLower(x) * Vector128.WidenLower(y);
            sum += Vector128.WidenUpper(x) * Vector128.WidenUpper(y);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ReadAhead(void* address)
    {
        if (Sse.IsSupported) Sse.Prefetch0((byte*)address + AheadBytes);
    }
}
