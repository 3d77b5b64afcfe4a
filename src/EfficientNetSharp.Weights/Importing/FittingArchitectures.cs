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
            foreach (var body in BodySearch.Find(tensors, architecture, NameMapRegistry.All))
            {
                if (body.IsWhole && body.Architecture.Name == architecture.Name && IsAll(body, tensors))
                    found.TryAdd(architecture.Name, body.Source.Name);
            }
        }

        return found.Count == 0 ? "" : $"they fit {string.Join(", ", found.Select(pair => $"{pair.Key} under {pair.Value}'s names"))}";
    }

    // A network without squeeze-excite is a part of one with it, and a shallow one of a deep one; what is left over tells them apart.
    private static bool IsAll(FittedBody body, SourceTensors tensors)
    {
        var ends = NetworkEnds.Of(body.Architecture);
        return body.Map(body.Architecture.Build(), tensors.Names).All(parameter =>
                ends.IsClassifier(parameter.Parameter.Name) || parameter.Parameter.Name == ends.FirstKernel || tensors.Has(parameter))
            && Leftovers.Of(tensors, body, [], alone: false).Surplus.IsEmpty;
    }
}
