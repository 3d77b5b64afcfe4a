using System.Collections.Immutable;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Tests.Files;

namespace EfficientNetSharp.Tests.Arrays;

/// <summary>Files written by NumPy, and round trips. The goldens are made by make_goldens.py.</summary>
public sealed class NpyFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, int[], float[]> Goldens => new()
    {
        { "float32_2x3x4", [2, 3, 4], Grid },
        { "fortran_2x3x4", [2, 3, 4], Grid },
        { "big_endian_2x3x4", [2, 3, 4], Grid },
        { "float64_3", [3], [1 / 3f, float.NegativeInfinity, float.Epsilon] },
        { "float16_4", [4], [0.333251953125f, 65504, 5.960464477539063e-08f, float.NegativeInfinity] },
        { "uint8_4", [4], [0, 1, 128, 255] },
        { "int64_3", [3], [-9.223372036854776e+18f, 16777216, 5] },
        { "bool_3", [3], [1, 0, 1] },
        { "scalar", [], [2.5f] },
        { "empty_0x5", [0, 5], [] },
        { "version2_2", [2], [1.5f, -2.5f] },
        { "version3_2", [2], [1.5f, -2.5f] },
    };

    private static float[] Grid => [.. Enumerable.Range(0, 24).Select(i => i / 8f)];

    public static string Golden(string name) => Path.Combine(AppContext.BaseDirectory, "Arrays", "Goldens", $"{name}.npy");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Goldens))]
    public void Files_of_NumPy_are_read(string name, int[] shape, float[] values)
    {
        var array = NpyFile.Read(Golden(name));
        Assert.Equal(shape, array.Shape);
        Assert.Equal(values, array.Values);
    }

    [Theory]
    [InlineData("float32_2x3x4")]
    [InlineData("scalar")]
    [InlineData("empty_0x5")]
    public void Writing_gives_the_bytes_of_NumPy(string name)
    {
        var array = NpyFile.Read(Golden(name));
        NpyFile.Write(_folder["a.npy"], array.Shape, array.Values);
        Assert.Equal(File.ReadAllBytes(Golden(name)), File.ReadAllBytes(_folder["a.npy"]));
    }

    [Theory]
    [InlineData("complex_1", "complex numbers")]
    [InlineData("text_1", "text")]
    [InlineData("record_1", "records with named fields")]
    [InlineData("object_1", "pickled Python objects")]
    public void What_is_not_numbers_is_refused_by_name(string name, string kind) =>
        HostileInput.AssertRefused(() => NpyFile.Read(Golden(name)), kind);

    [Fact]
    public void Any_array_comes_back_as_it_was() =>
        Gen.Int[0, 4].Array[0, 5].SelectMany(shape => Gen.Select(Gen.Const(shape), Gen.Single.Array[shape.Aggregate(1, (a, b) => a * b)]))
            .Sample((shape, values) =>
            {
                NpyFile.Write(_folder["a.npy"], [.. shape], values);
                var read = NpyFile.Read(_folder["a.npy"]);
                Assert.Equal(shape, read.Shape);
                // By bits: NaN payloads count too.
                Assert.Equal(values.Select(BitConverter.SingleToUInt32Bits), read.Values.Select(BitConverter.SingleToUInt32Bits));
            }, threads: 1);

    [Fact]
    public void A_shape_that_does_not_fit_the_values_is_a_programmers_error()
    {
        Assert.Throws<ArgumentException>(() => NpyFile.Write(_folder["a.npy"], [2, 3], new float[5]));
        Assert.Throws<ArgumentException>(() => NpyFile.Write(_folder["a.npy"], [-1, -1], new float[1]));
        Assert.Throws<ArgumentException>(() => NpyFile.Write(_folder["a.npy"], default, new float[1]));
        Assert.Throws<ArgumentException>(() => NpyFile.Write(_folder["a.npy"], [.. Enumerable.Repeat(int.MaxValue, 10)], new float[1]));
        Assert.False(File.Exists(_folder["a.npy"]));
    }

    [Fact]
    public void Sixty_four_dimensions_are_written_and_read()
    {
        ImmutableArray<int> shape = [.. Enumerable.Repeat(1, 64)];
        NpyFile.Write(_folder["a.npy"], shape, new float[] { 7 });
        Assert.Equal(shape, NpyFile.Read(_folder["a.npy"]).Shape);
    }
}
