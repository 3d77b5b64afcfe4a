using EfficientNetSharp.Training.Averaging;

namespace EfficientNetSharp.Training.Tests.Averaging;

public sealed class ExponentialMovingAverageTests
{
    [Fact]
    public void Average_of_constant_values_is_a_geometric_sum_with_warm_up()
    {
        var average = new ExponentialMovingAverage(0.5, new float[19], new float[3]);
        float[] ones = [.. Enumerable.Repeat(1f, 19)], twos = [2, 2, 2];
        double expected = 0;
        for (int n = 0; n < 12; n++)
        {
            average.Update(ones, twos, n);
            double decay = Math.Min(0.5, (1.0 + n) / (10.0 + n));
            expected = (decay * expected) + (1 - decay);
            Assert.All(average.Values, value => Assert.Equal(expected, value, 5));
            Assert.All(average.Statistics, value => Assert.Equal(2 * expected, value, 5));
        }
    }

    [Theory]
    [InlineData(0, 0.1)]
    [InlineData(8, 0.5)]
    [InlineData(89_980, 0.9999)]
    [InlineData(10_000_000, 0.9999)]
    public void Memory_warms_up_to_the_papers_0_9999(long updates, double expected) =>
        Assert.Equal(expected, new ExponentialMovingAverage(0.9999, [], []).DecayAt(updates), 6);
}
