using EfficientNetSharp.Quantization.Calibration;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Quantization.Tests.Calibration;

public sealed class CalibratorTests
{
    // The histogram grows with what comes; what it has must be what was put in, whatever the order.
    [Fact]
    public void A_histogram_holds_all_numbers_in_their_places_whatever_their_order()
    {
        var random = new SeededRandom(5);
        float[] numbers = [.. Enumerable.Range(0, 5000).Select(_ => (float)((random.NextDouble() - 0.4) * Math.Pow(10, (random.NextDouble() * 8) - 4)))];
        var (up, down) = (new ValueStatistics(), new ValueStatistics());
        foreach (var part in numbers.OrderBy(Math.Abs).Chunk(100)) up.Add(part);
        foreach (var part in numbers.OrderByDescending(Math.Abs).Chunk(100)) down.Add(part);
        Assert.Equal(up.Counts.ToArray(), down.Counts.ToArray());
        Assert.Equal((numbers.Min(), numbers.Max(), 5000L), (up.Min, up.Max, up.Count));
        double width = up.Reach * 2 / ValueStatistics.Bins;
        Assert.Equal(numbers.Count(number => number >= width), up.Counts[((ValueStatistics.Bins / 2) + 1)..].ToArray().Sum());
        Assert.Equal(numbers.Sum(number => (double)number), Enumerable.Range(0, ValueStatistics.Bins).Sum(bin => up.CenterOf(bin) * up.Counts[bin]), 5000 * width);
    }

    [Fact]
    public void Numbers_that_are_not_finite_are_counted_and_left_out()
    {
        var statistics = new ValueStatistics();
        statistics.Add([1, float.NaN, -2, float.PositiveInfinity]);
        Assert.Equal((2L, 2L, -2f, 1f), (statistics.Count, statistics.NotFinite, statistics.Min, statistics.Max));
    }

    public static TheoryData<string> Names => new(Calibrator.All.Select(calibrator => calibrator.Name));

    [Theory]
    [MemberData(nameof(Names))]
    public void A_range_holds_zero_and_lies_within_the_numbers(string name)
    {
        var random = new SeededRandom(6);
        foreach (double shift in new[] { -3, 0, 0.5, 4 })
        {
            var statistics = new ValueStatistics();
            for (int image = 0; image < 20; image++)
                statistics.Add([.. Enumerable.Range(0, 500).Select(_ => (float)(Normal(ref random) + shift))]);
            foreach (var scheme in QuantizationScheme.All)
            {
                var range = Calibrator.Of(name).Choose(statistics, scheme);
                Assert.InRange(range.Min, Math.Min(statistics.Min, 0), 0);
                Assert.InRange(range.Max, 0, Math.Max(statistics.Max, 0));
                Assert.True(range.Max - range.Min > 1, $"{scheme.Name}: {range}");
            }
        }
    }

    [Fact]
    public void The_least_squared_error_cuts_off_what_costs_more_than_it_is_worth()
    {
        // n even numbers up to 1 and one that is 100, in 255 steps up to T: n·(T/255)²/12 + (100 − T)² is least at 88.6 for n = 100,000.
        var statistics = new ValueStatistics();
        var random = new SeededRandom(7);
        statistics.Add([.. Enumerable.Range(0, 100_000).Select(_ => (float)random.NextDouble()), 100]);
        var range = Calibrator.MeanSquaredError.Choose(statistics, QuantizationScheme.OnnxInt8);
        Assert.InRange(range.Max, 80, 95);
        Assert.Equal(100, Calibrator.MinMax.Choose(statistics, QuantizationScheme.OnnxInt8).Max);
        // Nothing is gained by cutting off even numbers.
        statistics = new ValueStatistics();
        statistics.Add([.. Enumerable.Range(0, 100_000).Select(_ => (float)((random.NextDouble() * 8) - 1))]);
        range = Calibrator.MeanSquaredError.Choose(statistics, QuantizationScheme.OnnxInt8);
        Assert.InRange(range.Max, 6.8, 7.01);
        Assert.InRange(range.Min, -1.01, -0.95);
    }

    private static double Normal(ref SeededRandom random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
