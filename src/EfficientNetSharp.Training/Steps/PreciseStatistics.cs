using EfficientNetSharp.Data.Loading;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Training.Torch;
using EfficientNetSharp.Training.Torch.Functions;
using TorchSharp;
using static TorchSharp.torch;

namespace EfficientNetSharp.Training.Steps;

/// <summary>
/// Running statistics measured over many batches with weights that stand still, in place of averages along the way (Wu and Johnson
/// 2021, §3, "PreciseBN"): mean of the batches' means, and by the law of total variance the mean of their variances plus the variance
/// of their means.
/// </summary>
internal static class PreciseStatistics
{
    /// <summary>Measures them.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="input">The batches' size.</param>
    /// <param name="batches">Images as the network is trained on; disposed here.</param>
    /// <returns>The weights with new statistics; the same where there is no batch.</returns>
    public static WeightSet Measure(Graph graph, WeightSet weights, Preprocessing input, IEnumerable<Batch> batches)
    {
        using var parameters = new FlatParameters(graph, weights);
        using var module = new GraphModule(graph, parameters, new ModuleOptions { MeasureStatistics = true });
        var first = new double[parameters.Statistics.numel()];
        var second = new double[first.Length];
        int count = 0;
        foreach (var batch in batches)
        {
            using (batch)
            {
                if (batch.Count < 2) continue;
                Run(module, batch, input);
                count++;
                Add(parameters, first, second);
            }
        }

        if (count == 0) return weights;
        var statistics = TensorMemory.SpanOf(parameters.Statistics);
        foreach (var (mean, variance, length) in Pairs(parameters))
        {
            for (int c = 0; c < length; c++)
            {
                double average = first[mean + c] / count;
                statistics[mean + c] = (float)average;
                statistics[variance + c] = (float)Math.Max(0, ((first[variance + c] + second[mean + c]) / count) - (average * average));
            }
        }

        return parameters.Export(TensorMemory.SpanOf(parameters.Values), statistics);
    }

    private static void Run(GraphModule module, Batch batch, Preprocessing input)
    {
        using var silent = no_grad();
        using var scope = NewDisposeScope();
        var images = empty(batch.Count, batch.ImageShape.Channels, input.Height, input.Width);
        batch.Images.Span.CopyTo(TensorMemory.SpanOf(images));
        module.Forward(images);
    }

    private static void Add(FlatParameters parameters, double[] first, double[] second)
    {
        var statistics = TensorMemory.SpanOf(parameters.Statistics);
        for (int i = 0; i < first.Length; i++)
        {
            first[i] += statistics[i];
            second[i] += (double)statistics[i] * statistics[i];
        }
    }

    // A normalisation's mean is followed by its variance (Operators.BatchNormalization).
    private static IEnumerable<(int Mean, int Variance, int Length)> Pairs(FlatParameters parameters)
    {
        var entries = parameters.StatisticEntries.ToList();
        for (int i = 0; i + 1 < entries.Count; i += 2)
            yield return ((int)entries[i].Offset, (int)entries[i + 1].Offset, (int)entries[i].Parameter.Count);
    }
}
