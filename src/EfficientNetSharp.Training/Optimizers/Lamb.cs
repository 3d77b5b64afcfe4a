using System.Numerics;

namespace EfficientNetSharp.Training.Optimizers;

/// <summary>
/// LAMB for large batches (You et al. 2020, Algorithm 2): Adam's direction m̂ / (√v̂ + ε) plus decay × w, its length scaled tensor by
/// tensor to that of the weights: w ← w − rate · ‖w‖/‖u‖ · u. A tensor without decay (biases, normalisations) keeps the length of u,
/// as in the authors' and NVIDIA's code.
/// </summary>
internal sealed class Lamb : IOptimizer
{
    private readonly float[] _mean, _square, _update;

    /// <summary>Makes the optimizer for a vector of weights.</summary>
    /// <param name="count">Number of weights.</param>
    public Lamb(int count)
    {
        _mean = new float[count];
        _square = new float[count];
        _update = new float[count];
        State = new Dictionary<string, float[]>(StringComparer.Ordinal) { ["mean"] = _mean, ["square"] = _square };
    }

    /// <summary>Memory of the gradients' mean; 0.9 in the paper.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Memory of the gradients' square; 0.999 in the paper.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Added to the root; 1e-6 in the paper.</summary>
    public double Epsilon { get; init; } = 1e-6;

    /// <inheritdoc />
    public IReadOnlyDictionary<string, float[]> State { get; }

    /// <inheritdoc />
    public void Step(Span<float> values, ReadOnlySpan<float> gradients, ParameterGroups groups, double learningRate, long step)
    {
        ArgumentNullException.ThrowIfNull(groups);
        float scale1 = (float)(1 / (1 - Math.Pow(Beta1, step + 1))), scale2 = (float)(1 / Math.Sqrt(1 - Math.Pow(Beta2, step + 1)));
        // By tensor, not by stretch: the ratio is a tensor's own.
        foreach (var group in groups.Tensors)
        {
            Range part = group.Start..group.End;
            var weights = values[part];
            var update = _update.AsSpan(part);
            Direction(weights, gradients[part], _mean.AsSpan(part), _square.AsSpan(part), update, scale1, scale2, (float)group.WeightDecay);
            double weightNorm = FlatVectors.Norm(weights), updateNorm = FlatVectors.Norm(update);
            double trust = group.WeightDecay != 0 && weightNorm > 0 && updateNorm > 0 ? weightNorm / updateNorm : 1;
            FlatVectors.AddScaled(weights, update, (float)(-learningRate * group.RateScale * trust));
        }
    }

    private void Direction(
        ReadOnlySpan<float> values, ReadOnlySpan<float> gradients, Span<float> mean, Span<float> square, Span<float> update, float scale1,
        float scale2, float decay)
    {
        float beta1 = (float)Beta1, new1 = (float)(1 - Beta1), beta2 = (float)Beta2, new2 = (float)(1 - Beta2), epsilon = (float)Epsilon;
        int i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var gradient = new Vector<float>(gradients[i..]);
            var m = (new Vector<float>(mean[i..]) * beta1) + (gradient * new1);
            var v = (new Vector<float>(square[i..]) * beta2) + (gradient * gradient * new2);
            m.CopyTo(mean[i..]);
            v.CopyTo(square[i..]);
            var root = (Vector.SquareRoot(v) * scale2) + new Vector<float>(epsilon);
            ((m * scale1 / root) + (new Vector<float>(values[i..]) * decay)).CopyTo(update[i..]);
        }

        for (; i < values.Length; i++)
        {
            mean[i] = (mean[i] * beta1) + (gradients[i] * new1);
            square[i] = (square[i] * beta2) + (gradients[i] * gradients[i] * new2);
            update[i] = (mean[i] * scale1 / ((MathF.Sqrt(square[i]) * scale2) + epsilon)) + (values[i] * decay);
        }
    }
}
