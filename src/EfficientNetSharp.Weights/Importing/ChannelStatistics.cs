using System.Collections.Immutable;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Weights.Importing;

/// <summary>Fits a preprocessing's mean and standard deviation to another number of channels.</summary>
internal static class ChannelStatistics
{
    /// <summary>One channel gets the mean over the channels, more get them in turn.</summary>
    public static Preprocessing Fit(Preprocessing preprocessing, int channels) => preprocessing.Mean.Length == channels ? preprocessing
        : preprocessing with
    {
        Mean = Fit(preprocessing.Mean, channels),
        StandardDeviation = Fit(preprocessing.StandardDeviation, channels),
    };

    private static ImmutableArray<float> Fit(ImmutableArray<float> values, int channels) => channels == 1
        ? [values.Average()]
        : [.. Enumerable.Range(0, channels).Select(channel => values[channel % values.Length])];
}
