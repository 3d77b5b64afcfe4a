using EfficientNetSharp.Models;

namespace EfficientNetSharp.Graphs.Transforms;

/// <summary>
/// Parameters of a batch normalisation that only adds a bias. Where a file has its normalisations folded into the convolutions before
/// them, these stand in their places, so that the network can still be trained.
/// </summary>
public static class IdentityNormalization
{
    /// <summary>γ = 1, β = bias, μ = 0, σ² = 1 − ε: (x − 0) / √(1 − ε + ε) · 1 + bias.</summary>
    /// <param name="node">The normalisation's node.</param>
    /// <param name="bias">What it adds, [channels].</param>
    /// <returns>Its four parameters by name.</returns>
    /// <exception cref="ArgumentException">The node is no normalisation.</exception>
    public static IEnumerable<KeyValuePair<string, WeightTensor>> Of(Node node, WeightTensor bias)
    {
        ArgumentNullException.ThrowIfNull(node);
        if (node.Operator is not BatchNormalization norm) throw new ArgumentException($"{node.Name} is no normalisation.", nameof(node));
        return
        [
            new($"{node.Name}.weight", Filled(norm, 1)),
            new($"{node.Name}.bias", bias),
            new($"{node.Name}.running_mean", Filled(norm, 0)),
            new($"{node.Name}.running_var", Filled(norm, (float)(1 - norm.Epsilon))),
        ];
    }

    private static WeightTensor Filled(BatchNormalization norm, float value)
    {
        var values = new float[norm.Channels];
        values.AsSpan().Fill(value);
        return new WeightTensor([norm.Channels], values);
    }
}
