using System.Collections.Immutable;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Inference;
using EfficientNetSharp.Models;
using EfficientNetSharp.Quantization.Calibration;

namespace EfficientNetSharp.Quantization.Repairs;

/// <summary>
/// Takes from channels before a ReLU what all of their values have, and gives it to the biases of the layers behind: large biases, which
/// equalization can make, widen a value's range for nothing (Nagel et al. 2019, section 4.1.3).
/// </summary>
/// <remarks>
/// r(x) = r(x − c) + c holds where x ≥ c; c is the channel's lowest value on the images, so on other images the network computes the same
/// but where a value is lower still. Only layers without zeros of padding can take it over, as those zeros would have to be c as well.
/// </remarks>
public static class HighBiasAbsorption
{
    /// <summary>Moves what can be moved.</summary>
    /// <param name="graph">A folded network.</param>
    /// <param name="weights">Its weights as floats; they are not changed.</param>
    /// <param name="images">Images [C,H,W], normalised, that show the lowest values.</param>
    /// <param name="options">How the engine runs it; <see langword="null"/> for the usual.</param>
    /// <returns>The weights; the same ones where there is nothing to move.</returns>
    /// <exception cref="InvalidInputException">The network is quantized already, or there is no image.</exception>
    public static WeightSet Apply(Graph graph, WeightSet weights, IReadOnlyList<float[]> images, PlanOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(images);
        graph.EnsureFloat("Absorption");
        if (images.Count == 0) throw new InvalidInputException("Absorption needs images, found none.");
        var places = PlacesOf(graph);
        if (places.Count == 0) return weights;
        var tensors = new Dictionary<string, WeightTensor>(weights, StringComparer.Ordinal);
        bool moves = false;
        foreach (var group in NetworkStatistics.GroupsOf(graph))
        {
            ImmutableArray<Node> writers = [.. group.Where(node => places.ContainsKey(node.Name))];
            if (writers.IsEmpty) continue;
            foreach (var (writer, found) in writers.Zip(ChannelExtremes.Of(graph, weights, writers, images, options)))
            {
                float[] moved = [.. found.Lowest.Select(value => Math.Max(value, 0))];
                if (moved.All(value => value == 0)) continue;
                moves = true;
                AddTo(tensors, writer.Parameters[1].Name, moved.Select(value => -value));
                foreach (var reader in places[writer.Name]) AddTo(tensors, reader.Parameters[1].Name, ShiftOf(reader, weights, moved));
            }
        }

        return moves ? new WeightSet(tensors) : weights;
    }

    // Layers with a bias before a ReLU that is all that takes them, and the layers that take the ReLU's value, which all can take over.
    private static Dictionary<string, ImmutableArray<Node>> PlacesOf(Graph graph)
    {
        var uses = graph.CountUses();
        var places = new Dictionary<string, ImmutableArray<Node>>(StringComparer.Ordinal);
        foreach (var relu in graph.Nodes.Where(node => node.Operator is Activation { Kind: ActivationKind.Relu }))
        {
            var writer = graph.Nodes[relu.Inputs[0]];
            Node[] readers = [.. graph.Nodes.Where(node => node.Inputs.Contains(relu.Index))];
            if (HasBias(writer) && uses[writer.Index] == 1 && readers.Length == uses[relu.Index] && readers.Length > 0
                && readers.All(reader => HasBias(reader) && !HasPadding(reader, relu.Shape)))
                places.Add(writer.Name, [.. readers]);
        }

        return places;

        static bool HasBias(Node node) => node.Operator is Convolution { HasBias: true } or Linear { HasBias: true };

        static bool HasPadding(Node node, TensorShape input) => node.Operator is Convolution convolution && convolution.PadsFor(input) != default;
    }

    // What a constant of each input channel adds to each output channel.
    private static IEnumerable<float> ShiftOf(Node reader, WeightSet weights, float[] moved)
    {
        var kernel = weights[reader.Parameters[0]];
        int outputs = kernel.Shape[0], inputs = kernel.Shape[1], groups = (reader.Operator as Convolution)?.Groups ?? 1;
        int taps = kernel.Values.Length / (outputs * inputs);
        for (int output = 0; output < outputs; output++)
        {
            int first = output / (outputs / groups) * inputs;
            double sum = 0;
            for (int i = 0; i < inputs * taps; i++) sum += (double)kernel.Values[(output * inputs * taps) + i] * moved[first + (i / taps)];
            yield return (float)sum;
        }
    }

    private static void AddTo(Dictionary<string, WeightTensor> tensors, string name, IEnumerable<float> shift) =>
        tensors[name] = new WeightTensor(tensors[name].Shape, [.. tensors[name].Values.Zip(shift, (value, by) => value + by)]);
}
