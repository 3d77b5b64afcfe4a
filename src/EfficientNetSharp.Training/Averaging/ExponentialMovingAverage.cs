using System.Numerics;

namespace EfficientNetSharp.Training.Averaging;

/// <summary>
/// Averages of weights and running statistics over the last steps; they classify better than the weights of any one step.
/// The memory warms up as min(decay, (1 + n)/(10 + n)) after n updates, so that short runs are not dominated by the first weights.
/// </summary>
internal sealed class ExponentialMovingAverage
{
    /// <summary>Starts from the present values.</summary>
    /// <param name="decay">Share of the average that is kept at each step, once warm; 0.9999 in the paper's code.</param>
    /// <param name="values">The weights.</param>
    /// <param name="statistics">The running statistics.</param>
    public ExponentialMovingAverage(double decay, ReadOnlySpan<float> values, ReadOnlySpan<float> statistics)
    {
        Decay = decay;
        Values = values.ToArray();
        Statistics = statistics.ToArray();
    }

    /// <summary>Share of the average that is kept at each step, once warm.</summary>
    public double Decay { get; }

    /// <summary>The averaged weights.</summary>
    public float[] Values { get; }

    /// <summary>The averaged running statistics.</summary>
    public float[] Statistics { get; }

    /// <summary>The share that is kept at the update that comes after <paramref name="updates"/> others.</summary>
    public double DecayAt(long updates) => Math.Min(Decay, (1.0 + updates) / (10.0 + updates));

    /// <summary>Takes a step's values in.</summary>
    /// <param name="values">The weights.</param>
    /// <param name="statistics">The running statistics.</param>
    /// <param name="updates">Number of updates before this one.</param>
    public void Update(ReadOnlySpan<float> values, ReadOnlySpan<float> statistics, long updates)
    {
        float taken = (float)(1 - DecayAt(updates));
        Blend(Values, values, taken);
        Blend(Statistics, statistics, taken);
    }

    private static void Blend(Span<float> average, ReadOnlySpan<float> values, float taken)
    {
        int i = 0;
        for (; i <= average.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var old = new Vector<float>(average[i..]);
            (old + ((new Vector<float>(values[i..]) - old) * taken)).CopyTo(average[i..]);
        }

        for (; i < average.Length; i++) average[i] += (values[i] - average[i]) * taken;
    }
}
