using System.Collections.Immutable;
using System.Globalization;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Weights.NameMaps;

namespace EfficientNetSharp.Weights.Importing;

/// <summary>
/// Looks for a network in a file: under each source's names, behind whatever stands before them (the names of dictionaries, wrappers and
/// modules around it), and with its outermost modules taken out into a Sequential.
/// </summary>
internal static class BodySearch
{
    // Where fewer of a network's tensors are found, the file is of something else and a list of what is missing would not help.
    private const double MinShare = 0.5;

    /// <summary>
    /// The places where the network is: all that have it whole, each under the source whose names fit best; where none has, the one place
    /// that has the most of it; none where the file is of something else.
    /// </summary>
    public static ImmutableArray<FittedBody> Find(SourceTensors tensors, Architecture architecture, IEnumerable<NameMap> sources)
    {
        var found = sources.SelectMany(source => In(tensors, source, architecture)).Where(body => body.Share > MinShare).ToList();
        // The most usual source comes first, so that of equal ones it is taken.
        ImmutableArray<FittedBody> whole = [.. found.Where(body => body.IsWhole).GroupBy(body => body.Prefix, StringComparer.Ordinal)
            .Select(place => place.MaxBy(body => body.Share)!)];
        return !whole.IsEmpty ? whole : found.MaxBy(body => body.Share) is { } best ? [best] : [];
    }

    private static IEnumerable<FittedBody> In(SourceTensors tensors, NameMap source, Architecture architecture)
    {
        var adapted = source.Adapt(architecture);
        var ends = NetworkEnds.Of(adapted);
        var mapped = source.Map(adapted, adapted.Build(), tensors.Names);
        var kernels = Kernels(mapped, ends);
        if (kernels.IsEmpty) return [];
        var body = new FittedBody(source, adapted);
        if (source is not TorchNameMap) return [Measure(tensors, body, kernels, ends)];
        var asNamed = Behind(tensors, body, kernels, ends);
        return asNamed.Exists(place => place.Share > MinShare) ? asNamed
            : TakenOut.Of(tensors, [.. mapped.Where(parameter => !ends.IsClassifier(parameter.Parameter.Name))])
                .Select(place => Measure(tensors, body with { Prefix = place.Prefix, Renamed = place.Renamed }, kernels, ends));
    }

    // A file may have its normalisations folded away.
    private static ImmutableArray<MappedParameter> Kernels(ImmutableArray<MappedParameter> mapped, NetworkEnds ends) =>
        [.. mapped.Where(parameter => parameter.Parameter.IsKernel && !ends.IsClassifier(parameter.Parameter.Name))];

    // At every prefix that one of three kernels has; one may be missing.
    private static List<FittedBody> Behind(SourceTensors tensors, FittedBody body, ImmutableArray<MappedParameter> kernels,
        NetworkEnds ends)
    {
        var anchors = new[] { kernels[0], kernels[kernels.Length / 2], kernels[^1] }.Select(kernel => kernel.SourceName).ToList();
        return [.. anchors.SelectMany(anchor => PrefixesOf(tensors, anchor)).Distinct(StringComparer.Ordinal)
            .Select(prefix => Measure(tensors, body with { Prefix = prefix }, kernels, ends))];
    }

    /// <summary>What stands before a name wherever the file has it.</summary>
    public static IEnumerable<string> PrefixesOf(SourceTensors tensors, string name) => tensors.InOrder
        .Where(found => found.EndsWith(name, StringComparison.Ordinal)).Select(found => found[..^name.Length]).Where(ModuleName.IsPrefix);

    private static FittedBody Measure(SourceTensors tensors, FittedBody body, ImmutableArray<MappedParameter> kernels, NetworkEnds ends)
    {
        var stated = StatedEmbedding.In(tensors, body);
        var placed = stated == body ? body.Place(kernels) : Kernels(stated.Map(stated.Build(), tensors.Names), ends);
        return stated with
        {
            Share = placed.Count(kernel => tensors.Names.Contains(kernel.SourceName)) / (double)placed.Length,
            IsWhole = placed.All(kernel => kernel.Parameter.Name == ends.FirstKernel
                ? tensors.Names.Contains(kernel.SourceName) : tensors.Has(kernel)),
        };
    }
}
