using System.Collections.Immutable;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Architectures;

/// <summary>
/// The two ways in which one and the same table is run: PyTorch's (symmetric padding, epsilon 1e-5) and TensorFlow's (SAME
/// padding, epsilon 1e-3), which timm marks with <c>tf_</c>. Weights fit only the one that they were trained with.
/// </summary>
internal static class Semantics
{
    /// <summary>TensorFlow's twin of a network, under timm's name for it.</summary>
    public static Architecture TensorFlow(Architecture architecture) => architecture with
    {
        Name = $"tf_{architecture.Name}",
        Padding = PaddingStyle.Same,
        Normalization = Normalization.TensorFlow,
    };

    /// <summary>The networks, then their twins.</summary>
    public static ImmutableArray<Architecture> Both(IEnumerable<Architecture> architectures)
    {
        var all = architectures.ToList();
        return [.. all, .. all.Select(TensorFlow)];
    }
}
