using System.Collections.Immutable;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Inference;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Quantization.Repairs;

/// <summary>The lowest and the highest number that each channel of a value has on images.</summary>
/// <param name="Lowest">[C].</param>
/// <param name="Highest">[C].</param>
internal sealed record ChannelExtremes(float[] Lowest, float[] Highest)
{
    /// <summary>Those of some nodes, in their order.</summary>
    public static ImmutableArray<ChannelExtremes> Of(
        Graph graph, WeightSet weights, ImmutableArray<Node> nodes, IReadOnlyList<float[]> images, PlanOptions? options)
    {
        var part = graph.WithOutputs(nodes);
        using var runner = EngineRunner.Create(part, weights.For(part), options);
        Memory<float>[] values = [.. nodes.Select(node => new Memory<float>(new float[node.Shape.Count]))];
        ImmutableArray<ChannelExtremes> found = [.. nodes.Select(node => Nothing(node.Shape.Channels))];
        foreach (float[] image in images)
        {
            runner.RunAll(image, 1, values);
            for (int i = 0; i < nodes.Length; i++) found[i].Add(values[i].Span, (int)nodes[i].Shape.Positions);
        }

        return found;
    }

    private static ChannelExtremes Nothing(int channels)
    {
        float[] lowest = new float[channels], highest = new float[channels];
        Array.Fill(lowest, float.PositiveInfinity);
        Array.Fill(highest, float.NegativeInfinity);
        return new ChannelExtremes(lowest, highest);
    }

    private void Add(ReadOnlySpan<float> numbers, int positions)
    {
        for (int at = 0; at < numbers.Length; at++)
        {
            int channel = at / positions;
            Lowest[channel] = Math.Min(Lowest[channel], numbers[at]);
            Highest[channel] = Math.Max(Highest[channel], numbers[at]);
        }
    }
}
