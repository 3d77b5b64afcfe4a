using System.Runtime.InteropServices;
using EfficientNetSharp.Inference;
using EfficientNetSharp.Recognition.Embedded;
using EfficientNetSharp.Recognition.Search;

namespace EfficientNetSharp.Recognition.Tests.Search;

/// <summary>The kernels against sums in double precision over what the rows hold.</summary>
public sealed unsafe class RowDotsTests
{
    public static TheoryData<VectorPrecision, int, int> Shapes => new(
        from precision in Enum.GetValues<VectorPrecision>()
        from length in new[] { 1, 3, 16, 31, 64, 100, 512, 1280 }
        from rows in new[] { 1, 2, 3, 4, 5, 8, 13 }
        select (precision, length, rows));

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Sums_are_those_of_the_stored_values(VectorPrecision precision, int length, int rows)
    {
        var layout = new BlockLayout(length, precision);
        byte* memory = (byte*)NativeMemory.AlignedAlloc((nuint)(rows * layout.RowBytes), 64);
        try
        {
            float[] scales = new float[rows], scores = new float[rows], query = UnitVector.Of(TestGalleries.Vector(length, 3), length, "");
            for (int i = 0; i < rows; i++)
            {
                var values = UnitVector.Of(TestGalleries.Vector(length, 1, (ulong)i), length, "");
                scales[i] = VectorCoding.Encode(values, layout, new Span<byte>(memory + (i * layout.RowBytes), layout.RowBytes));
            }

            using var prepared = new Query(query, layout);
            fixed (float* s = scores, c = scales)
            {
                if (precision == VectorPrecision.F32) RowDots.Float32(memory, layout.RowBytes, rows, (float*)prepared.Pointer, s);
                else if (precision == VectorPrecision.F16) RowDots.Float16(memory, layout.RowBytes, rows, (float*)prepared.Pointer, s);
                else RowDots.Int8(memory, layout.RowBytes, rows, (short*)prepared.Pointer, prepared.Scale, c, s);
            }

            float[] decoded = new float[length];
            for (int i = 0; i < rows; i++)
            {
                VectorCoding.Decode(new ReadOnlySpan<byte>(memory + (i * layout.RowBytes), layout.RowBytes), layout, scales[i], decoded);
                double expected = decoded.Zip(query, (a, b) => (double)a * b).Sum();
                Assert.InRange(scores[i], expected - 5e-5, expected + 5e-5);
            }
        }
        finally
        {
            NativeMemory.AlignedFree(memory);
        }
    }

    /// <summary>All finite halves, those below the normal range too.</summary>
    [Fact]
    public void Halves_become_the_same_numbers()
    {
        Half[] halves = [.. Enumerable.Range(0, 1 << 16).Select(bits => BitConverter.UInt16BitsToHalf((ushort)bits)).Where(Half.IsFinite)];
        var layout = new BlockLayout(halves.Length, VectorPrecision.F16);
        float[] decoded = new float[halves.Length];
        byte[] row = new byte[layout.RowBytes];
        MemoryMarshal.AsBytes(halves.AsSpan()).CopyTo(row);
        VectorCoding.Decode(row, layout, 1, decoded);
        Assert.Equal(halves.Select(half => (float)half), decoded);
    }

    [Theory]
    [InlineData(1, 7, 5)]
    [InlineData(3, 512, 300)]
    [InlineData(33, 100, 29)]
    [InlineData(128, 64, 131)]
    public void A_column_product_is_all_sums_at_every_level(int vectors, int depth, int rows)
    {
        float[] columns = [.. Enumerable.Range(0, vectors).SelectMany(i => TestGalleries.Vector(depth, 5, (ulong)i))];
        int stride = depth + 3;
        float[] x = TestGalleries.Vector(rows * stride, 9);
        foreach (var level in Enum.GetValues<SimdLevel>().Where(SimdLevels.IsSupported))
        {
            var product = new ColumnProduct(columns, vectors, depth, level);
            float[] results = new float[rows * product.Stride];
            fixed (float* first = x) product.Run(first, stride * sizeof(float), rows, results);
            for (int row = 0; row < rows; row++)
            {
                for (int c = 0; c < vectors; c++)
                {
                    double expected = 0;
                    for (int k = 0; k < depth; k++) expected += (double)x[(row * stride) + k] * columns[(c * depth) + k];
                    Assert.InRange(results[(row * product.Stride) + c], expected - (1e-5 * depth), expected + (1e-5 * depth));
                }
            }
        }
    }
}
