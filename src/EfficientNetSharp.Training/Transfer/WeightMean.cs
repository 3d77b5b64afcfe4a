using EfficientNetSharp.Models;

namespace EfficientNetSharp.Training.Transfer;

/// <summary>Means of weights of one network.</summary>
internal static class WeightMean
{
    /// <summary>Averages tensor by tensor, in 64 bits.</summary>
    /// <param name="all">The weights, at least one, all with the same tensors.</param>
    public static WeightSet Of(IReadOnlyList<WeightSet> all) => new(all[0].Select(pair =>
    {
        float[][] values = [.. all.Select(weights => weights[pair.Key].Values)];
        float[] mean = new float[values[0].Length];
        for (int i = 0; i < mean.Length; i++)
        {
            double sum = 0;
            foreach (float[] one in values) sum += one[i];
            mean[i] = (float)(sum / values.Length);
        }

        return KeyValuePair.Create(pair.Key, new WeightTensor(pair.Value.Shape, mean));
    }));

    /// <summary>Weights on the straight line from some to others.</summary>
    /// <param name="from">Where the line begins.</param>
    /// <param name="to">Where it ends; the same tensors.</param>
    /// <param name="share">How much of the line is gone: 0 is its beginning, 1 its end, exactly.</param>
    public static WeightSet Between(WeightSet from, WeightSet to, double share) => share == 1 ? to : new(to.Select(pair =>
    {
        float[] first = from[pair.Key].Values, last = pair.Value.Values, values = new float[last.Length];
        for (int i = 0; i < values.Length; i++) values[i] = (float)(first[i] + (share * ((double)last[i] - first[i])));
        return KeyValuePair.Create(pair.Key, new WeightTensor(pair.Value.Shape, values));
    }));
}
