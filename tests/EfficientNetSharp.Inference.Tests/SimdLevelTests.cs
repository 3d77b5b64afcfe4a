using EfficientNetSharp.Inference.Measuring;
using EfficientNetSharp.Running;
using EfficientNetSharp.Testing;

namespace EfficientNetSharp.Inference.Tests;

public sealed class SimdLevelTests
{
    public static TheoryData<SimdLevel> Levels => [.. SimdLevels.Available];

    [Fact]
    public void The_best_level_is_the_widest_that_there_is()
    {
        Assert.Equal(SimdLevel.Vector128, SimdLevels.Available[0]);
        Assert.Equal(SimdLevels.Available.Max(), SimdLevels.Best);
        Assert.Equal(SimdLevels.Available, Enum.GetValues<SimdLevel>().Where(SimdLevels.IsSupported));
    }

    [Theory]
    [MemberData(nameof(Levels))]
    public void A_level_is_named_by_the_bits_of_a_vector(SimdLevel level)
    {
        int bits = int.Parse($"{level}"["Vector".Length..], System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(level, SimdLevels.Of(bits, "option"));
        Assert.Equal(level, SimdLevels.Parse($"{bits}", "option"));
        Assert.True(FmaPeak.MeasureGigaflops(level) > 0);

        var graph = EveryOperator.Build();
        var weights = SyntheticWeights.For(graph);
        using var runner = new EngineBackend().Create(graph, weights, new RunnerOptions { SimdBits = bits, Threads = 1 });
        Assert.Equal(level, Assert.IsType<EngineRunner>(runner).Plan.Level);
    }

    [Theory]
    [InlineData("")]
    [InlineData("avx2")]
    [InlineData("Vector256")]
    [InlineData("0")]
    [InlineData("64")]
    [InlineData("-256")]
    [InlineData("256.5")]
    [InlineData("1024")]
    [InlineData("99999999999999999999")]
    public void What_is_no_level_is_refused_by_name(string text)
    {
        var error = Assert.Throws<InvalidInputException>(() => SimdLevels.Parse(text, "EFFNET_SIMD"));
        Assert.StartsWith("EFFNET_SIMD: expected", error.Message, StringComparison.Ordinal);
        Assert.Contains(text, error.Message, StringComparison.Ordinal);
    }
}
