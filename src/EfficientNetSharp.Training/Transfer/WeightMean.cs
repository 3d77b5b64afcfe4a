using EfficientNetSharp.Models;

namespace EfficientNetSharp.Training.Transfer;

/// <summary>The mean of several weights of one network.</summary>
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
}
