using System.Collections.Immutable;
using System.Globalization;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Quantization;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Onnx.Importing;

/// <summary>
/// What a file does to its input before the first layer: scale · x + shift for each channel. A model does that as preprocessing, so
/// that images are prepared once and training does not change it.
/// </summary>
/// <param name="Scale">The factor of each channel, positive.</param>
/// <param name="Shift">What is added.</param>
internal sealed record InputScaling(ImmutableArray<double> Scale, ImmutableArray<double> Shift)
{
    // Means of values from 0 to 1 are below 1; of values from 0 to 255 they are near the middle.
    private const double LargestUnitMean = 2;

    /// <summary>Whether the file takes values from 0 to 255 rather than from 0 to 1.</summary>
    public bool TakesBytes => Scale.Zip(Shift)
        .Any(pair => Math.Abs(pair.Second / pair.First) > LargestUnitMean || 1 / pair.First > LargestUnitMean);

    /// <summary>What is subtracted, for values scaled to 0…1.</summary>
    public ImmutableArray<float> Mean => [.. Scale.Zip(Shift).Select(pair => Rounded(-pair.Second / pair.First / Unit))];

    /// <summary>What it is divided by then.</summary>
    public ImmutableArray<float> Deviation => [.. Scale.Select(scale => Rounded(1 / scale / Unit))];

    private double Unit => TakesBytes ? 255 : 1;

    /// <summary>Takes the scaling off a graph.</summary>
    /// <param name="graph">The file's graph.</param>
    /// <param name="weights">Its weights.</param>
    /// <returns>The graph without it, and it; the same graph and none where the file has none.</returns>
    public static (Graph Graph, InputScaling? Scaling) Split(Graph graph, WeightSet weights)
    {
        var users = graph.Nodes.Where(node => node.Inputs.Contains(0)).ToList();
        // Only what the reader made of factors and sums: a normalisation of the network's own has an epsilon, and trains.
        if (users is not [{ Operator: BatchNormalization { Epsilon: 0 } } norm] || graph.Outputs.Contains(norm)) return (graph, null);
        // An image that is rounded before it is scaled has steps of its own, which a model's preprocessing has not.
        if (graph.Quantization?.Of(graph.Input) is not null) return (graph, null);
        var (scale, shift) = (weights[norm.Parameters[0]].Values, weights[norm.Parameters[1]].Values);
        if (!Array.TrueForAll(scale, value => value > 0 && float.IsFinite(value))
            || !Array.TrueForAll(shift, float.IsFinite)) return (graph, null);
        return (Without(graph, norm),
            new InputScaling([.. scale.Select(value => (double)value)], [.. shift.Select(value => (double)value)]));
    }

    /// <summary>The file's input for an input of the model: x with scale · x + shift = z, channels first.</summary>
    /// <param name="input">The model's [N,C,H,W].</param>
    /// <param name="shape">[C,H,W].</param>
    public float[] Undo(float[] input, TensorShape shape)
    {
        var raw = new float[input.Length];
        for (int i = 0; i < raw.Length; i++)
        {
            int channel = (int)(i / shape.Positions % shape.Channels);
            raw[i] = (float)((input[i] - Shift[channel]) / Scale[channel]);
        }

        return raw;
    }

    /// <summary>What became of it, for people.</summary>
    public string Describe() => string.Create(
        CultureInfo.InvariantCulture,
        $"The file scales its input itself, with values from 0 to {Unit:0}; the model's preprocessing does it now: mean {Join(Mean)}, deviation {Join(Deviation)}.");

    // Factor and shift are float32 in the file; six digits undo their rounding.
    private static float Rounded(double value) => (float)Math.Round(value, 6);

    private static string Join(ImmutableArray<float> values) =>
        string.Join(' ', values.Select(value => value.ToString("0.####", CultureInfo.InvariantCulture)));

    // What is rounded behind the scaling is what the model takes.
    private static QuantizationPlan? PlanWithout(Graph graph, Node left) =>
        graph.Quantization is not { } plan ? null : plan.Of(left) is not { } own ? plan
            : plan with { Values = plan.Values.Remove(left.Name).Add(graph.Input.Name, own) };

    private static Graph Without(Graph graph, Node left)
    {
        var builder = new GraphBuilder(graph.Input.Shape, graph.Input.Name);
        var nodes = new Node[graph.Nodes.Length];
        nodes[0] = nodes[left.Index] = builder.Last;
        foreach (var node in graph.Nodes.Skip(1).Where(node => node != left))
        {
            builder.Place = node.Place;
            nodes[node.Index] = builder.Append(node.Name, node.Operator, [.. node.Inputs.Select(input => nodes[input])]);
        }

        return builder.Build([.. graph.Outputs.Select(output => nodes[output.Index])]).WithQuantization(PlanWithout(graph, left));
    }
}
