using EfficientNetSharp.Quantization.Repairs;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Quantization.Tests.Repairs;

public sealed class BiasCorrectionTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void What_rounding_and_shifted_inputs_change_on_average_is_added(int groups)
    {
        // y = Wx with x of mean m; the quantized layer has Ŵ and inputs shifted by d: on average it lacks W·m − Ŵ·(m + d).
        const int Length = 4, Outputs = 6;
        var random = new SeededRandom(1);
        float[] weights = Draw(Outputs * Length), rounded = [.. weights.Select(weight => MathF.Round(weight))], bias = Draw(Outputs);
        float[] mean = Draw(groups * Length), shift = Draw(groups * Length);
        var correction = new BiasCorrection(weights, rounded, Outputs, groups);
        for (int group = 0; group < groups; group++)
        {
            // Symmetric about the mean, so that trimming takes as much from either end.
            float[] noise = Draw(1000 * Length), floats = new float[2000 * Length], integers = new float[floats.Length];
            for (int i = 0; i < floats.Length; i++)
            {
                int k = i % Length, at = (group * Length) + k;
                floats[i] = mean[at] + (i < noise.Length ? noise[i] : -noise[i - noise.Length]);
                integers[i] = floats[i] + shift[at];
            }

            correction.Add(group, floats, integers, 2000);
        }

        float[] corrected = correction.Correct(bias);
        for (int output = 0; output < Outputs; output++)
        {
            int first = output / (Outputs / groups) * Length;
            double expected = bias[output] + Enumerable.Range(0, Length).Sum(k =>
                (weights[(output * Length) + k] * (double)mean[first + k])
                - (rounded[(output * Length) + k] * ((double)mean[first + k] + shift[first + k])));
            Assert.Equal(expected, corrected[output], 2e-3);
        }

        float[] Draw(int count)
        {
            float[] values = new float[count];
            for (int i = 0; i < count; i++) values[i] = (float)random.NextGaussian();
            return values;
        }
    }

    [Fact]
    public void Rare_values_that_a_range_cuts_off_do_not_move_the_others()
    {
        var correction = new BiasCorrection([1], [1], 1, 1);
        float[] floats = [.. Enumerable.Range(0, 100).Select(i => i % 10 == 0 ? 50f : 1f)], rounded = [.. floats.Select(value => Math.Min(value, 20))];
        correction.Add(0, floats, rounded, 100);
        Assert.Equal(0.25f, Assert.Single(correction.Correct([0.25f])));
    }
}
