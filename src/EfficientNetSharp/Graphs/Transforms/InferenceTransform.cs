using System.Collections.Immutable;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Graphs.Transforms;

/// <summary>
/// Prepares a trained network for running: operators that act only in training are left out, and each batch normalisation is
/// folded into the convolution or linear layer before it, which the network computes the same without.
/// </summary>
public static class InferenceTransform
{
    /// <summary>Makes the network to run.</summary>
    /// <param name="graph">The network as trained.</param>
    /// <param name="weights">Its weights; they are not changed.</param>
    /// <param name="foldBatchNormalization">Whether batch normalisations are folded too.</param>
    /// <returns>A graph whose kept nodes have their old names, and its weights.</returns>
    public static (Graph Graph, WeightSet Weights) Apply(Graph graph, WeightSet weights, bool foldBatchNormalization = true)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(weights);
        var (uses, outputs) = (graph.CountUses(), graph.Outputs);
        var builder = new GraphBuilder(graph.Input.Shape, graph.Input.Name);
        var tensors = new Dictionary<string, WeightTensor>(StringComparer.Ordinal);
        var renewed = new Node[graph.Nodes.Length];
        renewed[0] = builder.Last;
        for (int i = 1; i < graph.Nodes.Length; i++)
        {
            var node = graph.Nodes[i];
            if (node.Operator.IsTrainingOnly)
            {
                // Where it and its input are results, the graph yields that value twice, which takes two nodes.
                var source = renewed[node.Inputs[0]];
                bool isYieldedTwice = outputs.Contains(node) && outputs.Any(output => output.Index < i && renewed[output.Index] == source);
                renewed[i] = isYieldedTwice ? builder.Append(node.Name, new Activation(ActivationKind.Identity), source) : source;
                continue;
            }

            builder.Place = node.Place;
            if (foldBatchNormalization && FoldableNorm(graph, uses, node) is { } norm)
            {
                var (op, kernel, bias) = Fold(node, norm, weights);
                renewed[i] = builder.Append(node.Name, op, Renewed(node));
                renewed[norm.Index] = renewed[i];
                tensors[$"{node.Name}.weight"] = kernel;
                tensors[$"{node.Name}.bias"] = bias;
                continue;
            }

            // A normalisation that was folded stands for its convolution already.
            if (renewed[i] is not null) continue;
            renewed[i] = builder.Append(node.Name, node.Operator, Renewed(node));
            foreach (var parameter in node.Parameters) tensors[parameter.Name] = weights[parameter];
        }

        return (builder.Build([.. graph.Outputs.Select(output => renewed[output.Index])]).WithQuantization(graph.Quantization),
            new WeightSet(tensors));

        Node[] Renewed(Node node) => [.. node.Inputs.Select(input => renewed[input])];
    }

    // The normalisation that alone takes this node's value, if the node is a layer that can absorb it.
    private static Node? FoldableNorm(Graph graph, ImmutableArray<int> uses, Node node)
    {
        if (node.Operator is not (Convolution or ConditionalConvolution or Linear) || uses[node.Index] != 1) return null;
        // Integers are what they are; a plan is made for a folded network, in which normalisations beside a rounding stay there.
        if (graph.Quantization is { } plan && (plan.OfKernel(node) is not null || plan.Of(node) is not null)) return null;
        var norm = graph.Nodes.FirstOrDefault(next => next.Operator is BatchNormalization && next.Inputs[0] == node.Index);
        return norm is not null && graph.Quantization?.Of(norm) is not null ? null : norm;
    }

    // y = γ·(Wx + b − μ)/√(σ² + ε) + β, so each output channel's kernel is scaled and its bias shifted; in double, as float32
    // would lose digits where the variance is small.
    private static (Operator Op, WeightTensor Kernel, WeightTensor Bias) Fold(Node node, Node norm, WeightSet weights)
    {
        var kernel = weights[$"{node.Name}.weight"];
        float[]? bias = weights.TryGetValue($"{node.Name}.bias", out var present) ? present.Values : null;
        float[] gamma = weights[$"{norm.Name}.weight"].Values, beta = weights[$"{norm.Name}.bias"].Values;
        float[] mean = weights[$"{norm.Name}.running_mean"].Values, variance = weights[$"{norm.Name}.running_var"].Values;
        double epsilon = ((BatchNormalization)norm.Operator).Epsilon;

        // A conditional convolution has as many kernels as experts, one behind the other; its bias is not mixed.
        int channels = gamma.Length, experts = (node.Operator as ConditionalConvolution)?.Experts ?? 1;
        int perChannel = kernel.Values.Length / experts / channels;
        var foldedKernel = new float[kernel.Values.Length];
        var foldedBias = new float[channels];
        for (int c = 0; c < channels; c++)
        {
            double scale = gamma[c] / Math.Sqrt(variance[c] + epsilon);
            for (int e = 0; e < experts; e++)
            {
                int first = ((e * channels) + c) * perChannel;
                for (int k = first; k < first + perChannel; k++) foldedKernel[k] = (float)(kernel.Values[k] * scale);
            }

            foldedBias[c] = (float)(beta[c] + (((bias?[c] ?? 0.0) - mean[c]) * scale));
        }

        Operator op = node.Operator switch
        {
            Convolution convolution => convolution with { HasBias = true },
            ConditionalConvolution conditional => conditional with { Shape = conditional.Shape with { HasBias = true } },
            Linear linear => linear with { HasBias = true },
            _ => throw new InvalidOperationException($"{node.Name} cannot absorb a normalisation."),
        };
        return (op, new WeightTensor(kernel.Shape, foldedKernel), new WeightTensor([channels], foldedBias));
    }
}
