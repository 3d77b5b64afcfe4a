using System.Numerics;

namespace EfficientNetSharp.Training.Optimizers;

/// <summary>
/// Gradient descent with Nesterov's momentum, as <c>torch.optim.SGD(nesterov=True)</c>: b ← μ·b + g, w ← w − rate·(g + μ·b),
/// where g includes weight decay × w.
/// </summary>
internal sealed class SgdNesterov : IOptimizer
{
    private readonly float[] _momentum;

    /// <summary>Makes the optimizer for a vector of weights.</summary>
    /// <param name="count">Number of weights.</param>
    public SgdNesterov(int count)
    {
        _momentum = new float[count];
        State = new Dictionary<string, float[]>(StringComparer.Ordinal) { ["momentum"] = _momentum };
    }

    /// <summary>Share of the last step that is kept; default 0.9.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <inheritdoc />
    public IReadOnlyDictionary<string, float[]> State { get; }

    /// <inheritdoc />
    public void Step(Span<float> values, ReadOnlySpan<float> gradients, ParameterGroups groups, double learningRate, long step)
    {
        ArgumentNullException.ThrowIfNull(groups);
        foreach (var group in groups.Stretches)
        {
            Range part = group.Start..group.End;
            Update(values[part], gradients[part], _momentum.AsSpan(part), (float)group.WeightDecay,
                (float)(learningRate * group.RateScale));
        }
    }

    private void Update(Span<float> values, ReadOnlySpan<float> gradients, Span<float> momentum, float decay, float rate)
    {
        float mu = (float)Momentum;
        int i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var value = new Vector<float>(values[i..]);
            var gradient = new Vector<float>(gradients[i..]) + (value * decay);
            var buffer = (new Vector<float>(momentum[i..]) * mu) + gradient;
            buffer.CopyTo(momentum[i..]);
            (value - ((gradient + (buffer * mu)) * rate)).CopyTo(values[i..]);
        }

        for (; i < values.Length; i++)
        {
            float gradient = gradients[i] + (values[i] * decay);
            momentum[i] = (momentum[i] * mu) + gradient;
            values[i] -= (gradient + (momentum[i] * mu)) * rate;
        }
    }
}
