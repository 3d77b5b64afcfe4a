using System.Collections.Immutable;

namespace EfficientNetSharp.Architectures;

/// <summary>All architectures that have a name.</summary>
public static class ArchitectureRegistry
{
    /// <summary>The architectures, in the order in which they are listed.</summary>
    public static ImmutableArray<Architecture> All { get; } =
    [
        .. EfficientNets.All, .. EfficientNetLites.All, .. EfficientNetEdgeTpus.All, .. EfficientNetCondConvs.All, .. EfficientNetV2s.All,
        .. MnasNets.All, .. MobileNets.All, .. MobileNetV3s.All, .. ResNets.All,
        .. SqueezeNets.All, .. ShuffleNets.All, .. NasNets.All, .. FaceNets.All,
    ];

    /// <summary>Other names that are in use for some of them: insightface's, torchvision's, timm's.</summary>
    public static ImmutableSortedDictionary<string, string> Aliases { get; } = new Dictionary<string, string>
    {
        ["mobilenetv2_100"] = "mobilenet_v2",
        ["mobilenet_v1"] = "mobilenetv1_100",
        ["mnasnet1_0"] = "mnasnet_100",
        ["mnasnet_b1"] = "mnasnet_100",
        ["mnasnet_a1"] = "semnasnet_100",
        ["efficientnet_edgetpu_s"] = "efficientnet_es",
        ["efficientnet_edgetpu_m"] = "efficientnet_em",
        ["efficientnet_edgetpu_l"] = "efficientnet_el",
        ["r18"] = "iresnet18",
        ["r34"] = "iresnet34",
        ["r50"] = "iresnet50",
        ["r100"] = "iresnet100",
        ["r200"] = "iresnet200",
        ["mbf"] = "mobilefacenet",
    }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    /// <summary>The architecture of the given name; case does not matter, and <c>-</c> stands for <c>_</c>.</summary>
    /// <exception cref="InvalidInputException">There is none; the message names the nearest.</exception>
    public static Architecture Get(string name) =>
        Find(name) ?? throw new InvalidInputException(
            $"There is no architecture '{name}'. The nearest names are {string.Join(", ", Nearest(name))}; 'effnet list' shows all.");

    /// <summary>The architecture of the given name, or <see langword="null"/>.</summary>
    public static Architecture? Find(string name)
    {
        string wanted = Normalize(name);
        if (Aliases.TryGetValue(wanted, out string? alias)) wanted = alias;
        return All.FirstOrDefault(architecture => architecture.Name == wanted);
    }

    private static IReadOnlyList<string> Nearest(string name) =>
        NearestNames.Of(Normalize(name), All.Select(architecture => architecture.Name).Concat(Aliases.Keys));

    private static string Normalize(string name) => name.Trim().Replace('-', '_').ToLowerInvariant();
}
