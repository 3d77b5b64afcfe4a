using EfficientNetSharp.Randomness;
using EfficientNetSharp.Training.Torch.Functions;

namespace EfficientNetSharp.Training.Tests.Rounding;

public sealed unsafe class RoundingFunctionTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(10_000)]
    public void Values_and_gradients_are_those_of_the_definition(int count)
    {
        var grid = new RoundingGrid(0.037f, -13, 21);
        var random = new SeededRandom(5, (ulong)count);
        float[] x = new float[count], y = new float[count], gradient = new float[count];
        for (int i = 0; i < count; i++) (x[i], gradient[i]) = ((float)random.NextGaussian(), (float)random.NextGaussian());
        float[] given = [.. gradient];
        double slope;
        fixed (float* from = x, to = y, back = gradient)
        {
            RoundingFunction.Forward(from, to, count, grid);
            slope = RoundingFunction.Backward(from, back, count, grid);
        }

        double expected = 0;
        for (int i = 0; i < count; i++)
        {
            double steps = Math.Round(x[i] / grid.Scale), held = Math.Clamp(steps, grid.Low, grid.High) * grid.Scale;
            bool isInside = steps >= grid.Low && steps <= grid.High;
            Assert.Equal(held, y[i], 1e-6);
            Assert.Equal(isInside ? given[i] : 0, gradient[i]);
            expected += given[i] * (held - (isInside ? x[i] : 0));
        }

        Assert.Equal(expected, slope, 1e-3 * Math.Max(1, Math.Sqrt(count) / 10));
    }

    [Fact]
    public void What_is_held_already_stays_and_halves_go_to_even_numbers()
    {
        float[] x = [-3, -0.5f, 0, 0.5f, 1.5f, 2, 127, 130], y = new float[8];
        fixed (float* from = x, to = y) RoundingFunction.Forward(from, to, 8, new RoundingGrid(1, -128, 127));
        Assert.Equal([-3, 0, 0, 0, 2, 2, 127, 127], y);
    }
}
