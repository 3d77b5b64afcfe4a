using System.Collections.Immutable;

namespace EfficientNetSharp.Studies.Replacement;

/// <summary>The networks of a replacement study where none are named.</summary>
public static class ReplacementNetworks
{
    /// <summary>The product's: iResNet-50, which losses are counted from and which teaches, and iResNet-18.</summary>
    public static ImmutableArray<string> Products { get; } = ["iresnet50", "iresnet18"];

    /// <summary>B0–B3 with each head, Lite0 and EfficientNetV2-B0 with the cheapest that keeps places apart.</summary>
    public static ImmutableArray<string> Candidates { get; } =
    [
        .. from body in new[] { "efficientnet_b0", "efficientnet_b1", "efficientnet_b2", "efficientnet_b3" }
           from head in new[] { "flatten", "gdc", "pooled" }
           select $"{body}:head={head}",
        "efficientnet_lite0:head=gdc", "efficientnetv2_b0:head=gdc",
    ];

    /// <summary>Candidates for a few cores: B0 with each head, and EfficientNetV2-B0.</summary>
    public static ImmutableArray<string> FewCandidates { get; } =
        ["efficientnet_b0:head=flatten", "efficientnet_b0:head=gdc", "efficientnet_b0:head=pooled", "efficientnetv2_b0:head=gdc"];

    /// <summary>Products and candidates.</summary>
    public static ImmutableArray<string> Standard { get; } = [.. Products, .. Candidates];
}
