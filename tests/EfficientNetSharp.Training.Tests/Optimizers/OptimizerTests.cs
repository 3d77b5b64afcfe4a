using EfficientNetSharp.Randomness;
using EfficientNetSharp.Training.Optimizers;

namespace EfficientNetSharp.Training.Tests.Optimizers;

/// <summary>Steps against the formulas as torch.optim's documentation has them, in 64 bits and number by number.</summary>
public sealed class OptimizerTests
{
    // Not a multiple of any vector width, so that remainders are met on both sides of the decayed prefix.
    private const int Count = 77, Decayed = 45;

    private const double Rate = 1e-2;

    private delegate double Formula(double value, double gradient, double decay, int step, ref (double First, double Second) state);

    [Fact]
    public void AdamW_follows_its_formula() => Compare(
        new AdamW(Count), 0.05, (double value, double gradient, double decay, int step, ref (double First, double Second) state) =>
        {
            const double beta1 = 0.9, beta2 = 0.999;
            state.First = (beta1 * state.First) + ((1 - beta1) * gradient);
            state.Second = (beta2 * state.Second) + ((1 - beta2) * gradient * gradient);
            double first = state.First / (1 - Math.Pow(beta1, step + 1)), second = state.Second / (1 - Math.Pow(beta2, step + 1));
            return value - (Rate * decay * value) - (Rate * first / (Math.Sqrt(second) + 1e-8));
        });

    [Fact]
    public void Sgd_with_nesterov_momentum_follows_its_formula() => Compare(
        new SgdNesterov(Count), 1e-2, (double value, double gradient, double decay, int step, ref (double First, double Second) state) =>
        {
            const double momentum = 0.9;
            gradient += decay * value;
            state.First = (momentum * state.First) + gradient;
            return value - (Rate * (gradient + (momentum * state.First)));
        });

    private static void Compare(IOptimizer optimizer, double decay, Formula formula)
    {
        var random = new SeededRandom(7);
        float[] values = Draw(ref random);
        double[] expected = [.. values.Select(value => (double)value)];
        var states = new (double First, double Second)[Count];
        for (int step = 0; step < 25; step++)
        {
            float[] gradients = Draw(ref random);
            for (int i = 0; i < Count; i++) expected[i] = formula(expected[i], gradients[i], i < Decayed ? decay : 0, step, ref states[i]);
            optimizer.Step(values, gradients, ParameterGroups.Split(Count, Decayed, decay), Rate, step);
            for (int i = 0; i < Count; i++) Assert.Equal(expected[i], values[i], 1e-5);
        }
    }

    private static float[] Draw(ref SeededRandom random)
    {
        var values = new float[Count];
        for (int i = 0; i < Count; i++) values[i] = (float)random.NextGaussian();
        return values;
    }
}
