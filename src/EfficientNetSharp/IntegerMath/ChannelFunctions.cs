using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.IntegerMath;

/// <summary>The functions of one number that operators with a parameter per channel are: a parametric ReLU, a normalisation by itself.</summary>
public static class ChannelFunctions
{
    /// <summary>For each channel, its function.</summary>
    /// <param name="node">A node of a <see cref="PRelu"/> or a <see cref="BatchNormalization"/>.</param>
    /// <param name="weights">The network's weights.</param>
    /// <exception cref="ArgumentException">The node is another.</exception>
    public static Func<double, double>[] Of(Node node, WeightSet weights)
    {
        ArgumentNullException.ThrowIfNull(node);
        ArgumentNullException.ThrowIfNull(weights);
        switch (node.Operator)
        {
            case PRelu:
                return [.. weights[node.Parameters[0]].Values.Select<float, Func<double, double>>(slope => x => x >= 0 ? x : slope * x)];
            case BatchNormalization norm:
                var (scale, shift, mean, variance) = (weights[node.Parameters[0]].Values, weights[node.Parameters[1]].Values,
                    weights[node.Parameters[2]].Values, weights[node.Parameters[3]].Values);
                return [.. Enumerable.Range(0, norm.Channels).Select<int, Func<double, double>>(c =>
                {
                    double factor = scale[c] / Math.Sqrt(variance[c] + norm.Epsilon), offset = shift[c] - (mean[c] * factor);
                    return x => (factor * x) + offset;
                })];
            default:
                throw new ArgumentException($"{node.Operator.GetType().Name} is no function of a channel.", nameof(node));
        }
    }
}
