using System.Numerics;

namespace EfficientNetSharp.Training.Optimizers;

/// <summary>
/// RMSProp as TensorFlow computes it, which the EfficientNet papers trained with (<c>tf.train.RMSPropOptimizer</c>; timm calls it
/// <c>rmsproptf</c>): s ← ρ·s + (1 − ρ)·g², b ← μ·b + rate·g/√(s + ε), w ← w − b, where g includes weight decay × w.
/// </summary>
/// <remarks>
/// Unlike <c>torch.optim.RMSprop</c>, s starts at 1, ε is inside the root, and the learning rate enters the momentum buffer, so
/// that a falling rate does not shrink what is in it already.
/// </remarks>
internal sealed class RmsPropTf : IOptimizer
{
    private readonly float[] _square, _momentum;

    /// <summary>Makes the optimizer for a vector of weights.</summary>
    /// <param name="count">Number of weights.</param>
    public RmsPropTf(int count)
    {
        _square = new float[count];
        _square.AsSpan().Fill(1);
        _momentum = new float[count];
        State = new Dictionary<string, float[]>(StringComparer.Ordinal) { ["square"] = _square, ["momentum"] = _momentum };
    }

    /// <summary>Memory ρ of the gradients' square; 0.9 in EfficientNet §5.</summary>
    public double Memory { get; init; } = 0.9;

    /// <summary>Share μ of the last step that is kept; 0.9 in EfficientNet §5.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>Added inside the root; 1e-3 in the TPU code (<c>utils.build_optimizer</c>).</summary>
    public double Epsilon { get; init; } = 1e-3;

    /// <inheritdoc />
    public IReadOnlyDictionary<string, float[]> State { get; }

    /// <inheritdoc />
    public void Step(Span<float> values, ReadOnlySpan<float> gradients, ParameterGroups groups, double learningRate, long step)
    {
        ArgumentNullException.ThrowIfNull(groups);
        foreach (var group in groups.Stretches)
        {
            Range part = group.Start..group.End;
            Update(values[part], gradients[part], _square.AsSpan(part), _momentum.AsSpan(part), (float)group.WeightDecay,
                (float)(learningRate * group.RateScale));
        }
    }

    private void Update(Span<float> values, ReadOnlySpan<float> gradients, Span<float> square, Span<float> momentum, float decay,
        float rate)
    {
        float taken = (float)(1 - Memory), mu = (float)Momentum, epsilon = (float)Epsilon;
        int i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var value = new Vector<float>(values[i..]);
            var gradient = new Vector<float>(gradients[i..]) + (value * decay);
            var s = new Vector<float>(square[i..]);
            s += ((gradient * gradient) - s) * taken;
            var b = (new Vector<float>(momentum[i..]) * mu) + (gradient * rate / Vector.SquareRoot(s + new Vector<float>(epsilon)));
            s.CopyTo(square[i..]);
            b.CopyTo(momentum[i..]);
            (value - b).CopyTo(values[i..]);
        }

        for (; i < values.Length; i++)
        {
            float gradient = gradients[i] + (values[i] * decay);
            square[i] += ((gradient * gradient) - square[i]) * taken;
            momentum[i] = (momentum[i] * mu) + (gradient * rate / MathF.Sqrt(square[i] + epsilon));
            values[i] -= momentum[i];
        }
    }
}
