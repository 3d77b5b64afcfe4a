using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Weights.NameMaps;

/// <summary>The twin of an architecture that a source means, under the registry's name for it where there is one.</summary>
internal static class SourceSemantics
{
    private const string Prefix = "tf_";

    /// <summary>Whether the name says TensorFlow's way.</summary>
    public static bool IsTensorFlow(Architecture architecture) => architecture.Name.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>The network padded and normalised as TensorFlow does.</summary>
    public static Architecture TensorFlow(Architecture architecture)
    {
        string name = IsTensorFlow(architecture) ? architecture.Name : Prefix + architecture.Name;
        name = TimmSpelling(name);
        return architecture with
        {
            Name = ArchitectureRegistry.Find(name)?.Name ?? architecture.Name,
            Padding = PaddingStyle.Same,
            Normalization = Normalization.TensorFlow,
        };
    }

    /// <summary>The network padded symmetrically and normalised with PyTorch's defaults.</summary>
    public static Architecture PyTorch(Architecture architecture)
    {
        var bare = WithoutPrefix(architecture);
        return bare with { Name = ArchitectureRegistry.Find(TimmSpelling(bare.Name))?.Name ?? bare.Name, Padding = PaddingStyle.Symmetric, Normalization = Normalization.PyTorch };
    }

    /// <summary>The network under its name without <c>tf_</c>.</summary>
    public static Architecture WithoutPrefix(Architecture architecture) => IsTensorFlow(architecture)
        ? architecture with { Name = ArchitectureRegistry.Find(architecture.Name[Prefix.Length..])?.Name ?? architecture.Name }
        : architecture;

    /// <summary>The network under torchvision's spelling where that has one of its own.</summary>
    public static Architecture Torchvision(Architecture architecture)
    {
        var bare = WithoutPrefix(architecture);
        string name = Spellings.FirstOrDefault(pair => pair.Timm == bare.Name).Torchvision ?? bare.Name;
        return bare with { Name = ArchitectureRegistry.Find(name)?.Name ?? bare.Name, Padding = PaddingStyle.Symmetric };
    }

    private static string TimmSpelling(string name)
    {
        bool tensorFlow = name.StartsWith(Prefix, StringComparison.Ordinal);
        string bare = tensorFlow ? name[Prefix.Length..] : name;
        string spelled = Spellings.FirstOrDefault(pair => pair.Torchvision == bare).Timm ?? bare;
        return tensorFlow ? Prefix + spelled : spelled;
    }

    // torchvision's networks with an epsilon of their own have names of their own in the registry.
    private static readonly (string Torchvision, string Timm)[] Spellings =
    [
        ("efficientnet_v2_s", "efficientnetv2_s"),
        ("efficientnet_v2_m", "efficientnetv2_m"),
        ("efficientnet_v2_l", "efficientnetv2_l"),
        ("mobilenet_v3_large", "mobilenetv3_large_100"),
        ("mobilenet_v3_small", "mobilenetv3_small_100"),
    ];
}
