using System.Globalization;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Weights.Formats;
using EfficientNetSharp.Weights.NameMaps;

namespace EfficientNetSharp.Weights.Importing;

/// <summary>Finds which known networks a file's tensors are of, for files that do not say it and for messages about a wrong name.</summary>
internal static class FittingArchitectures
{
    /// <summary>The networks that fit wholly, by name, under the source whose names they have; semantics are the source's.</summary>
    public static IReadOnlyList<FittedBody> Find(SourceTensors tensors, IReadOnlyCollection<NameMap> sources)
    {
        var found = new SortedDictionary<string, FittedBody>(StringComparer.Ordinal);
        foreach (var architecture in ArchitectureRegistry.All)
        {
            foreach (var body in BodySearch.Find(tensors, architecture, sources))
            {
                if (body.IsWhole && body.Architecture.Name == architecture.Name && IsAll(body, tensors)) found.TryAdd(architecture.Name, body);
            }
        }

        return [.. found.Values];
    }

    /// <summary>For example <c>they fit resnet18 under torchvision's names</c>; empty where they fit nothing known.</summary>
    public static string Describe(SourceTensors tensors)
    {
        var found = Find(tensors, NameMapRegistry.All);
        return found.Count == 0 ? ""
            : $"they fit {string.Join(", ", found.Select(body => $"{body.Architecture.Name} under {body.Source.Name}'s names"))}";
    }

    /// <summary>The one network that a file's tensors are of.</summary>
    /// <exception cref="InvalidInputException">They are of none, or of several, such as twins that are padded differently.</exception>
    public static Architecture Only(WeightFile file, NameMap? source)
    {
        string path = file.Path;
        var found = Find(new SourceTensors(file.All), source is null ? NameMapRegistry.All : [source]);
        // Whole modules say their epsilon, which tells twins apart.
        if (file.Epsilon is { } epsilon && found.Any(body => body.HasEpsilon(epsilon))) found = [.. found.Where(body => body.HasEpsilon(epsilon))];
        if (found is [var only]) return ArchitectureRegistry.Get(only.Architecture.Name);
        if (found.Count == 0) throw new InvalidInputException(
            $"'{path}' does not say which network its weights are of, and they fit none that is known; add -a NAME ('effnet list' shows all).");
        string names = string.Join(", ", found.Select(body => string.Create(CultureInfo.InvariantCulture,
            $"{body.Architecture.Name} ({Words(body.Architecture.Padding)} padding, epsilon {body.Architecture.Normalization.Epsilon:0.#####})")));
        throw new InvalidInputException(
            $"'{path}' fits {found.Count} networks: {names}; the tensors do not say which it was trained as, so add -a NAME.");
    }

    private static string Words(PaddingStyle padding) => padding == PaddingStyle.Same ? "SAME" : "symmetric";

    // A network without squeeze-excite is a part of one with it, and a shallow one of a deep one; what is left over tells them apart.
    private static bool IsAll(FittedBody body, SourceTensors tensors)
    {
        var ends = NetworkEnds.Of(body.Architecture);
        return body.Map(body.Build(), tensors.Names).All(parameter =>
                ends.IsClassifier(parameter.Parameter.Name) || parameter.Parameter.Name == ends.FirstKernel || tensors.Has(parameter))
            && Leftovers.Of(tensors, body, [], alone: false).Surplus.IsEmpty;
    }
}
