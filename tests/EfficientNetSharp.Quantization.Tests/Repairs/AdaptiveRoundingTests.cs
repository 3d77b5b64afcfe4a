using EfficientNetSharp.Quantization.Repairs;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Quantization.Tests.Repairs;

public sealed class AdaptiveRoundingTests
{
    private static readonly RowRounding Ones = new(1, -127, 127);

    [Fact]
    public void Independent_inputs_leave_each_weight_at_its_nearest_integer()
    {
        // Patches ±e_k have a diagonal covariance: the objective falls apart into (ŵ − w)² per weight.
        const int Length = 6;
        var inputs = new PatchCovariance(Length);
        for (int k = 0; k < Length; k++)
        {
            float[] patch = new float[Length];
            patch[k] = 3;
            inputs.Add(patch, patch, 1);
            patch[k] = -3;
            inputs.Add(patch, patch, 1);
        }

        Assert.Equal([0, 1, -1, 127, 2, -3], AdaptiveRounding.Solve([0.4f, 0.6f, -1.2f, 300, 2.49f, -2.51f], Length, [Ones], inputs));
    }

    [Fact]
    public void Inputs_that_go_together_are_rounded_so_that_their_sum_is_right()
    {
        // Both inputs are the same number x: what counts is w₁ + w₂ = 0.8, which the nearest integers miss by 0.8 and (1, 0) by 0.2.
        var inputs = new PatchCovariance(2);
        var random = new SeededRandom(1);
        for (int i = 0; i < 1000; i++)
        {
            float x = (float)random.NextGaussian();
            inputs.Add([x, x], [x, x], 1);
        }

        Assert.Equal(1, AdaptiveRounding.Solve([0.4f, 0.4f], 2, [Ones], inputs).Sum());
        // An input that the quantized network halves is made up for.
        inputs = new PatchCovariance(1);
        for (int i = 0; i < 1000; i++)
        {
            float x = (float)random.NextGaussian();
            inputs.Add([x / 2], [x], 1);
        }

        Assert.Equal(2, Assert.Single(AdaptiveRounding.Solve([1.2f], 1, [Ones], inputs)));
    }

    // All 2⁸ choices, on inputs that are mixtures of few sources as a layer's are.
    [Fact]
    public void Descent_is_near_the_best_of_all_choices_and_never_worse_than_the_nearest()
    {
        var random = new SeededRandom(3);
        double reached = 0, best = 0, nearest = 0;
        for (int trial = 0; trial < 40; trial++)
        {
            const int Length = 8, Count = 4000;
            float[] mixing = [.. Enumerable.Range(0, Length * 3).Select(_ => (float)random.NextGaussian())];
            float[] patches = new float[Count * Length], weights = [.. Enumerable.Range(0, Length).Select(_ => (float)(random.NextGaussian() * 3))];
            for (int i = 0; i < Count; i++)
            {
                float[] sources = [(float)random.NextGaussian(), (float)random.NextGaussian(), (float)random.NextGaussian()];
                for (int k = 0; k < Length; k++)
                    patches[(i * Length) + k] = (float)(0.1 * random.NextGaussian()) + Enumerable.Range(0, 3).Sum(s => sources[s] * mixing[(k * 3) + s]);
            }

            var inputs = new PatchCovariance(Length);
            inputs.Add(patches, patches, Count);
            var (covariance, _) = inputs.Result();
            int[] chosen = AdaptiveRounding.Solve(weights, Length, [Ones], inputs), downs = [.. weights.Select(weight => (int)Math.Floor(weight))];
            double own = Objective(chosen), ownNearest = Objective([.. weights.Select(weight => (int)Math.Round(weight))]);
            Assert.True(own <= ownNearest * 1.001);
            (reached, nearest) = (reached + own, nearest + ownNearest);
            best += Enumerable.Range(0, 1 << Length).Min(choice => Objective([.. downs.Select((down, k) => down + ((choice >> k) & 1))]));

            double Objective(int[] integers)
            {
                double sum = 0;
                for (int a = 0; a < Length; a++)
                    for (int b = 0; b < Length; b++)
                        sum += (integers[a] - weights[a]) * (double)covariance[(a * Length) + b] * (integers[b] - weights[b]);
                return sum;
            }
        }

        Assert.True(reached < 0.5 * nearest && reached < 4 * best, $"best {best}, reached {reached}, nearest {nearest}");
    }

    [Fact]
    public void The_covariance_is_that_of_the_definition_by_either_way_of_summing()
    {
        foreach (int length in new[] { 5, 40 })
        {
            var random = new SeededRandom(4);
            const int Count = 300;
            float[] x = [.. Enumerable.Range(0, Count * length).Select(_ => (float)random.NextGaussian() + 2)];
            float[] y = [.. x.Select(value => (value * 0.5f) + (float)random.NextGaussian())];
            var inputs = new PatchCovariance(length);
            inputs.Add(x.AsSpan(0, 100 * length), y.AsSpan(0, 100 * length), 100);
            inputs.Add(x.AsSpan(100 * length), y.AsSpan(100 * length), 200);
            var (own, mixed) = inputs.Result();
            for (int a = 0; a < length; a += 3)
            for (int b = 0; b < length; b += 2)
            {
                Assert.Equal(Covariance(x, x), own[(a * length) + b], 1e-4f);
                Assert.Equal(Covariance(x, y), mixed[(a * length) + b], 1e-4f);

                float Covariance(float[] first, float[] second)
                {
                    double meanA = Enumerable.Range(0, Count).Average(i => first[(i * length) + a]), meanB = Enumerable.Range(0, Count).Average(i => second[(i * length) + b]);
                    return (float)Enumerable.Range(0, Count).Average(i => (first[(i * length) + a] - meanA) * (second[(i * length) + b] - meanB));
                }
            }
        }
    }
}
