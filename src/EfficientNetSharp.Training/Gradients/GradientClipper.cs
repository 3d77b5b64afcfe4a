using EfficientNetSharp.Training.Optimizers;

namespace EfficientNetSharp.Training.Gradients;

/// <summary>How gradients are limited before a step; nothing is by default. Several limits apply in the order of the members.</summary>
public sealed record ClippingOptions
{
    /// <summary>Largest Euclidean length of all gradients together, as <c>torch.nn.utils.clip_grad_norm_</c>.</summary>
    public double? Norm { get; init; }

    /// <summary>Largest size of one gradient, as <c>torch.nn.utils.clip_grad_value_</c>.</summary>
    public double? Value { get; init; }

    /// <summary>
    /// Largest length of a unit's gradient as a share of its weights' length (adaptive clipping, Brock et al. 2021, §4; 0.01 there
    /// for large batches and timm's default). The classifier is left alone, as in the paper.
    /// </summary>
    public double? Adaptive { get; init; }
}

/// <summary>Applies <see cref="ClippingOptions"/>.</summary>
/// <param name="options">The limits.</param>
internal sealed class GradientClipper(ClippingOptions options)
{
    // Brock et al. 2021 and timm (adaptive_clip_grad): weights of zero would else never learn.
    private const double MinWeightNorm = 1e-3;

    // torch.nn.utils.clip_grad_norm_ and timm: keeps the quotient finite.
    private const double MinGradientNorm = 1e-6;

    /// <summary>Limits the gradients in place.</summary>
    /// <param name="gradients">The gradients.</param>
    /// <param name="values">The weights they are of.</param>
    /// <param name="units">A group for each tensor that adaptive clipping looks at, with its row length.</param>
    /// <param name="norm">The Euclidean length of the gradients that learn.</param>
    public void Apply(Span<float> gradients, ReadOnlySpan<float> values, ParameterGroups units, double norm)
    {
        ArgumentNullException.ThrowIfNull(units);
        if (options.Norm is { } max && norm > max) FlatVectors.Scale(gradients, (float)(max / (norm + MinGradientNorm)));
        if (options.Value is { } bound) FlatVectors.Clamp(gradients, (float)bound);
        if (options.Adaptive is not { } share) return;
        foreach (var tensor in units.Tensors)
        {
            int length = tensor.RowLength > 0 ? tensor.RowLength : tensor.Count;
            for (int start = tensor.Start; start < tensor.End; start += length)
                ClipUnit(gradients.Slice(start, length), values.Slice(start, length), share);
        }
    }

    private static void ClipUnit(Span<float> gradients, ReadOnlySpan<float> values, double share)
    {
        double max = share * Math.Max(FlatVectors.Norm(values), MinWeightNorm), norm = FlatVectors.Norm(gradients);
        if (norm > max) FlatVectors.Scale(gradients, (float)(max / Math.Max(norm, MinGradientNorm)));
    }
}
