using EfficientNetSharp.Architectures;
using EfficientNetSharp.Weights.NameMaps;

namespace EfficientNetSharp.Weights.Importing;

/// <summary>Finds which known networks a file's tensors are of, so that a message about the wrong name can give the right one.</summary>
internal static class FittingArchitectures
{
    /// <summary>For example <c>they fit resnet18 under torchvision's names</c>; empty where they fit nothing known.</summary>
    public static string Describe(SourceTensors tensors)
    {
        var found = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var architecture in ArchitectureRegistry.All)
        {
            foreach (var map in NameMapRegistry.All)
            {
                var adapted = map.Adapt(architecture);
                if (adapted.Name == architecture.Name && !found.ContainsKey(architecture.Name)
                    && Fits(map, adapted, tensors)) found.Add(architecture.Name, map.Name);
            }
        }

        return found.Count == 0 ? "" : $"they fit {string.Join(", ", found.Select(pair => $"{pair.Key} under {pair.Value}'s names"))}";
    }

    // All but the ends, whose channels and classes are the file's own.
    private static bool Fits(NameMap map, Architecture architecture, SourceTensors tensors)
    {
        var mapped = map.Map(architecture, architecture.Build(), tensors.Names);
        if (mapped.IsEmpty) return false;
        var ends = NetworkEnds.Of(architecture);
        bool fits = mapped.All(parameter =>
            ends.IsClassifier(parameter.Parameter.Name) || parameter.Parameter.Name == ends.FirstKernel || tensors.Has(parameter));
        if (!fits) return false;
        // A network without squeeze-excite is a part of one with it; what is left over tells them apart.
        var named = mapped.Select(parameter => parameter.SourceName).ToHashSet(StringComparer.Ordinal);
        return tensors.Names.All(name => named.Contains(name) || map.Ignores(name, tensors.Names));
    }
}
