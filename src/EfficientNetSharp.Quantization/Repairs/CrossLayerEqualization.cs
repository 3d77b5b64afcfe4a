using System.Collections.Immutable;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Quantization.Repairs;

/// <summary>
/// Brings the channels of layers to like ranges, so that one scale fits them all (Nagel et al. 2019, section 4.1): factors between layers
/// that write a value and layers that read it, s = √(r₁/r₂), the former divided by them and the latter multiplied, until nothing changes.
/// </summary>
/// <remarks>
/// Only where the network computes the same afterwards, but for float rounding: through ReLU and PReLU, sums, means, maximum pooling and the map of a
/// gate. SiLU, ReLU6 and their like are no such functions; the value between an expansion and a depthwise convolution with SiLU stays as it
/// is, and what is equalized in such networks are the sums between blocks.
/// </remarks>
public static class CrossLayerEqualization
{
    // Groups share layers, so one changes another's ranges; factors settle after few rounds.
    private const int MaxRounds = 40;

    private const double Settled = 1e-3;

    /// <summary>Equalizes a network.</summary>
    /// <param name="graph">A folded network.</param>
    /// <param name="weights">Its weights as floats; they are not changed.</param>
    /// <returns>The weights; the same ones where there is nothing to equalize.</returns>
    /// <exception cref="InvalidInputException">The network is quantized already.</exception>
    public static WeightSet Apply(Graph graph, WeightSet weights)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(weights);
        graph.EnsureFloat("Equalization");
        return Apply(ChannelGroup.Of(graph), weights, (_, _, factor) => factor);
    }

    /// <summary>Equalizes groups of channels.</summary>
    /// <param name="groups">The groups.</param>
    /// <param name="weights">Weights as floats; they are not changed.</param>
    /// <param name="limit">Gives the factor that a group's channel may have all in all, for the one that it would have.</param>
    internal static WeightSet Apply(
        ImmutableArray<ChannelGroup> groups, WeightSet weights, Func<ChannelGroup, int, double, double> limit)
    {
        if (groups.IsEmpty) return weights;
        double[][] totals = [.. groups.Select(group => Enumerable.Repeat(1.0, group.Channels).ToArray())];
        var tensors = new Dictionary<string, WeightTensor>(weights, StringComparer.Ordinal);
        foreach (var parameter in groups.SelectMany(group => group.Writers.Concat(group.Readers)).Distinct().SelectMany(node => node.Parameters))
            tensors[parameter.Name] = new WeightTensor(parameter.Shape, [.. weights[parameter].Values]);
        for (int round = 0; round < MaxRounds; round++)
        {
            double change = 0;
            for (int i = 0; i < groups.Length; i++) change = Math.Max(change, Equalize(groups[i], tensors, totals[i], limit));
            if (change < Settled) break;
        }

        return new WeightSet(tensors);
    }

    // How far the factors are from 1.
    private static double Equalize(
        ChannelGroup group, Dictionary<string, WeightTensor> tensors, double[] totals, Func<ChannelGroup, int, double, double> limit)
    {
        double[] written = new double[group.Channels], read = new double[group.Channels];
        foreach (var node in group.Writers) ForWeights(node, tensors, ofOutputs: true, (channel, weight) => written[channel] = Math.Max(written[channel], Math.Abs(weight)));
        foreach (var node in group.Readers) ForWeights(node, tensors, ofOutputs: false, (channel, weight) => read[channel] = Math.Max(read[channel], Math.Abs(weight)));
        double[] factors = new double[group.Channels];
        double change = 0;
        for (int channel = 0; channel < factors.Length; channel++)
        {
            // A channel that nothing writes or nobody reads has no range to share.
            double wanted = written[channel] > 0 && read[channel] > 0 ? Math.Sqrt(written[channel] / read[channel]) : 1;
            double total = limit(group, channel, totals[channel] * wanted);
            factors[channel] = total / totals[channel];
            totals[channel] = total;
            change = Math.Max(change, Math.Abs(Math.Log(factors[channel])));
        }

        foreach (var node in group.Writers)
        {
            ForWeights(node, tensors, ofOutputs: true, (channel, weight) => (float)(weight / factors[channel]));
            if (node.Parameters.Length < 2) continue;
            float[] bias = tensors[node.Parameters[1].Name].Values;
            for (int channel = 0; channel < bias.Length; channel++) bias[channel] = (float)(bias[channel] / factors[channel]);
        }

        foreach (var node in group.Readers) ForWeights(node, tensors, ofOutputs: false, (channel, weight) => (float)(weight * factors[channel]));
        return change;
    }

    private static void ForWeights(Node node, Dictionary<string, WeightTensor> tensors, bool ofOutputs, Action<int, float> look) =>
        ForWeights(node, tensors, ofOutputs, (channel, weight) =>
        {
            look(channel, weight);
            return weight;
        });

    // Kernels lie [out, in/groups, …]: a group's outputs see that group's inputs alone.
    private static void ForWeights(Node node, Dictionary<string, WeightTensor> tensors, bool ofOutputs, Func<int, float, float> change)
    {
        var kernel = tensors[node.Parameters[0].Name];
        int outputs = kernel.Shape[0], inputs = kernel.Shape[1], groups = (node.Operator as Convolution)?.Groups ?? 1;
        int taps = kernel.Values.Length / (outputs * inputs);
        for (int i = 0; i < kernel.Values.Length; i++)
        {
            int output = i / (inputs * taps), input = (output / (outputs / groups) * inputs) + (i / taps % inputs);
            kernel.Values[i] = change(ofOutputs ? output : input, kernel.Values[i]);
        }
    }
}
