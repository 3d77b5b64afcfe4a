using EfficientNetSharp.Models;

namespace EfficientNetSharp.Training.Transfer;

/// <summary>The straight line between two sets of weights of one network.</summary>
internal static class WeightLine
{
    /// <summary>Weights on it.</summary>
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
