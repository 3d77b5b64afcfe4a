using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Weights.NameMaps;

/// <summary>
/// The twin of an architecture that a source means: the same table with the source's padding and normalisation, under the registry's
/// name for that where there is one. How a network is run is read from its data, never from its name.
/// </summary>
internal static class SourceSemantics
{
    /// <summary>Whether the network is run as TensorFlow does.</summary>
    public static bool IsTensorFlow(Architecture architecture) => architecture.Padding == PaddingStyle.Same;

    /// <summary>The network padded and normalised as TensorFlow does.</summary>
    public static Architecture TensorFlow(Architecture architecture) => Twin(architecture, PaddingStyle.Same, Normalization.TensorFlow);

    /// <summary>The network padded symmetrically and normalised with PyTorch's defaults.</summary>
    public static Architecture PyTorch(Architecture architecture) => Twin(architecture, PaddingStyle.Symmetric, Normalization.PyTorch);

    /// <summary>
    /// The network padded symmetrically and normalised as torchvision does, which for some families is not PyTorch's default.
    /// </summary>
    public static Architecture Torchvision(Architecture architecture, Normalization normalization) =>
        Twin(architecture, PaddingStyle.Symmetric, normalization);

    private static Architecture Twin(Architecture architecture, PaddingStyle padding, Normalization normalization)
    {
        if (architecture.Padding == padding && architecture.Normalization == normalization) return architecture;
        var twin = architecture with { Padding = padding, Normalization = normalization };
        // torchvision runs some networks with an epsilon of its own under the usual name.
        var found = ArchitectureRegistry.All.FirstOrDefault(registered => IsSame(registered, twin))
            ?? ArchitectureRegistry.All.FirstOrDefault(
                registered => IsSame(registered, twin with { Normalization = registered.Normalization }));
        return found is null ? twin : twin with { Name = found.Name };
    }

    // What a recipe has of its own, rates of dropout, does not make another network.
    private static bool IsSame(Architecture a, Architecture b) => a.Stages.SequenceEqual(b.Stages) && a with
    {
        Name = b.Name, Stages = b.Stages, Dropout = b.Dropout, StochasticDepth = b.StochasticDepth,
    } == b;
}
