using System.Numerics;

namespace EfficientNetSharp.Training.Optimizers;

/// <summary>
/// Adam with decoupled weight decay (Loshchilov and Hutter 2019), as <c>torch.optim.AdamW</c>: the weights shrink by
/// learning rate × decay, then move by m̂ / (√v̂ + ε).
/// </summary>
internal sealed class AdamW : IOptimizer
{
    private readonly float[] _mean, _square;

    /// <summary>Makes the optimizer for a vector of weights.</summary>
    /// <param name="count">Number of weights.</param>
    public AdamW(int count)
    {
        _mean = new float[count];
        _square = new float[count];
        State = new Dictionary<string, float[]>(StringComparer.Ordinal) { ["mean"] = _mean, ["square"] = _square };
    }

    /// <summary>Memory of the gradients' mean; 0.9 in the paper.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Memory of the gradients' square; 0.999 in the paper.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Added to the root; 1e-8 in the paper.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <inheritdoc />
    public IReadOnlyDictionary<string, float[]> State { get; }

    /// <inheritdoc />
    public void Step(Span<float> values, ReadOnlySpan<float> gradients, ParameterGroups groups, double learningRate, long step)
    {
        ArgumentNullException.ThrowIfNull(groups);
        double correction1 = 1 - Math.Pow(Beta1, step + 1), correction2 = 1 - Math.Pow(Beta2, step + 1);
        foreach (var group in groups.Stretches)
        {
            double rate = learningRate * group.RateScale;
            var factors = new Factors(
                (float)Beta1, (float)(1 - Beta1), (float)Beta2, (float)(1 - Beta2),
                (float)(rate / correction1), (float)(1 / Math.Sqrt(correction2)), (float)Epsilon, (float)(1 - (rate * group.WeightDecay)));
            Range part = group.Start..group.End;
            Update(values[part], gradients[part], _mean.AsSpan(part), _square.AsSpan(part), factors);
        }
    }

    // One pass over four vectors: the weights are in memory, not in cache, so each further pass would cost as much again.
    private static void Update(Span<float> values, ReadOnlySpan<float> gradients, Span<float> mean, Span<float> square, in Factors f)
    {
        int i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var gradient = new Vector<float>(gradients[i..]);
            var m = (new Vector<float>(mean[i..]) * f.Beta1) + (gradient * f.NewMean);
            var v = (new Vector<float>(square[i..]) * f.Beta2) + (gradient * gradient * f.NewSquare);
            m.CopyTo(mean[i..]);
            v.CopyTo(square[i..]);
            var root = (Vector.SquareRoot(v) * f.RootScale) + new Vector<float>(f.Epsilon);
            ((new Vector<float>(values[i..]) * f.Kept) - (m * f.Rate / root)).CopyTo(values[i..]);
        }

        for (; i < values.Length; i++)
        {
            float gradient = gradients[i];
            mean[i] = (mean[i] * f.Beta1) + (gradient * f.NewMean);
            square[i] = (square[i] * f.Beta2) + (gradient * gradient * f.NewSquare);
            values[i] = (values[i] * f.Kept) - (mean[i] * f.Rate / ((MathF.Sqrt(square[i]) * f.RootScale) + f.Epsilon));
        }
    }

    private readonly record struct Factors(
        float Beta1, float NewMean, float Beta2, float NewSquare, float Rate, float RootScale, float Epsilon, float Kept);
}
