using System.Collections.Immutable;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Inference;
using EfficientNetSharp.Models;
using EfficientNetSharp.Quantization.Calibration;

namespace EfficientNetSharp.Quantization.Repairs;

/// <summary>
/// <see cref="CrossLayerEqualization"/> through functions that let factors through only nearly, so that the network computes a little
/// different numbers afterwards: whoever uses it compares, and keeps it only where it helps.
/// </summary>
/// <remarks>
/// s·ReLU6(x/s) is ReLU6(x) as long as neither reaches 6, so channels that do on the images are left alone and others are not brought there:
/// on images like these nothing changes. s·SiLU(x/s) = x·σ(x/s) is SiLU(x) far above and far below zero and, as x/2, next to it; between
/// them it is off by the more the further s is from 1, so factors are bounded. Hard swish is likewise.
/// </remarks>
public static class ApproximateEqualization
{
    // Where ReLU6 cuts off.
    private const float Six = 6;

    /// <summary>Equalizes a network.</summary>
    /// <param name="graph">A folded network.</param>
    /// <param name="weights">Its weights as floats; they are not changed.</param>
    /// <param name="images">Images [C,H,W], normalised, that show what channels reach.</param>
    /// <param name="bound">
    /// The largest factor and, inverted, the smallest of channels that go through SiLU or hard swish; 1 or more. 1 leaves them as they are.
    /// </param>
    /// <param name="options">How the engine runs it; <see langword="null"/> for the usual.</param>
    /// <returns>The weights; the same ones where there is no such function between layers.</returns>
    /// <exception cref="InvalidInputException">The network is quantized already, or there is no image.</exception>
    public static WeightSet Apply(
        Graph graph, WeightSet weights, IReadOnlyList<float[]> images, double bound, PlanOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(images);
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, 1);
        graph.EnsureFloat("Equalization");
        if (images.Count == 0) throw new InvalidInputException("Equalization through functions needs images, found none.");
        var groups = ChannelGroup.Of(graph, throughBends: true);
        if (groups.All(group => group.Bends.IsEmpty)) return weights;
        var reach = ReachOf(graph, weights, groups, images, options);
        return CrossLayerEqualization.Apply(groups, weights, (group, channel, factor) =>
        {
            double least = 0, most = double.PositiveInfinity;
            foreach (var bend in group.Bends)
            {
                if (bend.Operator is not Activation { Kind: ActivationKind.Relu6 })
                    (least, most) = (Math.Max(least, 1 / bound), Math.Min(most, bound));
                else if (reach[bend.Name][channel] is var highest && highest >= Six)
                    (least, most) = (1, 1);
                else
                    least = Math.Max(least, highest / Six);
            }

            return least > most ? 1 : Math.Clamp(factor, least, most);
        });
    }

    // The highest number of each channel of what ReLU6 takes.
    private static Dictionary<string, float[]> ReachOf(
        Graph graph, WeightSet weights, ImmutableArray<ChannelGroup> groups, IReadOnlyList<float[]> images, PlanOptions? options)
    {
        var reach = new Dictionary<string, float[]>(StringComparer.Ordinal);
        Node[] bends = [.. groups.SelectMany(group => group.Bends).Where(node => node.Operator is Activation { Kind: ActivationKind.Relu6 })];
        foreach (var group in NetworkStatistics.GroupsOf(graph))
        {
            var taken = group.Where(node => bends.Any(bend => bend.Inputs[0] == node.Index)).ToImmutableArray();
            if (taken.IsEmpty) continue;
            foreach (var (node, found) in taken.Zip(ChannelExtremes.Of(graph, weights, taken, images, options)))
            foreach (var bend in bends.Where(bend => bend.Inputs[0] == node.Index)) reach[bend.Name] = found.Highest;
        }

        return reach;
    }
}
